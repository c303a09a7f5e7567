//! Copy-on-write seen at work: what writing a page costs, who pays, and what the probes saw.

use super::{View, look, unmeasured};
use crate::claim::significant;
use crate::question::creation::evidence::{Write, Writer};
use crate::question::creation::plan::writes as writes_of;
use crate::record::{Probe, Seen};
use crate::report::html::{escape, paragraph, table, text};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let creation = &view.creation;
    let tried = ["the parent's writes", "the child's writes"]
        .map(str::to_owned)
        .into_iter()
        .zip(writes_of());
    let missing = unmeasured::html(view, tried);
    writes(&creation.writes) + &missing + &probes(&creation.probes)
}

fn writes(writes: &[Write]) -> String {
    if writes.is_empty() {
        return String::new();
    }
    let alone = writes.iter().find(|write| write.who == Writer::Alone);
    let row = |write: &Write| {
        let over = alone.filter(|alone| alone.who != write.who && alone.ns_per_page.estimate > 0.0);
        let over = over.map_or("-".to_owned(), |alone| {
            format!("{}×", significant(write.ns_per_page.estimate / alone.ns_per_page.estimate))
        });
        let (who, why) = words(write.who);
        vec![
            who.to_owned(),
            escape(&look::time(Some(write.ns_per_page))),
            escape(&over),
            why.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = writes.iter().map(row).collect();
    let head = ["Who writes", "=Each page (95 % interval)", "#Over a page of its own", "Why"];
    paragraph("", &payer(writes)) + &table(&head, &rows)
}

fn words(who: Writer) -> (&'static str, &'static str) {
    match who {
        Writer::Alone => ("whoever shares it with nobody", "no fault"),
        Writer::ParentAfter => (
            "the parent, after the child has left",
            "one fault: the page is still marked read-only, but nobody else has it, so nothing is \
             copied",
        ),
        Writer::ParentMeanwhile => {
            ("the parent, while the child lives", "one fault and the copy of a page")
        }
        Writer::Child => ("the child", "one fault and the copy of a page"),
    }
}

/// Who pays, of what was measured.
fn payer(writes: &[Write]) -> String {
    let sound = || writes.iter().filter(|write| write.sound);
    let of = |who| sound().find(|write| write.who == who).map(|write| write.ns_per_page);
    let dearer = |who: Writer| Some(of(who)?.low > of(Writer::Alone)?.high);
    let both = [Writer::ParentMeanwhile, Writer::Child].map(dearer);
    let mut said = match both {
        [Some(true), Some(true)] => {
            "Whoever writes first pays for the copy, parent and child alike.".to_owned()
        }
        [None, None] => String::new(),
        _ => {
            "That the writer pays for the copy does not show for both parent and child.".to_owned()
        }
    };
    if let Some(true) = dearer(Writer::ParentAfter) {
        let space = if said.is_empty() { "" } else { " " };
        said.push_str(space);
        said.push_str(
            "Even when the child has left the parent pays a fault for each page that it writes \
             again: that bill is no part of the fork's time.",
        );
    }
    said
}

fn probes(probes: &[Probe]) -> String {
    if probes.is_empty() {
        return String::new();
    }
    let head = ["Statement", "Found", "Seen, least to most of all runs"];
    let rows: Vec<Vec<String>> = probes.iter().map(probe).collect();
    table(&head, &rows)
}

fn probe(probe: &Probe) -> Vec<String> {
    let runs = words::plural(probe.runs.len(), "run");
    let found = match (probe.agreed(), probe.runs.is_empty()) {
        (Some(true), _) => text("b", "", "so it is") + &escape(&format!(", in {runs}")),
        (Some(false), _) => text("b", "", "it is not so") + &escape(&format!(", in {runs}")),
        (None, false) => {
            let holds = probe.runs.iter().filter(|run| run.holds).count();
            text("b", "", "runs disagree") + &escape(&format!(": so in {holds} of {runs}"))
        }
        (None, true) => text("b", "", "not seen"),
    };
    let reason = probe.failure.as_ref().map_or(String::new(), |failure| {
        format!("<br>{}", text("span", "soft", &failure.to_string()))
    });
    vec![escape(&probe.statement), found + &reason, seen(probe)]
}

/// Every figure of a probe over its runs.
fn seen(probe: &Probe) -> String {
    let mut names: Vec<&Seen> = Vec::new();
    for seen in probe.runs.iter().flat_map(|run| &run.seen) {
        if !names.iter().any(|known| known.what == seen.what && known.unit == seen.unit) {
            names.push(seen);
        }
    }
    let figure = |named: &&Seen| {
        let all = probe.runs.iter().flat_map(|run| &run.seen);
        let same = all.filter(|seen| seen.what == named.what && seen.unit == named.unit);
        let span = match named.unit.as_str() {
            "bytes" => words::span(same.map(|seen| seen.figure), |size| words::bytes(size as u64)),
            _ => words::span(same.map(|seen| seen.figure), words::count)
                .map(|span| format!("{span} {}", named.unit)),
        };
        Some(escape(&format!("{}: {}", named.what, span?.replace(' ', "\u{a0}"))))
    };
    match names.is_empty() {
        true => "-".to_owned(),
        false => names.iter().filter_map(figure).collect::<Vec<_>>().join("<br>"),
    }
}
