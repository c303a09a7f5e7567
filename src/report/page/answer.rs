//! The top of the page: one sentence made from the record, the verdicts, the machine, the warnings.

use super::View;
use crate::claim::{Estimand, JudgedCell, Unit, stated};
use crate::plan::BIG_PARENT_MIB;
use crate::question::creation::plan::way;
use crate::question::switching::plan::ping_pong;
use crate::question::tlb::kept::Kept;
use crate::question::tlb::plan as tlb;
use crate::question::tlb::plan::Comparison;
use crate::record::Id;
use crate::report::html::{element, escape, list, paragraph, table, text};
use crate::report::words;

/// What may be said of a process that is created, in the order of the sentence: experiment and
/// condition.
fn creations() -> [(Id, String); 3] {
    [
        (way("fork", 0), "when a small parent forks it".to_owned()),
        (way("fork", BIG_PARENT_MIB), format!("when the parent holds {BIG_PARENT_MIB}\u{a0}MiB")),
        (
            way("fork-exec-dynamic", 0),
            "when a small parent forks it and it runs a dynamic program".to_owned(),
        ),
    ]
}

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    let mut top = text("h1", "", words::TITLE) + "\n";
    top.push_str(&paragraph("answer", &sentence(view)));
    if record.run.quick {
        top.push_str(&paragraph("quick", words::QUICK));
    }
    top.push_str(&paragraph("", &format!("{}.", words::verdict_count(view.judged))));
    top.push_str(&verdicts(view));
    top.push_str(&paragraph("", &record.machine.summary));
    if !record.machine.warnings.is_empty() {
        let count = words::plural(record.machine.warnings.len(), "warning");
        let items: Vec<String> = record.machine.warnings.iter().map(|w| escape(w)).collect();
        top.push_str(&element("div", "warnings", &(paragraph("", &count) + &list(&items))));
    }
    top.push_str(&paragraph("", &format!("{}.", words::trust(record, view.judged))));
    element("header", "", &format!("\n{top}")) + "\n"
}

/// One line per claim, each leading to its row below.
fn verdicts(view: &View) -> String {
    let rows: Vec<Vec<String>> = view
        .judged
        .claims
        .iter()
        .map(|judged| {
            let id = judged.claim.id;
            let verdict = words::verdict(judged.verdict, view.record);
            vec![
                format!("<a href=\"#{id}\">{id}</a>"),
                escape(judged.claim.sentence),
                escape(judged.claim.promise),
                format!("{} {}", text("b", "", &verdict), escape(&judged.sentence.text)),
            ]
        })
        .collect();
    table(&["", "Claim", "Textbook", "Verdict"], &rows)
}

/// The answer, of figures that passed every gate; a run without any says so.
fn sentence(view: &View) -> String {
    let parts: Vec<String> =
        [creation(view), switching(view), kept(view)].into_iter().flatten().collect();
    match parts.is_empty() {
        true => "This run holds no comparison of threads with processes that passed its controls."
            .to_owned(),
        false => format!("On this machine {}.", parts.join("; ")),
    }
}

fn creation(view: &View) -> Option<String> {
    let parts: Vec<(String, String)> = creations()
        .into_iter()
        .filter_map(|(experiment, condition)| {
            Some((comparison(view, &experiment, Estimand::Ratio)?, condition))
        })
        .collect();
    let ((ratio, condition), others) = parts.split_first()?;
    let mut part =
        format!("creating a process takes {ratio} as long as creating a thread {condition}");
    for (ratio, condition) in others {
        part.push_str(&format!(", {ratio} {condition}"));
    }
    Some(stated(&part, view.record))
}

/// Between two actors that differ in nothing but their clone flags; where that was not measured,
/// between two of the C library.
fn switching(view: &View) -> Option<String> {
    let ring = tlb::id(Comparison::Switch, 2, 0);
    let of = |experiment: &Id| comparison(view, experiment, Estimand::Ratio);
    let experiment = if of(&ring).is_some() { ring } else { ping_pong("futex") };
    let ratio = of(&experiment)?;
    let mut part =
        format!("a switch to another process takes {ratio} as long as one to another thread");
    if let Some(extra) = comparison(view, &experiment, Estimand::ExtraCycles) {
        part.push_str(&format!(", a difference of {extra}"));
    }
    Some(part)
}

/// How many address spaces lose nothing by a switch, where that is known.
fn kept(view: &View) -> Option<String> {
    Some(match &view.translation.kept {
        Kept::Exactly(1) => "every switch of address space empties the TLB".to_owned(),
        Kept::Exactly(number) => {
            format!("the TLB is kept for up to {number} address spaces on a core")
        }
        Kept::AtLeast(number) => {
            format!("the TLB is kept for at least {number} address spaces on a core")
        }
        Kept::Between(low, high) => format!(
            "the TLB is kept for at least {low} and fewer than {high} address spaces on a core"
        ),
        Kept::Unknown => return None,
    })
}

/// A compared figure that was let through by its gates, with its interval.
fn comparison(view: &View, experiment: &Id, estimand: Estimand) -> Option<String> {
    let cells = view.judged.claims.iter().flat_map(|claim| &claim.cells);
    let wanted = |c: &&JudgedCell| c.def.id() == *experiment && c.def.estimand == estimand;
    let cell = cells.filter(wanted).find(|cell| words::compared(cell))?;
    let unit: Unit = estimand.unit();
    // A figure stays with its interval: no line break between them.
    Some(unit.format_interval(cell.figure?).replace(' ', "\u{a0}"))
}
