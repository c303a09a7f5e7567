//! The second page: everything that a record holds, for who checks the first one.
//!
//! A table for each kind of row, closed, with a count. Nothing is interpreted here: what a row
//! means for a claim, and what it looks like, is on the first page.

mod compare;
mod count;
mod memory;
mod run;
mod serve;

use super::face::{Detail, View};
use super::page::document;
use super::table::Table;
use super::words;
use crate::claim::{Unit, grouped};
use crate::record::Arm;
use crate::stats::Interval;
use crate::text::one_line;
use maud::{Markup, html};

/// A table with what is to be said above it.
struct Part {
    id: &'static str,
    note: Markup,
    table: Table,
}

impl From<Detail> for Part {
    fn from(Detail { id, note, table }: Detail) -> Self {
        let note = html! { @if !note.is_empty() { p.note { (note) } } };
        Part { id, note, table }
    }
}

impl Part {
    /// Rows of one kind under their headings, which stand between bars.
    fn new(id: &'static str, title: &str, head: &str, rows: Vec<Vec<String>>) -> Self {
        let head = head.split(" | ").map(str::to_owned).collect();
        Part { id, note: html! {}, table: Table { caption: title.to_owned(), head, rows } }
    }

    /// The same with a remark.
    fn noted(self, words: &str) -> Self {
        Part { note: html! { p.note { (words) } }, ..self }
    }

    /// Closed, with the number of rows. What is linked to lies inside, so that a link opens it.
    fn html(&self) -> Markup {
        html! {
            details {
                summary { (self.table.caption) " (" (self.table.rows.len()) ")" }
                div id=(self.id) { (self.note) (self.table.html()) }
            }
            "\n"
        }
    }
}

/// The page of details of a run and of what was judged of it. The same record gives the same bytes.
#[must_use]
pub(crate) fn html(view: View, handed: Vec<Detail>) -> String {
    let View { record, judged, files } = view;
    let parts = [
        run::parts(record),
        compare::parts(record, judged),
        count::parts(record),
        memory::parts(record),
        serve::parts(record),
        handed.into_iter().map(Part::from).collect(),
    ];
    let parts: Vec<Part> = parts.into_iter().flatten().collect();
    let (held, empty): (Vec<&Part>, Vec<&Part>) =
        parts.iter().partition(|part| !part.table.rows.is_empty());
    let empty: Vec<&str> = empty.iter().map(|part| part.table.caption.as_str()).collect();
    let title = one_line(&format!("Details: {}", record.machine.slug));
    let main = html! {
        h1 { (title) }
        p { (one_line(&record.machine.summary)) }
        p {
            "Every row of the run, unabridged but for single samples, which are in "
            @if let Some(file) = files.record { a href=(file) { "the record" } }
            @else { "the record" }
            ". Intervals are 95 %. "
            a href=(files.page) { "Back to the report" }
        }
        "\n"
        @for part in held { (part.html()) }
        @if !empty.is_empty() {
            p.note { "Nothing in this run: " (empty.join(", ")) "." }
        }
    };
    document(&title, STYLE, main)
}

const STYLE: &str = include_str!("details/page.css");

/// Words for a value, or a dash where there is none.
fn or_dash<T>(value: Option<T>, words: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), words)
}

/// An interval of a unit, which is not broken into lines, or a dash.
fn interval(unit: Unit, figure: Option<Interval>) -> String {
    or_dash(figure, |figure| unit.format_interval(figure).replace(' ', "\u{a0}"))
}

/// One side of a comparison: what it does, and the conditions that differ from the plainest.
fn side(arm: &Arm) -> String {
    let mut words = vec![arm.primitive.clone()];
    words.extend(words::conditions(arm));
    words.join(", ")
}

/// The least to the most of whole numbers.
fn span(numbers: impl IntoIterator<Item = u64>, format: fn(f64) -> String) -> String {
    or_dash(words::span(numbers.into_iter().map(|number| number as f64), format), |words| words)
}

/// Bytes with a binary unit.
fn bytes(bytes: f64) -> String {
    Unit::Bytes.format(bytes)
}

/// A whole number, thousands told apart.
fn whole(number: u64) -> String {
    grouped(number.to_string())
}

/// The same of a number that is one.
fn counted(number: f64) -> String {
    whole(number.max(0.0) as u64)
}

/// Each item once, in the order of its first place, with how often it was met.
fn tally<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<(T, usize)> {
    let mut known: Vec<(T, usize)> = Vec::new();
    for item in items {
        match known.iter_mut().find(|(other, _)| *other == item) {
            Some((_, count)) => *count += 1,
            None => known.push((item, 1)),
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_threes_and_items_counted() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(whole), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(tally(["a", "b", "a"]), [("a", 2), ("b", 1)]);
        assert_eq!(tally::<u8>([]), []);
    }
}
