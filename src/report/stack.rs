//! Bars of stacked parts on one axis from nothing: what a total is made of.
//!
//! Drawn as [`chart`](super::chart) draws a claim's cells: places across are percentages, so that
//! the chart fits any width. A part is told by its number and its place in the order, not by its
//! tint alone. The total stands as a mark with its interval, wherever the parts end.

use super::chart::{label, row, svg, vertical};
use super::html::{element, escape};
use super::scale::Scale;
use crate::claim::Unit;
use crate::stats::{self, Interval};

/// Height of a row, pixels.
const ROW: u32 = 30;
/// Room of a character of a label, percent of a wide page's bar.
const CHARACTER: f64 = 1.3;
/// A bar is not drawn where its total is more than this many times that of the middle one: the
/// others would not be seen beside it.
const REACH: f64 = 8.0;
const KIB: f64 = 1024.0;

/// Stacked bars.
pub(super) struct Stacks<'a> {
    /// What it shows, for who cannot see it.
    pub(super) label: &'a str,
    /// What the axis is of.
    pub(super) axis: &'a str,
    /// Names of the parts, from the left.
    pub(super) parts: Vec<&'a str>,
    /// The bars, from above.
    pub(super) bars: Vec<Bar>,
}

/// One bar.
pub(super) struct Bar {
    /// What was measured.
    pub(super) label: String,
    /// The class that gives the hue of the total.
    pub(super) hue: &'static str,
    /// Bytes of each part, in the order of the names. One of less than nothing is not drawn.
    pub(super) parts: Vec<f64>,
    /// Bytes of the whole.
    pub(super) total: Interval,
}

impl Stacks<'_> {
    /// The chart as HTML.
    pub(super) fn html(&self) -> String {
        let reach = self.reach();
        let drawn = self.bars.iter().filter(|bar| bar.extent() <= reach);
        let longest = drawn.map(Bar::extent).fold(0.0, f64::max);
        let scale = Scale::fitting(false, &[0.0, longest / KIB]);
        let bar = |bar: &Bar| {
            let inner = match bar.extent() <= reach {
                true => self.bar(bar, &scale),
                false => label(scale.percent(0.0), 20, "start", "tick", "beyond the axis"),
            };
            let value = Unit::Bytes.format(bar.total.estimate);
            row(&bar.label, &svg(ROW, &inner), &value, "mark")
        };
        let bars: String = self.bars.iter().map(bar).collect();
        let axis = row(self.axis, &ticks(&scale), "", "axis");
        let inner = format!("{}{bars}{axis}", self.key());
        format!(
            "<div class=\"chart stacks\" role=\"img\" aria-label=\"{}\">\n{inner}</div>\n",
            escape(self.label)
        )
    }

    /// The names of the parts; nothing where all is one part.
    fn key(&self) -> String {
        if self.parts.len() < 2 {
            return String::new();
        }
        let key: String = self.parts.iter().enumerate().map(|(i, name)| sample(i, name)).collect();
        element("p", "legend", &key) + "\n"
    }

    /// The longest bar that is drawn may be this long.
    fn reach(&self) -> f64 {
        let extents: Vec<f64> = self.bars.iter().map(Bar::extent).collect();
        stats::median(&extents).map_or(0.0, |middle| middle * REACH)
    }

    fn bar(&self, bar: &Bar, scale: &Scale) -> String {
        let mut inner: String = scale
            .ticks()
            .iter()
            .map(|tick| vertical("grid", scale.percent(*tick), "0", "100%"))
            .collect();
        let mut from = 0.0;
        for (index, bytes) in bar.parts.iter().enumerate().filter(|(_, bytes)| **bytes > 0.0) {
            let to = from + bytes / KIB;
            let [left, right] = [from, to].map(|at| scale.percent(at));
            inner.push_str(&self.part(index, left, right - left));
            from = to;
        }
        inner + &total(bar, scale)
    }

    /// A part with its number, and its name where there is room.
    fn part(&self, index: usize, left: f64, width: f64) -> String {
        let (number, name) = (index + 1, self.parts.get(index).copied().unwrap_or_default());
        let rect = format!(
            "<rect class=\"part part-{number}\" x=\"{left:.2}%\" width=\"{width:.2}%\" y=\"4\" \
             height=\"22\"/>"
        );
        if width < 2.0 * CHARACTER || self.parts.len() < 2 {
            return rect;
        }
        let name = match width >= (name.chars().count() + 4) as f64 * CHARACTER {
            true => format!("<tspan class=\"part-name\"> {}</tspan>", escape(name)),
            false => String::new(),
        };
        let middle = left + width / 2.0;
        format!(
            "{rect}<text class=\"part-label\" x=\"{middle:.2}%\" y=\"19\" \
             text-anchor=\"middle\">{number}{name}</text>"
        )
    }
}

impl Bar {
    /// Where its parts or its total end, whichever is farther.
    fn extent(&self) -> f64 {
        self.parts.iter().filter(|bytes| **bytes > 0.0).sum::<f64>().max(self.total.high)
    }
}

fn total(bar: &Bar, scale: &Scale) -> String {
    let [low, at, high] =
        [bar.total.low, bar.total.estimate, bar.total.high].map(|v| scale.percent(v / KIB));
    format!(
        "<g class=\"{}\">{}<line class=\"whisker\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" y1=\"15\" \
         y2=\"15\"/></g>",
        bar.hue,
        vertical("whisker", at, "1", "29"),
    )
}

fn ticks(scale: &Scale) -> String {
    let rule = "<line class=\"rule\" x1=\"0\" x2=\"100%\" y1=\"0.5\" y2=\"0.5\"/>";
    let tick = |tick: &f64| {
        let x = scale.percent(*tick);
        vertical("rule", x, "0", "4") + &label(x, 17, "middle", "tick", &format!("{tick} KiB"))
    };
    svg(22, &(rule.to_owned() + &scale.ticks().iter().map(tick).collect::<String>()))
}

/// The tint of a part with its number and its name.
fn sample(index: usize, name: &str) -> String {
    let number = index + 1;
    let tint = format!(
        "<svg width=\"16\" height=\"12\"><rect class=\"part part-{number}\" width=\"16\" \
         height=\"12\"/></svg>"
    );
    element("span", "whole", &format!("{tint} {number} {}", escape(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(bytes: f64) -> Interval {
        Interval { estimate: bytes, low: bytes, high: bytes }
    }

    fn bar(parts: &[f64], total: f64) -> Bar {
        let parts = parts.iter().map(|kib| kib * KIB).collect();
        Bar { label: "a <bar>".into(), hue: "thread", parts, total: exactly(total * KIB) }
    }

    fn chart(bars: Vec<Bar>) -> String {
        let parts = vec!["stack", "pages", "other & rest"];
        Stacks { label: "a chart", axis: "memory", parts, bars }.html()
    }

    #[test]
    fn parts_follow_each_other_in_their_order_up_to_the_total() {
        let html = chart(vec![bar(&[40.0, 40.0, 20.0], 100.0)]);
        let scale = Scale::fitting(false, &[0.0, 100.0]);
        let place = |from: f64, to: f64| {
            let [left, right] = [from, to].map(|at| scale.percent(at));
            format!("x=\"{left:.2}%\" width=\"{:.2}%\" y=\"4\"", right - left)
        };
        for (number, from, to) in [(1, 0.0, 40.0), (2, 40.0, 80.0), (3, 80.0, 100.0)] {
            let rect = format!("<rect class=\"part part-{number}\" {}", place(from, to));
            assert!(html.contains(&rect), "{rect}\n{html}");
        }
        let total = vertical("whisker", scale.percent(100.0), "1", "29");
        assert!(html.contains(&total) && html.contains("a &lt;bar&gt;"), "{html}");
        // The third has no room for its name but in the key.
        assert!(html.contains(">1<tspan class=\"part-name\"> stack</tspan>"));
        assert_eq!(html.matches("other &amp; rest").count(), 1);
        assert!(html.contains(">3</text>") && html.contains(">100 KiB</span>"));
    }

    #[test]
    fn a_part_of_less_than_nothing_is_not_drawn_and_the_total_stands_within_the_parts() {
        let html = chart(vec![bar(&[40.0, 60.0, -10.0], 90.0)]);
        // Two parts, and three tints in the key.
        assert_eq!(html.matches("<rect").count(), 2 + 3);
        let scale = Scale::fitting(false, &[0.0, 100.0]);
        assert!(html.contains(&vertical("whisker", scale.percent(90.0), "1", "29")), "{html}");
    }

    #[test]
    fn what_would_dwarf_the_others_is_said_to_lie_beyond() {
        let bars =
            vec![bar(&[30.0], 30.0), bar(&[35.0], 35.0), bar(&[90.0], 90.0), bar(&[2e3], 2e3)];
        let html = chart(bars);
        assert_eq!(html.matches(">beyond the axis</text>").count(), 1);
        assert!(html.contains(">1.95 MiB</span>"), "{html}");
        assert_eq!(html.matches("<rect").count(), 3 + 3);
    }

    #[test]
    fn a_single_part_needs_no_number_and_no_key() {
        let (parts, bars) = (vec!["all"], vec![bar(&[40.0], 40.0)]);
        let html = Stacks { label: "a chart", axis: "memory", parts, bars }.html();
        assert_eq!(html.matches("<rect").count(), 1);
        assert!(!html.contains("part-label") && !html.contains("legend"), "{html}");
    }

    #[test]
    fn no_bars_are_an_empty_chart() {
        assert_eq!(chart(Vec::new()).matches("part-label").count(), 0);
    }
}
