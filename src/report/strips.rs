//! Rows of marks on one logarithmic axis: the same few figures of many things, to be compared.
//!
//! Drawn as [`chart`](super::chart) draws a claim's cells: each row is an SVG of its own whose
//! places across are percentages, so that the chart fits any width. Marks of one row stand below
//! each other, for two of them may have the same figure.

use super::chart::{label, row, svg, vertical};
use super::html::{element, escape};
use super::plot::{Look, mark, sample};
use super::scale::{Scale, named};
use crate::claim::Unit;
use crate::stats::Interval;

/// Between the marks of a row, pixels.
const APART: u32 = 9;

/// Rows of marks on one axis.
pub(super) struct Strips<'a> {
    /// What it shows, for who cannot see it.
    pub(super) label: &'a str,
    /// What the axis is of.
    pub(super) axis: &'a str,
    /// What the figures are in.
    pub(super) unit: Unit,
    /// What the marks of a row stand for, from above.
    pub(super) key: Vec<(Look, String)>,
    /// The rows, from above.
    pub(super) rows: Vec<Strip>,
}

/// One row.
pub(super) struct Strip {
    /// What was measured.
    pub(super) label: String,
    /// The class that gives the hue.
    pub(super) hue: &'static str,
    /// Its main figure, in short.
    pub(super) value: String,
    /// Its figures in the order of the key; none where there is none.
    pub(super) marks: Vec<Option<Interval>>,
}

impl Strips<'_> {
    /// The chart as HTML.
    pub(super) fn html(&self) -> String {
        let figures = self.rows.iter().flat_map(|strip| &strip.marks).flatten();
        let ends: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).collect();
        let scale = Scale::fitting(true, &ends);
        let rows: String = self.rows.iter().map(|strip| self.row(strip, &scale)).collect();
        let axis = row(self.axis, &self.ticks(&scale), "", "axis");
        let key: String = self.key.iter().map(|(look, name)| sample(*look, name)).collect();
        let inner = format!("{}\n{rows}{axis}", element("p", "legend", &key));
        format!(
            "<div class=\"chart strips\" role=\"img\" aria-label=\"{}\">\n{inner}</div>\n",
            escape(self.label)
        )
    }

    fn row(&self, strip: &Strip, scale: &Scale) -> String {
        let height = (strip.marks.len() as u32 + 1) * APART + 4;
        let mut inner: String = scale
            .ticks()
            .iter()
            .map(|tick| vertical("grid", scale.percent(*tick), "0", "100%"))
            .collect();
        let places = strip.marks.iter().zip(&self.key).enumerate();
        for (index, (figure, (look, _))) in places {
            let Some(figure) = figure else { continue };
            inner.push_str(&point(
                *look,
                strip.hue,
                *figure,
                scale,
                (index as u32 + 1) * APART + 2,
            ));
        }
        row(&strip.label, &svg(height, &inner), &strip.value, "mark")
    }

    fn ticks(&self, scale: &Scale) -> String {
        let rule = "<line class=\"rule\" x1=\"0\" x2=\"100%\" y1=\"0.5\" y2=\"0.5\"/>";
        let tick = |tick: &f64| {
            let x = scale.percent(*tick);
            vertical("rule", x, "0", "4")
                + &label(x, 17, "middle", "tick", &named(self.unit, *tick))
        };
        svg(22, &(rule.to_owned() + &scale.ticks().iter().map(tick).collect::<String>()))
    }
}

fn point(look: Look, hue: &str, figure: Interval, scale: &Scale, y: u32) -> String {
    let [low, at, high] = [figure.low, figure.estimate, figure.high].map(|v| scale.percent(v));
    let caps =
        [low, high].map(|x| vertical("whisker", x, &(y - 3).to_string(), &(y + 3).to_string()));
    format!(
        "<g class=\"{hue}\"><line class=\"whisker\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" y1=\"{y}\" \
         y2=\"{y}\"/>{}<svg x=\"{at:.2}%\" y=\"{y}\" width=\"1\" height=\"1\">{}</svg></g>",
        caps.concat(),
        mark(look),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plot::{Line, Shape};

    #[test]
    fn each_figure_is_a_mark_below_the_one_before_and_none_leaves_its_place_empty() {
        let look = |shape| Look { hue: "alone", shape, line: Line::None, filled: true };
        let at = |v: f64| Some(Interval { estimate: v, low: v * 0.9, high: v * 1.1 });
        let key = [Shape::Circle, Shape::Square, Shape::Diamond]
            .map(|shape| (look(shape), "a <key>".to_owned()));
        let strip = Strip {
            label: "fork & wait".into(),
            hue: "process",
            value: "100 µs".into(),
            marks: vec![at(1e4), None, at(1e5)],
        };
        let html = Strips {
            label: "a chart",
            axis: "time",
            unit: Unit::Nanoseconds,
            key: key.into(),
            rows: vec![strip],
        }
        .html();
        assert_eq!(html.matches("<g class=\"process\">").count(), 2);
        assert!(html.contains("y=\"11\" width") && html.contains("y=\"29\" width"), "{html}");
        assert!(!html.contains("y=\"20\" width"));
        assert!(html.contains("fork &amp; wait") && html.contains("a &lt;key&gt;"));
        assert!(html.contains(">10 µs</text>") && html.contains(">100 µs</text>"), "{html}");
    }
}
