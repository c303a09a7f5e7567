//! How many threads and processes fit, limit by limit: computed, not tried.

use crate::claim::Unit;
use crate::claim::memory::{Bound, Bounds, thousands};
use crate::report::html::{escape, list, paragraph, table, text};

pub(super) fn html(bounds: &[Bounds]) -> String {
    let known: Vec<&Bounds> = bounds.iter().filter(|bounds| !bounds.met.is_empty()).collect();
    let free: Vec<String> = bounds.iter().flat_map(unbound).collect();
    if known.is_empty() {
        return list(&free);
    }
    let head = ["Limit", "#Left of it", "#One takes", "#So many fit", "=Memory then in use", ""];
    let rows: Vec<Vec<String>> = known.into_iter().flat_map(rows).collect();
    paragraph("", WORDS) + &table(&head, &rows) + &list(&free)
}

const WORDS: &str = "Computed, not tried: what is left of each limit, over what one more takes of it. A thread takes \
                     one of each number and two mappings, its stack and the guard below; a process takes of the \
                     commit limit at most all the address space of its creator.";

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
        if first { text("b", "", "met first") } else { String::new() },
    ]
}

/// The limits that do not bind, each with the reason.
fn unbound(bounds: &Bounds) -> Vec<String> {
    let item = |(limit, why): &(String, String)| {
        escape(&format!("{limit} is not among the limits of {}: {why}", bounds.units))
    };
    bounds.free.iter().map(item).collect()
}
