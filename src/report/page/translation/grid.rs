//! The fuller grid of walks: a table to look things up in, where the run measured it.

use super::look;
use super::{View, folded};
use crate::claim::{Evidence, Unit, significant};
use crate::question::tlb::plan::{Comparison, Kind, ring};
use crate::record::{Arm, Order};
use crate::report::html::{escape, text};

pub(super) fn html(view: &View) -> String {
    let mut found: Vec<&Evidence> = view
        .judged
        .evidence
        .iter()
        .filter(|(id, _)| Comparison::Refill(Kind::Process).has(id))
        .map(|(_, evidence)| evidence)
        .collect();
    let varied = |arm: &Arm| arm.huge || arm.order == Order::Independent;
    if !view.record.run.full && !found.iter().any(|evidence| varied(&evidence.b.arm)) {
        return String::new();
    }
    found.sort_by_key(|evidence| place(&evidence.b.arm));
    let mut pages: Vec<u32> = found.iter().map(|evidence| evidence.b.arm.pages).collect();
    pages.sort_unstable();
    pages.dedup();
    let mut head = vec!["Actors".to_owned()];
    head.extend(pages.iter().map(|pages| format!("#{pages} pages")));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows = rows(view, &found, &pages);
    match rows.is_empty() {
        true => String::new(),
        false => folded(
            "Every walk of the full grid: core cycles per page, and \u{3c6} with its 95 % interval",
            &head,
            &rows,
        ),
    }
}

/// Rings of one kind and one way of walking stand together.
fn place(arm: &Arm) -> (Option<usize>, Order, bool, u32, u32) {
    let kind = look::KINDS.into_iter().position(|kind| is(arm, kind));
    (kind, arm.order, arm.huge, arm.actors, arm.pages)
}

fn is(arm: &Arm, kind: Kind) -> bool {
    ring(kind, 0, 0).primitive == arm.primitive
}

fn rows(view: &View, found: &[&Evidence], pages: &[u32]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut last = None;
    let groups = found.chunk_by(|a, b| {
        let [a, b] = [a, b].map(|evidence| place(&evidence.b.arm));
        (a.0, a.1, a.2, a.3) == (b.0, b.1, b.2, b.3)
    });
    for group in groups {
        let arm = &group[0].b.arm;
        let title = title(arm);
        if last.as_ref() != Some(&title) {
            rows.push(vec![escape(&title)]);
            last = Some(title);
        }
        let mut row = vec![arm.actors.to_string()];
        row.extend(pages.iter().map(|pages| {
            let at = group.iter().find(|evidence| evidence.b.arm.pages == *pages);
            at.map_or("-".to_owned(), |evidence| cell(view, evidence))
        }));
        rows.push(row);
    }
    rows
}

fn title(arm: &Arm) -> String {
    let kind = look::KINDS.into_iter().find(|kind| is(arm, *kind));
    let order = match arm.order {
        Order::Chase => "each line names the next",
        Order::Independent => "independent loads",
    };
    let size = if arm.huge { "huge pages" } else { "base pages" };
    let kind = kind.map_or_else(|| arm.primitive.clone(), |kind| look::name(kind).to_owned());
    format!("{kind}, {order}, {size}")
}

fn cell(view: &View, evidence: &Evidence) -> String {
    let cycles = view
        .record
        .cycles_per_tick()
        .zip(evidence.b.refill_ticks_per_page)
        .map_or("-".to_owned(), |(cycles, ticks)| significant(ticks.estimate * cycles));
    let fraction = evidence.refill_fraction;
    let fraction = fraction.map_or("-".to_owned(), |share| Unit::Share.format_interval(share));
    format!("{}<br>{}", escape(&cycles), text("span", "soft", &fraction))
}
