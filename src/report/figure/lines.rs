//! What changes with a number: lines of points with their intervals.

use super::axis::Axis;
use super::draw::{Drawing, interval};
use super::field::Field;
use super::{Figure, Look, Stroke, Table};
use crate::stats::Interval;

/// Lines over a common horizontal axis.
pub(crate) struct Lines {
    /// The finding.
    pub(crate) title: String,
    /// What there is to see, in words.
    pub(crate) description: String,
    /// The horizontal axis.
    pub(crate) x: Axis,
    /// The vertical axis.
    pub(crate) y: Axis,
    /// Ranges of the vertical axis that are shaded.
    pub(crate) bands: Vec<HorizontalBand>,
    /// Places on the horizontal axis where something changes.
    pub(crate) rules: Vec<VerticalRule>,
    /// What was measured.
    pub(crate) series: Vec<Series>,
}

/// A shaded range of values.
pub(crate) struct HorizontalBand {
    /// Its lower edge.
    pub(crate) low: f64,
    /// Its upper edge, which may be infinite.
    pub(crate) high: f64,
    /// What it is.
    pub(crate) label: String,
}

/// A line across all values.
pub(crate) struct VerticalRule {
    /// Where it stands.
    pub(crate) at: f64,
    /// What holds to the left of it; may be empty.
    pub(crate) left: String,
    /// What holds to the right of it; may be empty.
    pub(crate) right: String,
}

/// Points of one kind.
pub(crate) struct Series {
    /// What stands at the end of the line.
    pub(crate) label: String,
    /// Who it is.
    pub(crate) look: Look,
    /// Which variant of that.
    pub(crate) stroke: Stroke,
    /// The points, from the left.
    pub(crate) points: Vec<(f64, Interval)>,
    /// Places that the line does not cross: a step, or a point that was looked for and is missing.
    pub(crate) breaks: Vec<f64>,
}

/// Most points that a note names.
const NAMED: usize = 3;

impl Lines {
    /// Is the point inside both axes?
    pub(super) fn shows(&self, (x, y): (f64, Interval)) -> bool {
        self.x.reaches(x) && self.y.reaches(y.estimate)
    }

    /// The points beyond an axis, in words; empty where there are none.
    pub(super) fn beyond(&self) -> String {
        let points = |series: &Series| {
            let beyond = series.points.iter().filter(|point| !self.shows(**point));
            let words = |(x, y): &(f64, Interval)| {
                let [x, y] = [(self.x.format)(*x), (self.y.format)(y.estimate)];
                format!("{} at {x}: {y}", series.label)
            };
            beyond.map(words).collect::<Vec<_>>()
        };
        let all: Vec<String> = self.series.iter().flat_map(points).collect();
        let more = match all.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; {more} more in the table"),
        };
        let named = all[..all.len().min(NAMED)].join("; ");
        if all.is_empty() { named } else { format!("Not drawn: {named}{more}.") }
    }
}

impl Figure for Lines {
    fn title(&self) -> &str {
        &self.title
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn drawing(&self) -> Drawing {
        Field::of(self).drawing()
    }

    fn data(&self) -> Table {
        let points = self.series.iter().flat_map(|series| &series.points);
        let mut places: Vec<f64> = points.map(|(x, _)| *x).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let value = |series: &Series, place: f64| {
            let point = series.points.iter().find(|(x, _)| *x == place);
            point.map_or("–".to_owned(), |(_, y)| interval(*y, &self.y.format))
        };
        let row = |place: &f64| {
            let values = self.series.iter().map(|series| value(series, *place));
            [(self.x.format)(*place)].into_iter().chain(values).collect()
        };
        let names = self.series.iter().map(|series| series.label.clone());
        let caption = match self.y.label.as_str() {
            "" => self.title.clone(),
            label => format!("{}: {label}", self.title),
        };
        Table {
            caption,
            head: [self.x.label.clone()].into_iter().chain(names).collect(),
            rows: places.iter().map(row).collect(),
        }
    }
}
