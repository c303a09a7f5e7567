//! What a unit of each kind keeps, part by part.

use super::look;
use crate::question::memory::evidence::{Part, UnitMemory};
use crate::report::html::{paragraph, table};
use crate::report::stack::{Bar, Stacks};

pub(super) fn html(units: &[UnitMemory]) -> String {
    if units.is_empty() {
        return String::new();
    }
    let mut head = vec!["One (95 % interval)".to_owned(), "In use".to_owned()];
    head.extend(Part::ALL.map(|part| look::part(part).to_owned()));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> = units.iter().map(row).collect();
    chart(units) + &table(&head, &rows) + &paragraph("note", &note(units))
}

fn chart(units: &[UnitMemory]) -> String {
    let bar = |unit: &UnitMemory| Bar {
        label: look::name(unit),
        hue: look::hue(unit),
        parts: unit.parts.iter().map(|(_, bytes)| bytes.estimate).collect(),
        total: unit.total_bytes,
    };
    Stacks {
        label: "Chart: the memory that one idle unit of each kind keeps, as stacked parts; its \
                figures are in the table below",
        axis: "memory in use for one",
        parts: Part::ALL.map(look::part).into(),
        bars: units.iter().map(bar).collect(),
    }
    .html()
}

fn row(unit: &UnitMemory) -> Vec<String> {
    let parts = unit.parts.iter().map(|(_, part)| look::narrow(*part));
    [look::coloured(unit), look::narrow(unit.total_bytes)].into_iter().chain(parts).collect()
}

fn note(units: &[UnitMemory]) -> String {
    let mut note = String::from(
        "The mark is the total, read by itself; other is what it holds beyond the five parts.",
    );
    let negative = |unit: &&UnitMemory| {
        unit.parts.iter().any(|(part, bytes)| *part == Part::Other && bytes.high < 0.0)
    };
    if units.iter().any(|unit| negative(&unit)) {
        note.push_str(
            " Where other is less than nothing the parts sum up to more than the total: they are \
             of the whole machine, and not all that they count is charged to the group.",
        );
    }
    note
}
