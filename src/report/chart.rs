//! The chart of a claim: the promised band and, row by row, the measured intervals.
//!
//! Each row is an SVG of its own whose places are percentages, so that the chart fits any width
//! while its text keeps its size; colours come from the page's style sheet, so that it follows the
//! theme.

use super::html::{element, escape, text};
use super::scale::{Scale, named};
use crate::claim::{Band, Unit};
use crate::record::Actor;
use crate::stats::Interval;

/// Height of a row, pixels.
const ROW: u32 = 28;

/// A claim's chart.
pub(super) struct Chart<'a> {
    /// Unit of the axis: cycles lie on a linear one, for they may be negative, all else on a
    /// logarithmic one.
    pub(super) unit: Unit,
    /// What was promised.
    pub(super) band: Band,
    /// The promise in words.
    pub(super) promise: &'a str,
    /// The rows, from above.
    pub(super) rows: Vec<Row>,
}

/// One row.
pub(super) enum Row {
    /// What the marks that follow have in common, and what is to be said of all of them.
    Heading(String, String),
    /// A cell.
    Mark(Mark),
}

/// A cell.
pub(super) struct Mark {
    /// What was measured.
    pub(super) label: String,
    /// The figure, and the verdict in a word.
    pub(super) value: String,
    /// Where the mark and its whisker lie; none where there is no figure.
    pub(super) figure: Option<Interval>,
    /// Whose time it is; [`Actor::Alone`] for a comparison.
    pub(super) actor: Actor,
    /// Filled where the cell was decided.
    pub(super) filled: bool,
    /// What stands beside the figure and is not judged.
    pub(super) beside: Option<Interval>,
}

impl Chart<'_> {
    /// The chart as HTML.
    pub(super) fn html(&self) -> String {
        let scale = self.scale();
        let mut rows = row("", &self.promised(&scale), "", "top");
        for shown in &self.rows {
            rows.push_str(&match shown {
                Row::Heading(name, value) => {
                    row(name, &svg(ROW, &self.ground(&scale)), value, "heading")
                }
                Row::Mark(mark) => {
                    let inner = format!("{}{}", self.ground(&scale), self.mark(mark, &scale));
                    row(&mark.label, &svg(ROW, &inner), &mark.value, "mark")
                }
            });
        }
        rows.push_str(&row(self.axis_name(), &self.axis(&scale), "", "axis"));
        let label = format!("Chart: promised {}, measured intervals on one axis", self.promise);
        format!(
            "<div class=\"chart\" role=\"img\" aria-label=\"{}\">\n{rows}</div>\n",
            escape(&label)
        )
    }

    fn scale(&self) -> Scale {
        let mut values = vec![self.band.low, self.band.high];
        let marks = self.rows.iter().filter_map(|row| match row {
            Row::Mark(mark) => Some([mark.figure, mark.beside]),
            Row::Heading(..) => None,
        });
        values.extend(marks.flatten().flatten().flat_map(|i| [i.low, i.high]));
        values.extend(self.reference().map(|(figure, _)| figure));
        let logarithmic = [Unit::Nanoseconds, Unit::Times, Unit::Bytes].contains(&self.unit);
        Scale::fitting(logarithmic, &values)
    }

    /// A figure that means something by itself, and what.
    fn reference(&self) -> Option<(f64, &'static str)> {
        match self.unit {
            Unit::Times => Some((1.0, "no difference")),
            Unit::Cycles => Some((0.0, "no difference")),
            Unit::Share => Some((1.0, "a flush")),
            Unit::MissesPerPage
            | Unit::Nanoseconds
            | Unit::Bytes
            | Unit::BytesPerSecond
            | Unit::PerSecond => None,
        }
    }

    /// What lies behind every mark: the band, the lines of the ticks, the line of no difference.
    fn ground(&self, scale: &Scale) -> String {
        let [left, right] = [self.band.low, self.band.high].map(|edge| scale.percent(edge));
        let width = right - left;
        let mut ground = format!(
            "<rect class=\"band\" x=\"{left:.2}%\" width=\"{width:.2}%\" y=\"0\" height=\"100%\"/>"
        );
        for tick in scale.ticks() {
            ground.push_str(&vertical("grid", scale.percent(tick), "0", "100%"));
        }
        if let Some((same, _)) = self.reference() {
            ground.push_str(&vertical("same", scale.percent(same), "0", "100%"));
        }
        ground
    }

    fn mark(&self, mark: &Mark, scale: &Scale) -> String {
        let Some(figure) = mark.figure else { return String::new() };
        let middle = ROW / 2;
        let beside = mark.beside.map_or(String::new(), |beside| {
            let x = scale.percent(beside.estimate);
            format!("<circle class=\"beside\" cx=\"{x:.2}%\" cy=\"{middle}\" r=\"3\"/>")
        });
        let [low, at, high] = [figure.low, figure.estimate, figure.high].map(|v| scale.percent(v));
        let caps = [low, high]
            .map(|x| vertical("whisker", x, &(middle - 5).to_string(), &(middle + 5).to_string()));
        let fill = if mark.filled { "dot" } else { "dot hollow" };
        format!(
            "{beside}<g class=\"{}\"><line class=\"whisker\" x1=\"{low:.2}%\" x2=\"{high:.2}%\" \
             y1=\"{middle}\" y2=\"{middle}\"/>{}<circle class=\"{fill}\" cx=\"{at:.2}%\" \
             cy=\"{middle}\" r=\"4\"/></g>",
            super::html::hue(mark.actor),
            caps.concat(),
        )
    }

    /// The line above the rows: the name of the band over the band.
    fn promised(&self, scale: &Scale) -> String {
        let [left, right] = [self.band.low, self.band.high].map(|edge| scale.percent(edge));
        let middle = (left + right) / 2.0;
        let (x, anchor) = match middle {
            m if m < 20.0 => (left, "start"),
            m if m > 80.0 => (right, "end"),
            m => (m, "middle"),
        };
        let mut top = label(x, 13, anchor, "promise", &format!("promised {}", self.promise));
        let same = self.reference().map(|(same, name)| (scale.percent(same), name));
        // The two names share a line only where there is room for both.
        if let Some((same, name)) = same.filter(|(same, _)| *same < left - 28.0) {
            top.push_str(&label(same, 13, "start", "tick", name));
        }
        svg(18, &top)
    }

    fn axis_name(&self) -> &'static str {
        match self.unit {
            Unit::Nanoseconds => "time, logarithmic",
            Unit::Times => "ratio, logarithmic",
            Unit::Cycles => "core cycles",
            Unit::Share => "share of a flush",
            Unit::MissesPerPage => "misses per page",
            Unit::Bytes => "memory, logarithmic",
            Unit::BytesPerSecond => "throughput, logarithmic",
            Unit::PerSecond => "per second, logarithmic",
        }
    }

    fn axis(&self, scale: &Scale) -> String {
        let mut axis =
            String::from("<line class=\"rule\" x1=\"0\" x2=\"100%\" y1=\"0.5\" y2=\"0.5\"/>");
        for tick in scale.ticks() {
            let x = scale.percent(tick);
            axis.push_str(&vertical("rule", x, "0", "4"));
            axis.push_str(&label(x, 17, "middle", "tick", &named(self.unit, tick)));
        }
        svg(22, &axis)
    }
}

pub(super) fn row(label: &str, svg: &str, value: &str, class: &str) -> String {
    let body = format!("{}{svg}{}", text("span", "label", label), text("span", "value", value));
    element("div", class, &body) + "\n"
}

pub(super) fn svg(height: u32, inner: &str) -> String {
    format!("<svg width=\"100%\" height=\"{height}\" aria-hidden=\"true\">{inner}</svg>")
}

pub(super) fn vertical(class: &str, x: f64, from: &str, to: &str) -> String {
    format!("<line class=\"{class}\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{from}\" y2=\"{to}\"/>")
}

pub(super) fn label(x: f64, y: u32, anchor: &str, class: &str, words: &str) -> String {
    let words = escape(words);
    format!(
        "<text class=\"{class}\" x=\"{x:.2}%\" y=\"{y}\" text-anchor=\"{anchor}\">{words}</text>"
    )
}
