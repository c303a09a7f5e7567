//! Panels of points over a common horizontal axis, with intervals: what changes with a number.
//!
//! As in [`chart`](super::chart), places across are percentages and places down are pixels, so that
//! a plot fits any width while its text keeps its size. Every series has a hue, a shape and a dash
//! of its own: none of them has to be seen to tell it from the others. Its name stands at its end
//! where the page is wide enough, and in a line above the panels where it is not.

mod field;

use super::html::{element, escape, text};
use super::scale::Scale;
use crate::claim::Unit;
use crate::stats::Interval;
use field::{Field, label};

/// Least distance between two lines of text, pixels.
const LINE: f64 = 15.0;
/// Between the series that share a place on the horizontal axis, pixels.
const APART: f64 = 3.0;

/// Panels on top of each other, over one horizontal axis.
pub(super) struct Plot<'a> {
    /// What it shows, for who cannot see it.
    pub(super) label: &'a str,
    /// What the horizontal axis is of.
    pub(super) x_name: &'a str,
    /// The horizontal axis.
    pub(super) x: Scale,
    /// Where the horizontal axis has a label, and which.
    pub(super) x_ticks: Vec<(f64, String)>,
    /// Ranges of the horizontal axis that are shaded in all panels.
    pub(super) spans: Vec<[f64; 2]>,
    /// Lines through all panels, named in the first.
    pub(super) cliffs: Vec<(f64, String)>,
    /// The panels, from above.
    pub(super) panels: Vec<Panel>,
}

/// One panel.
pub(super) struct Panel {
    /// What its vertical axis is of.
    pub(super) y_name: String,
    /// Height of the field, pixels.
    pub(super) height: u32,
    /// The vertical axis.
    pub(super) y: Scale,
    /// Its unit.
    pub(super) unit: Unit,
    /// Where the vertical axis has a label.
    pub(super) y_ticks: Vec<f64>,
    /// A range that is shaded, and its name.
    pub(super) band: Option<([f64; 2], String)>,
    /// Values that mean something by themselves, and what.
    pub(super) levels: Vec<(f64, String)>,
    /// What was measured.
    pub(super) series: Vec<Series>,
}

/// Points of one kind.
#[derive(Clone)]
pub(super) struct Series {
    /// Its name at its end; not named where empty.
    pub(super) name: String,
    /// How it is told apart.
    pub(super) look: Look,
    /// The points, from the left. A point without a length has no whisker; where there is none,
    /// though it was looked for, the line between its neighbours is interrupted.
    pub(super) points: Vec<(f64, Option<Interval>)>,
    /// Where on the horizontal axis a mark is hollow though the look fills it: there is something
    /// to be said of it.
    pub(super) hollow: Vec<f64>,
}

/// How a series is told from others.
#[derive(Clone, Copy)]
pub(super) struct Look {
    /// The class that gives the hue.
    pub(super) hue: &'static str,
    /// Shape of its marks.
    pub(super) shape: Shape,
    /// The line between its marks.
    pub(super) line: Line,
    /// Its marks are filled.
    pub(super) filled: bool,
}

/// Shape of a mark.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Circle,
    Square,
    Diamond,
    Triangle,
    Cross,
}

/// The line between marks.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Line {
    Solid,
    Dashed,
    Dotted,
    /// None: the points have nothing between them, and several may share a place.
    None,
}

impl Plot<'_> {
    /// The plot as HTML.
    pub(super) fn html(&self) -> String {
        let panels: String =
            self.panels.iter().enumerate().map(|(i, panel)| self.panel(i == 0, panel)).collect();
        let inner = format!("{}{panels}{}", self.key(), self.axis());
        format!(
            "<div class=\"plot\" role=\"img\" aria-label=\"{}\">\n{inner}</div>\n",
            escape(self.label)
        )
    }

    /// The names of all series, each once, for a page without room at their ends.
    fn key(&self) -> String {
        let mut named: Vec<&Series> = Vec::new();
        for series in self.panels.iter().flat_map(|panel| &panel.series) {
            if !series.name.is_empty() && !named.iter().any(|known| known.name == series.name) {
                named.push(series);
            }
        }
        let entry = |series: &&Series| sample(series.look, &series.name);
        element("div", "key", &named.iter().map(entry).collect::<String>()) + "\n"
    }

    fn panel(&self, first: bool, panel: &Panel) -> String {
        // Each name of a cliff has a line of its own: two of them may be close.
        let above = if first { self.cliffs.len() as f64 * LINE + 4.0 } else { 4.0 };
        let field = Field { panel, x: &self.x, above };
        let mut svg = field.ground(&self.x_ticks, &self.spans);
        let lines = self.cliffs.iter().enumerate();
        svg.extend(lines.map(|(index, (at, _))| field.cliff(*at, if first { index } else { 0 })));
        // Names come after all lines: what they cross gives way to them.
        let named = self.cliffs.iter().enumerate().filter(|_| first);
        svg.extend(named.map(|(index, (at, words))| field.cliff_name(*at, index, words)));
        let count = panel.series.len() as f64;
        for (index, series) in panel.series.iter().enumerate() {
            svg.push_str(&field.series(series, (index as f64 - (count - 1.0) / 2.0) * APART));
        }
        svg.push_str(&field.names());
        let height = field.bottom() as u32 + 1;
        let svg =
            format!("<svg width=\"100%\" height=\"{height}\" aria-hidden=\"true\">{svg}</svg>");
        text("div", "axis-name", &panel.y_name) + &svg + "\n"
    }

    /// The horizontal axis, below the last panel.
    fn axis(&self) -> String {
        let ticks: String = self
            .x_ticks
            .iter()
            .map(|(tick, name)| {
                let x = self.x.percent(*tick);
                label(&format!("{x:.2}%"), 17.0, "middle", "tick", name)
            })
            .collect();
        let svg = format!("<svg width=\"100%\" height=\"22\" aria-hidden=\"true\">{ticks}</svg>");
        svg + &text("div", "axis-name across", self.x_name) + "\n"
    }
}

/// A mark with its line, and what it is the mark of.
pub(super) fn sample(look: Look, name: &str) -> String {
    let stroke = match look.line {
        Line::None => String::new(),
        _ => format!("<path class=\"joint\"{} d=\"M0 6h26\"/>", dash(look.line)),
    };
    let mark = format!("<g transform=\"translate(13 6)\">{}</g>", mark(look));
    let svg = format!("<svg width=\"26\" height=\"12\">{stroke}{mark}</svg>");
    element("span", &format!("whole {}", look.hue), &format!("{svg} {}", escape(name)))
}

/// Labels for places that are whole numbers of something.
pub(super) fn counted(places: impl IntoIterator<Item = f64>) -> Vec<(f64, String)> {
    places.into_iter().map(|place| (place, place.to_string())).collect()
}

/// A mark around the origin.
pub(super) fn mark(look: Look) -> String {
    let class = if look.filled { "dot" } else { "dot hollow" };
    let path = match look.shape {
        Shape::Circle => return format!("<circle class=\"{class}\" r=\"3.5\"/>"),
        Shape::Square => "M-3.2-3.2h6.4v6.4h-6.4z",
        Shape::Diamond => "M0-4.8L4.8 0 0 4.8-4.8 0z",
        Shape::Triangle => "M0-4.4L4.4 3.4H-4.4z",
        Shape::Cross => "M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6",
    };
    format!("<path class=\"{class}\" d=\"{path}\"/>")
}

fn dash(line: Line) -> &'static str {
    match line {
        Line::Solid | Line::None => "",
        Line::Dashed => " stroke-dasharray=\"7 4\"",
        Line::Dotted => " stroke-dasharray=\"2 3\"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(line: Line) -> Look {
        Look { hue: "process", shape: Shape::Circle, line, filled: true }
    }

    fn plot(series: Vec<Series>) -> String {
        let panel = Panel {
            y_name: "cycles <".to_owned(),
            height: 100,
            y: Scale::fitting(false, &[0.0, 100.0]),
            y_ticks: vec![0.0, 100.0],
            unit: Unit::Cycles,
            band: None,
            levels: Vec::new(),
            series,
        };
        let x = Scale::fitting(false, &[2.0, 4.0]);
        let cliffs = vec![(2.5, "beyond 2: kernel".to_owned())];
        let (label, x_name, x_ticks) = ("a", "K", counted([2.0, 3.0, 4.0]));
        Plot { label, x_name, x, x_ticks, spans: Vec::new(), cliffs, panels: vec![panel] }.html()
    }

    fn at(x: f64, y: f64, reach: f64) -> (f64, Option<Interval>) {
        (x, Some(Interval { estimate: y, low: y - reach, high: y + reach }))
    }

    #[test]
    fn points_are_joined_and_have_whiskers_where_they_have_a_length() {
        let points = vec![at(2.0, 10.0, 5.0), at(3.0, 50.0, 0.0), at(4.0, 60.0, 0.1)];
        let html = plot(vec![Series {
            name: "all".to_owned(),
            look: look(Line::Solid),
            points,
            hollow: Vec::new(),
        }]);
        assert_eq!(html.matches("class=\"joint\" x1").count(), 2);
        assert_eq!(html.matches("class=\"whisker\"").count(), 1);
        assert!(html.contains("cycles &lt;") && html.contains(">beyond 2: kernel</text>"));
    }

    #[test]
    fn a_range_of_the_horizontal_axis_is_shaded_in_every_panel() {
        let x = Scale::fitting(false, &[0.0, 100.0]);
        let (left, right) = (x.percent(25.0), x.percent(75.0));
        let panel = || Panel {
            y_name: String::new(),
            height: 50,
            y: Scale::fitting(false, &[0.0, 1.0]),
            y_ticks: Vec::new(),
            unit: Unit::Share,
            band: None,
            levels: Vec::new(),
            series: Vec::new(),
        };
        let (label, x_name, x_ticks) = ("a", "K", Vec::new());
        let (spans, panels) = (vec![[25.0, 75.0]], vec![panel(), panel()]);
        let html = Plot { label, x_name, x, x_ticks, spans, cliffs: Vec::new(), panels }.html();
        let rect = format!("x=\"{left:.2}%\" width=\"{:.2}%\" y=\"4.0\"", right - left);
        assert_eq!(html.matches(&rect).count(), 2, "{html}");
    }

    #[test]
    fn a_line_is_interrupted_where_there_is_no_figure() {
        let points = vec![at(2.0, 10.0, 0.0), (3.0, None), at(4.0, 60.0, 0.0)];
        let html = plot(vec![Series {
            name: "all".to_owned(),
            look: look(Line::Solid),
            points,
            hollow: Vec::new(),
        }]);
        assert_eq!(html.matches("class=\"joint\" x1").count(), 0);
        assert_eq!(html.matches("<circle").count(), 3, "two points, and one in the key");
    }

    #[test]
    fn points_that_share_a_place_stand_apart_and_are_not_joined() {
        let points = vec![at(2.0, 1.0, 0.0), at(2.0, 1.0, 0.0), at(3.0, 1.0, 0.0)];
        let html = plot(vec![Series {
            name: String::new(),
            look: look(Line::None),
            points,
            hollow: Vec::new(),
        }]);
        assert!(html.contains("translate(-3.5 0)") && html.contains("translate(3.5 0)"));
        assert!(!html.contains("class=\"joint\" x1"));
    }

    #[test]
    fn names_at_the_ends_do_not_overlap() {
        let series = |name: &str, y| Series {
            name: name.to_owned(),
            look: look(Line::Solid),
            points: vec![at(2.0, y, 0.0), at(4.0, y, 0.0)],
            hollow: Vec::new(),
        };
        let html = plot(vec![series("one", 0.0), series("two", 0.5), series("three", 0.0)]);
        let mut places: Vec<f64> = html
            .split("end-name")
            .skip(1)
            .map(|rest| rest.split(" y=\"").nth(1).unwrap().split('"').next().unwrap())
            .map(|y| y.parse().unwrap())
            .collect();
        places.sort_by(f64::total_cmp);
        assert_eq!(places.len(), 3);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 0.1), "{places:?}");
    }
}
