//! What a text says against what was measured: a band and an interval in each row, on one axis.

use super::axis::Axis;
use super::draw::{Drawing, MARK, interval, label, mark, path, piece, rect};
use super::letters::{LINE, TEXT, width};
use super::lines::VerticalRule;
use super::{Figure, Look, Table, WIDTH};
use crate::stats::Interval;
use maud::{Markup, html};

/// Rows of intervals.
pub(crate) struct Ranges {
    /// The finding.
    pub(crate) title: String,
    /// What there is to see, in words.
    pub(crate) description: String,
    /// What the rows are, in a word or two.
    pub(crate) subject: String,
    /// The axis of all rows.
    pub(crate) axis: Axis,
    /// What the bands are, such as "textbook".
    pub(crate) band: String,
    /// Values that mean something by themselves.
    pub(crate) rules: Vec<VerticalRule>,
    /// The rows, from above.
    pub(crate) rows: Vec<Range>,
}

/// An interval, and the band that it is held against.
pub(crate) struct Range {
    /// What was measured.
    pub(crate) label: String,
    /// Who it is.
    pub(crate) look: Look,
    /// The band; its edges may be infinite.
    pub(crate) band: Option<(f64, f64)>,
    /// What was measured.
    pub(crate) interval: Interval,
}

/// Height of what is drawn in a row.
const TRACK: f64 = 12.0;
/// Height of a row: its words, its track, and what is between rows.
const ROW: f64 = LINE + TRACK + 9.0;
/// Before and behind the axis.
const SIDE: f64 = 6.0;

impl Ranges {
    fn x(&self, value: f64) -> f64 {
        SIDE + (WIDTH - 2.0 * SIDE) * self.axis.clamped(value)
    }

    /// Height of what stands above the rows.
    fn head(&self) -> f64 {
        self.rules.len() as f64 * LINE + if self.named() { LINE + 8.0 } else { 0.0 }
    }

    /// Is there a band to name?
    fn named(&self) -> bool {
        !self.band.is_empty() && self.rows.iter().any(|row| row.band.is_some())
    }

    fn row(&self, row: &Range, top: f64) -> Markup {
        let figure = row.interval;
        let value = (self.axis.format)(figure.estimate);
        let middle = top + LINE + TRACK / 2.0 + 2.0;
        let [low, high] = [figure.low, figure.high].map(|end| self.x(end));
        let at = self.x(figure.estimate);
        // An arrow where the estimate lies beyond the axis: its value stands above it.
        let shape = match self.axis.place(figure.estimate) {
            place if place > 1.0 + 1e-9 => format!("M{at} {middle}l-7-4v8z"),
            place if place < -1e-9 => format!("M{at} {middle}l7-4v8z"),
            _ => mark(row.look, at, middle),
        };
        html! {
            (label(0.0, top + 11.0, "inside", &row.label))
            (label(WIDTH, top + 11.0, "strong inside end", &value))
            @if let Some((from, to)) = row.band {
                @let [from, to] = [from, to].map(|edge| self.x(edge));
                (rect("band", from, middle - TRACK / 2.0, (to - from).max(1.5), TRACK))
            }
            (path("grid", &piece((SIDE, middle), (WIDTH - SIDE, middle))))
            g class=(row.look.class()) {
                @if high - low > 2.0 * MARK {
                    (path("wide", &piece((low, middle), (high, middle))))
                }
                (path("mark", &shape))
            }
        }
    }

    fn rules(&self, bottom: f64) -> Markup {
        html! {
            @for (index, rule) in self.rules.iter().enumerate() {
                @let (x, y) = (self.x(rule.at), index as f64 * LINE + 12.0);
                (path("limit", &piece((x, bottom), (x, y - 10.0))))
                (label((x - 5.0 - width(&rule.left, TEXT)).max(0.0), y, "soft", &rule.left))
                (label((WIDTH - width(&rule.right, TEXT)).min(x + 5.0), y, "soft", &rule.right))
            }
        }
    }

    fn ticks(&self, bottom: f64) -> Markup {
        let place = |x: f64, name: &str| {
            let half = width(name, TEXT) / 2.0;
            x.clamp(half, WIDTH - half)
        };
        let lines: String = (self.axis.ticks.iter())
            .map(|(tick, _)| piece((self.x(*tick), bottom), (self.x(*tick), bottom + 4.0)))
            .collect();
        html! {
            (path("grid", &lines))
            @for (tick, name) in &self.axis.ticks {
                (label(place(self.x(*tick), name), bottom + LINE + 2.0, "soft middle", name))
            }
            (label(WIDTH / 2.0, bottom + 2.0 * LINE + 2.0, "soft middle", &self.axis.label))
        }
    }
}

impl Figure for Ranges {
    fn title(&self) -> &str {
        &self.title
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn drawing(&self) -> Drawing {
        let bottom = self.head() + self.rows.len() as f64 * ROW;
        let key = self.head() - LINE - 6.0;
        let marks = html! {
            (self.rules(bottom))
            @if self.named() {
                (rect("band", 0.0, key, 22.0, TRACK))
                (label(27.0, key + 10.0, "soft inside", &self.band))
            }
            @for (index, row) in self.rows.iter().enumerate() {
                (self.row(row, self.head() + index as f64 * ROW))
            }
            (self.ticks(bottom))
        };
        let named = if self.axis.label.is_empty() { 0.0 } else { LINE };
        Drawing { height: bottom + LINE + named + 7.0, marks }
    }

    fn data(&self) -> Table {
        let edge = |edge: f64| (self.axis.format)(edge);
        let band = |band: Option<(f64, f64)>| match band {
            None => "–".to_owned(),
            Some((low, high)) if high.is_infinite() => format!("≥ {}", edge(low)),
            Some((low, high)) if low <= 0.0 || low.is_infinite() => format!("≤ {}", edge(high)),
            Some((low, high)) => format!("{} to {}", edge(low), edge(high)),
        };
        let row = |row: &Range| {
            vec![row.label.clone(), band(row.band), interval(row.interval, &self.axis.format)]
        };
        Table {
            caption: self.title.clone(),
            head: [&self.subject, &self.band, "measured"].map(str::to_owned).to_vec(),
            rows: self.rows.iter().map(row).collect(),
        }
    }
}
