//! Things side by side: a bar for each, in one column or in several.

use super::axis::{Axis, Format, Scale};
use super::draw::{Drawing, MARK, interval, label, path, piece, px, rect};
use super::letters::{LINE, STRONG, TEXT, widest, width, wrap};
use super::{Figure, Look, Table, WIDTH};
use crate::stats::Interval;
use maud::{Markup, html};

/// Bars in rows and columns.
pub(crate) struct Bars {
    /// The finding.
    pub(crate) title: String,
    /// What there is to see, in words.
    pub(crate) description: String,
    /// What the rows are, in a word or two.
    pub(crate) subject: String,
    /// What is compared, each on a scale of its own.
    pub(crate) columns: Vec<Column>,
    /// What has it.
    pub(crate) rows: Vec<Row>,
}

/// A quantity.
pub(crate) struct Column {
    /// What it is.
    pub(crate) heading: String,
    /// Bars grow from 0, or by ratios from a power of ten.
    pub(crate) scale: Scale,
    /// Words for a value in tables.
    pub(crate) format: Format,
}

/// What has a value in each column.
pub(crate) struct Row {
    /// Its name.
    pub(crate) label: String,
    /// Who it is.
    pub(crate) look: Look,
    /// A cell for each column.
    pub(crate) cells: Vec<Cell>,
}

/// What stands in a column of a row.
pub(crate) enum Cell {
    /// A bar.
    Bar {
        /// Its length, with the interval of that.
        value: Interval,
        /// What stands behind it.
        text: String,
        /// The value is at least this: the bar has no end.
        open_end: bool,
    },
    /// Words alone.
    Text(String),
    /// Nothing, and why.
    Missing(String),
}

/// Thickness of a bar.
const THICK: f64 = 14.0;
/// Between columns.
const BETWEEN: f64 = 14.0;
/// Names of rows stand before their bars where they are no wider, and else above them.
const BEFORE: f64 = 150.0;
/// Wider headings are wrapped in columns without bars.
const HEADING: f64 = 72.0;

/// A column's place, and the axis of its bars.
struct Place {
    left: f64,
    width: f64,
    heading: Vec<String>,
    axis: Option<Axis>,
    /// What is left of the width for the longest bar.
    length: f64,
}

impl Bars {
    /// The cells of a column from above.
    fn cells(&self, column: usize) -> impl Iterator<Item = &Cell> {
        self.rows.iter().filter_map(move |row| row.cells.get(column))
    }

    /// Room for names of rows before the bars; none where they stand above.
    fn before(&self) -> f64 {
        let names = widest(self.rows.iter().map(|row| row.label.as_str()), STRONG);
        if self.columns.len() == 1 && names <= BEFORE { names + 8.0 } else { 0.0 }
    }

    /// Where each column stands: those of words take what they need, the others share the rest.
    fn places(&self) -> Vec<Place> {
        let words = |column: usize| widest(self.cells(column).map(Cell::words), TEXT);
        let bars = |column: usize| self.cells(column).any(|c| matches!(c, Cell::Bar { .. }));
        let narrow = |column: usize| {
            let heading = wrap(&self.columns[column].heading, HEADING, TEXT);
            widest(heading.iter().map(String::as_str), TEXT).max(words(column))
        };
        let count = self.columns.len();
        let taken: f64 = (0..count).filter(|column| !bars(*column)).map(narrow).sum();
        let shared = (0..count).filter(|column| bars(*column)).count().max(1) as f64;
        let gaps = count.saturating_sub(1) as f64 * BETWEEN;
        let wide = (WIDTH - self.before() - gaps - taken) / shared;
        let mut left = self.before();
        let place = |column: usize| {
            let barred = bars(column);
            let width = if barred { wide } else { narrow(column) };
            let heading = self.columns[column].heading.as_str();
            let heading = match self.columns[column].scale {
                Scale::Log if barred => format!("{heading} (log scale)"),
                _ => heading.to_owned(),
            };
            let place = Place {
                left,
                width,
                heading: wrap(&heading, width, TEXT),
                axis: barred.then(|| self.axis(column)),
                length: width - words(column) - 6.0,
            };
            left += width + BETWEEN;
            place
        };
        (0..count).map(place).collect()
    }

    /// The axis of a column's bars, from its base to the farthest end of an interval.
    fn axis(&self, column: usize) -> Axis {
        let ends = self.cells(column).flat_map(|cell| match cell {
            Cell::Bar { value, .. } => vec![value.estimate, value.high, value.low],
            _ => Vec::new(),
        });
        let ends: Vec<f64> = ends.filter(|end| end.is_finite()).collect();
        let to = ends.iter().copied().fold(0.0, f64::max);
        let (scale, none) = (self.columns[column].scale, |_: f64| String::new());
        let from = match scale {
            Scale::Linear => ends.iter().copied().fold(0.0, f64::min),
            Scale::Log => Axis::decades("", &ends, none, none).from.min(to / 10.0),
        };
        let to = if to > from { to } else { from + 1.0 };
        Axis { label: String::new(), scale, ticks: Vec::new(), from, to, format: Box::new(none) }
    }

    fn row(&self, row: &Row, places: &[Place], top: f64) -> Markup {
        let above = self.before() == 0.0;
        let bar = if above { top + LINE + 1.0 } else { top };
        html! {
            (label(0.0, top + 11.5, "strong", &row.label))
            g class=(row.look.class()) {
                @for (cell, place) in row.cells.iter().zip(places) { (cell.html(place, bar)) }
            }
        }
    }
}

impl Cell {
    /// What is written in the drawing.
    fn words(&self) -> &str {
        match self {
            Cell::Bar { text, .. } | Cell::Text(text) => text,
            Cell::Missing(_) => "not measured",
        }
    }

    fn html(&self, place: &Place, top: f64) -> Markup {
        let base = top + 11.5;
        match (self, &place.axis) {
            (Cell::Bar { value, text, open_end }, Some(axis)) => {
                let x = |value: f64| place.left + axis.clamped(value) * place.length;
                let [zero, end, low, high] = [0.0, value.estimate, value.low, value.high].map(x);
                let (from, long) = (zero.min(end), (end - zero).abs().max(1.0));
                let whisker = piece((low, top + THICK / 2.0), (high, top + THICK / 2.0));
                let wide = high - low > 2.0 * MARK && !open_end;
                let behind = if wide { high.max(end) } else { end } + 5.0;
                html! {
                    @if *open_end { (open(from, long, top)) }
                    @else { (rect("mark", from, top, long, THICK)) }
                    @if wide { (path("halo", &whisker)) (path("whisker", &whisker)) }
                    (label(behind, base, "soft", text))
                }
            }
            (Cell::Missing(reason), _) if width(reason, TEXT) <= place.width => {
                label(place.left, base, "soft", reason)
            }
            _ => label(place.left, base, "soft", self.words()),
        }
    }
}

/// A bar whose end is torn off.
fn open(left: f64, long: f64, top: f64) -> Markup {
    let tooth = THICK / 4.0;
    let d = format!(
        "M{} {}h{}l4 {tooth}l-4 {tooth}l4 {tooth}l-4 {tooth}h-{}z",
        px(left),
        px(top),
        px((long - 4.0).max(0.0)),
        px((long - 4.0).max(0.0))
    );
    path("mark", &d)
}

impl Figure for Bars {
    fn title(&self) -> &str {
        &self.title
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn drawing(&self) -> Drawing {
        let places = self.places();
        let lines = places.iter().map(|place| place.heading.len()).max().unwrap_or(0);
        let head = lines as f64 * LINE + 8.0;
        let each = if self.before() > 0.0 { THICK + 10.0 } else { LINE + THICK + 15.0 };
        let marks = html! {
            @for place in &places {
                @for (line, words) in place.heading.iter().enumerate() {
                    (label(place.left, 12.0 + line as f64 * LINE, "soft", words))
                }
            }
            @for (index, row) in self.rows.iter().enumerate() {
                (self.row(row, &places, head + index as f64 * each))
            }
        };
        Drawing { height: head + self.rows.len() as f64 * each, marks }
    }

    fn data(&self) -> Table {
        let words = |(cell, column): (&Cell, &Column)| match cell {
            Cell::Bar { value, open_end, .. } => {
                let least = if *open_end { "≥ " } else { "" };
                format!("{least}{}", interval(*value, &column.format))
            }
            Cell::Text(text) => text.clone(),
            Cell::Missing(reason) => format!("not measured: {reason}"),
        };
        let row = |row: &Row| {
            let cells = row.cells.iter().zip(&self.columns).map(words);
            [row.label.clone()].into_iter().chain(cells).collect()
        };
        let headings = self.columns.iter().map(|column| column.heading.clone());
        Table {
            caption: self.title.clone(),
            head: [self.subject.clone()].into_iter().chain(headings).collect(),
            rows: self.rows.iter().map(row).collect(),
        }
    }
}
