//! How many threads and processes fit, limit by limit: computed, not tried.

use crate::claim::Unit;
use crate::question::memory::evidence::{Bound, Bounds, thousands};
use crate::report::html::{escape, list, paragraph, table, text};

pub(super) fn html(bounds: &[Bounds]) -> String {
    let known: Vec<&Bounds> = bounds.iter().filter(|bounds| !bounds.met.is_empty()).collect();
    let free = unbound(bounds);
    if known.is_empty() {
        return list(&free);
    }
    let head = ["Limit", "#Left of it", "#One takes", "#So many fit", "=Memory then in use", ""];
    let rows: Vec<Vec<String>> = known.into_iter().flat_map(rows).collect();
    paragraph("", WORDS) + &table(&head, &rows) + &list(&free)
}

const WORDS: &str = "Computed, not tried: what is left of each limit, over what one more takes of \
                     it. A thread takes one of each number and two mappings, its stack and the \
                     guard below; a process takes of the commit limit at most all the address \
                     space of its creator.";

fn rows(bounds: &Bounds) -> Vec<Vec<String>> {
    let mut rows = vec![vec![escape(&format!("{} more", bounds.units))]];
    rows.extend(bounds.met.iter().enumerate().map(|(index, bound)| row(bound, index == 0)));
    rows
}

fn row(bound: &Bound, first: bool) -> Vec<String> {
    let amount = |number: f64| match bound.unit.as_str() {
        "bytes" => Unit::Bytes.format(number),
        _ => thousands(number),
    };
    vec![
        escape(&bound.limit),
        escape(&amount(bound.left)),
        escape(&amount(bound.takes)),
        thousands(bound.count),
        escape(&Unit::Bytes.format_interval(bound.in_use_bytes)),
        remark(bound, first),
    ]
}

/// That it is met first, and what is to be said of it.
fn remark(bound: &Bound, first: bool) -> String {
    let first = first.then(|| text("b", "", "met first"));
    let note = bound.note.as_ref().map(|note| escape(note));
    [first, note].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The limits that do not bind, each with the reason, and of what.
fn unbound(bounds: &[Bounds]) -> Vec<String> {
    let mut all: Vec<(&(String, String), Vec<&str>)> = Vec::new();
    for bounds in bounds {
        for free in &bounds.free {
            match all.iter_mut().find(|(known, _)| *known == free) {
                Some((_, units)) => units.push(bounds.units),
                None => all.push((free, vec![bounds.units])),
            }
        }
    }
    let item = |((limit, why), units): &(&(String, String), Vec<&str>)| {
        escape(&format!("{limit} does not bound {} here: {why}", units.join(" and ")))
    };
    all.iter().map(item).collect()
}
