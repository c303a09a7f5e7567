//! Bars over time, panel below panel on the same axes: what happened when, to several alike.
//!
//! As in [`plot`](super::plot), places across are percentages and places down are pixels. A bin in
//! which nothing happened has no bar, so a gap is seen as one.

use super::chart::{label, svg, vertical};
use super::html::{element, escape, text};
use super::scale::{Scale, named};
use crate::claim::Unit;

/// Height of a panel, pixels.
const PANEL: f64 = 64.0;
/// Room for the name of the moment above the first panel, pixels.
const NAME: f64 = 19.0;

/// Panels of bars.
pub(super) struct Bins<'a> {
    /// What it shows, for who cannot see it.
    pub(super) label: &'a str,
    /// What the vertical axes are of.
    pub(super) y_name: &'a str,
    /// What the horizontal axis is of.
    pub(super) x_name: &'a str,
    /// The unit of the vertical axes.
    pub(super) unit: Unit,
    /// A line through all panels, named above the first.
    pub(super) moment: (f64, &'a str),
    /// The panels, from above.
    pub(super) panels: Vec<Bars>,
}

/// One panel.
pub(super) struct Bars {
    /// Whose bars these are.
    pub(super) name: String,
    /// The class that gives the hue.
    pub(super) hue: &'static str,
    /// The middle of each bin on the horizontal axis, from the left and equally far from each
    /// other, and how much was in it.
    pub(super) bins: Vec<(f64, f64)>,
}

impl Bins<'_> {
    /// The panels as HTML.
    pub(super) fn html(&self) -> String {
        let ends = self.panels.iter().flat_map(Bars::ends);
        let x = Scale::fitting(false, &ends.chain([self.moment.0]).collect::<Vec<f64>>());
        let all = self.panels.iter().flat_map(|panel| &panel.bins);
        let most = all.map(|(_, amount)| *amount).fold(0.0, f64::max);
        let panels: String = self
            .panels
            .iter()
            .enumerate()
            .map(|(index, panel)| self.panel(panel, index == 0, &x, most))
            .collect();
        let inner = text("div", "axis-name", self.y_name) + "\n" + &panels + &self.axis(&x);
        format!(
            "<div class=\"plot bins\" role=\"img\" aria-label=\"{}\">\n{inner}</div>\n",
            escape(self.label)
        )
    }

    fn panel(&self, panel: &Bars, first: bool, x: &Scale, most: f64) -> String {
        let above = if first { NAME } else { 4.0 };
        let bottom = above + PANEL;
        let down = |amount: f64| bottom - amount / most.max(f64::MIN_POSITIVE) * PANEL;
        let mut inner = String::new();
        let round = Scale::fitting(false, &[0.0, most]).ticks();
        let top = round.into_iter().rfind(|tick| *tick <= most && *tick > 0.0);
        for tick in top.into_iter().chain([0.0]) {
            let (y, name) = (down(tick), named(self.unit, tick));
            inner.push_str(&format!(
                "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" x=\"-8\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                y + 4.0,
                escape(&name),
            ));
        }
        let half = panel.half_width();
        let bars = panel.bins.iter().filter(|(_, amount)| *amount > 0.0).map(|(at, amount)| {
            let [left, right] = [at - half, at + half].map(|end| x.percent(end));
            let (width, y) = (right - left, down(*amount));
            format!(
                "<rect x=\"{left:.2}%\" width=\"{width:.2}%\" y=\"{y:.1}\" height=\"{:.1}\"/>",
                bottom - y
            )
        });
        let bars: String = bars.collect();
        inner.push_str(&element("g", &format!("bar {}", panel.hue), &bars));
        let at = x.percent(self.moment.0);
        inner.push_str(&vertical("cliff", at, if first { "2" } else { "0" }, &bottom.to_string()));
        if first {
            inner.push_str(&format!(
                "<g transform=\"translate(5 0)\">{}</g>",
                label(at, 12, "start", "cliff-name", self.moment.1)
            ));
        }
        text("div", &format!("bar-name {}", panel.hue), &panel.name)
            + &svg(bottom as u32 + 1, &inner)
            + "\n"
    }

    fn axis(&self, x: &Scale) -> String {
        let tick = |tick: &f64| label(x.percent(*tick), 17, "middle", "tick", &tick.to_string());
        let ticks: String = x.ticks().iter().map(tick).collect();
        svg(22, &ticks) + &text("div", "axis-name across", self.x_name) + "\n"
    }
}

impl Bars {
    /// Half of a bin on the horizontal axis; nothing where there are no two to tell it from.
    fn half_width(&self) -> f64 {
        match self.bins.as_slice() {
            [first, second, ..] => (second.0 - first.0) / 2.0,
            _ => 0.0,
        }
    }

    fn ends(&self) -> impl Iterator<Item = f64> + use<> {
        let half = self.half_width();
        let first = self.bins.first().map(|(at, _)| at - half);
        first.into_iter().chain(self.bins.last().map(|(at, _)| at + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(name: &str, bins: &[(f64, f64)]) -> Bars {
        Bars { name: name.to_owned(), hue: "thread", bins: bins.to_vec() }
    }

    fn chart(panels: Vec<Bars>) -> String {
        Bins {
            label: "a chart",
            y_name: "answers <",
            x_name: "ms",
            unit: Unit::PerSecond,
            moment: (0.0, "the shot"),
            panels,
        }
        .html()
    }

    #[test]
    fn panels_share_their_axes_and_an_empty_bin_has_no_bar() {
        let few = [(-15.0, 50.0), (-5.0, 50.0), (5.0, 0.0), (15.0, 25.0)];
        let many = few.map(|(at, amount)| (at, 2.0 * amount));
        let html = chart(vec![bars("a & b", &few), bars("c", &many)]);
        assert_eq!(html.matches("<rect").count(), 6);
        let x = Scale::fitting(false, &[-20.0, 20.0]);
        let [left, right] = [-20.0, -10.0].map(|at| x.percent(at));
        // Half of the height of the panel in the first, all of it in the second.
        let bar = |y: &str, height: &str| {
            format!(
                "<rect x=\"{left:.2}%\" width=\"{:.2}%\" y=\"{y}\" height=\"{height}\"/>",
                right - left
            )
        };
        assert!(
            html.contains(&bar("51.0", "32.0")) && html.contains(&bar("4.0", "64.0")),
            "{html}"
        );
        assert_eq!(html.matches("class=\"cliff\"").count(), 2);
        assert_eq!(html.matches(">the shot</text>").count(), 1);
        assert!(html.contains("a &amp; b") && html.contains("answers &lt;"), "{html}");
        assert_eq!(html.matches(">100/s</text>").count(), 2);
    }

    #[test]
    fn nothing_and_a_single_bin_have_no_bars() {
        assert_eq!(chart(Vec::new()).matches("<rect").count(), 0);
        let html = chart(vec![bars("all", &[(0.0, 0.0), (1.0, 0.0)])]);
        assert!(!html.contains("<rect") && !html.contains("NaN"), "{html}");
    }
}
