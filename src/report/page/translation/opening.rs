//! The answer in plain words: how many address spaces are kept, by whom, and how sure that is.

use super::View;
use crate::question::tlb::evidence::{Cause, Miss, Scan, Step, Translation};
use crate::question::tlb::kept::Kept;
use crate::question::tlb::plan::{HEADLINE_PAGES, Kind};
use crate::question::tlb::share::{FLUSHED, HALF, flushed};
use crate::record::Coordinate;
use crate::report::html::{definitions, paragraph};
use crate::report::page::translation::look;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let translation = &view.translation;
    let sentences = [kept(view), slots(translation), cliff(translation), agreement(translation)];
    paragraph("lead", &sentences.join(" ")) + &expectations(view)
}

fn kept(view: &View) -> String {
    match view.translation.kept.to_words() {
        Some(number) => format!("A core keeps the translations of {number} at once."),
        None => {
            format!("How many address spaces a core keeps is not known: {}.", why_unknown(view))
        }
    }
}

/// What the claim about it says, whose cells decide it.
fn why_unknown(view: &View) -> String {
    let headline = Coordinate::Pages(HEADLINE_PAGES);
    let cells = view.judged.claims.iter().filter(|claim| claim.claim.id == "B4");
    let mut cells = cells
        .flat_map(|claim| &claim.cells)
        .filter(|cell| cell.def.id().point().contains(&headline) && cell.margin.is_none());
    match cells.next() {
        Some(cell) => cell.reason.trim_end_matches('.').to_owned(),
        None => "the figures lie between kept and flushed".to_owned(),
    }
}

fn slots(translation: &Translation) -> String {
    match &translation.slots {
        Err(reason) => format!(
            "For how many the kernel has identifiers is not known, as its tracepoint was not \
             counted: {}.",
            reason.trim_end_matches('.')
        ),
        Ok(Kept::Exactly(1)) => {
            "The kernel itself flushes at every switch, as its tracepoint shows.".to_owned()
        }
        Ok(Kept::Exactly(number)) => {
            // What the kernel flushes anyway cannot show what the processor would have kept.
            let hidden = match translation.kept == Kept::Exactly(*number) {
                true => " Whether the processor could keep more does not show.",
                false => "",
            };
            let from = number + 1;
            format!(
                "The kernel has identifiers for {number}: by its tracepoint it flushes from {from} \
                 on.{hidden}"
            )
        }
        Ok(Kept::AtLeast(number)) => format!(
            "The kernel has identifiers for {number} at least, the most that were tried: its \
             tracepoint shows no flush."
        ),
        Ok(Kept::Between(low, high)) => format!(
            "By its tracepoint the kernel has identifiers for at least {low} and for fewer than \
             {high}."
        ),
        Ok(Kept::Unknown) => "What its tracepoint counted does not tell for how many the kernel \
                              has identifiers."
            .to_owned(),
    }
}

fn cliff(translation: &Translation) -> String {
    let mut cliffs = translation.steps.iter().filter(|step| step.cliff);
    let Some(first) = cliffs.next() else {
        return match translation.steps.iter().any(|step| step.excess.is_some()) {
            true => "No cliff stands in the time of a switch.".to_owned(),
            false => "Steps in the time of a switch were not measured.".to_owned(),
        };
    };
    let mut words = format!("The first cliff stands {}: {}.", between(first), cause(first.cause));
    for next in cliffs {
        words.push_str(&format!(" Another stands {}: {}.", between(next), cause(next.cause)));
    }
    words
}

fn between(step: &Step) -> String {
    format!("between {} and {} address spaces", step.from, step.from + 1)
}

/// A cause in words.
pub(super) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "no cliff",
        Cause::Kernel => "the kernel begins to flush",
        Cause::Processor => {
            "the translations are lost though the kernel does not flush, so the processor keeps no \
             more"
        }
        Cause::LostTranslations => {
            "the translations are lost; without the tracepoint it is open who drops them"
        }
        Cause::Unexplained => "unexplained",
        Cause::Untold => "the evidence that would tell why is missing",
    }
}

/// Do refill time, tracepoint and misses say the same?
fn agreement(translation: &Translation) -> String {
    format!("{} {}", traced(translation), counted(translation))
}

/// Where the kernel flushes, the walk has to cost what it costs after a flush. The reverse need not
/// hold: the processor may keep fewer.
fn traced(translation: &Translation) -> String {
    let flushing = |scan: &&Scan| {
        !scan.flushed.is_empty() && scan.flushed.iter().all(|share| *share >= FLUSHED)
    };
    let refill = |actors| {
        look::find(&translation.refills, Kind::Process, actors, HEADLINE_PAGES)
            .map(|refill| (actors, refill.fraction))
    };
    let flushing = translation.scan.iter().filter(flushing);
    let both: Vec<_> = flushing.filter_map(|scan| refill(scan.actors)).collect();
    let at = |wanted: fn(Interval) -> bool| {
        let found = both.iter().filter(|(_, fraction)| wanted(*fraction));
        found.map(|(actors, _)| actors.to_string()).collect::<Vec<_>>().join(", ")
    };
    let against = at(|fraction| fraction.high < HALF);
    let with = at(|fraction| fraction.low > HALF);
    match (&translation.slots, against.is_empty(), with.is_empty()) {
        (Err(_), _, _) if translation.refills.is_empty() => {
            "No refill was timed in this run.".to_owned()
        }
        (Err(_), _, _) => "Refill time stands without the tracepoint beside it.".to_owned(),
        (_, false, _) => format!(
            "Refill time and tracepoint contradict each other at {against}: the kernel flushes at \
             every switch, and the pages come back fast."
        ),
        (_, _, false) => format!(
            "Refill time and tracepoint agree: where the kernel flushes at every switch (at \
             {with}), the pages cost what they cost after a flush."
        ),
        _ if translation.refills.is_empty() => {
            "The tracepoint stands without refill time beside it.".to_owned()
        }
        _ => "Refill time and tracepoint do not contradict each other: at no number of address \
              spaces does the kernel flush at every switch and the refill say either."
            .to_owned(),
    }
}

fn counted(translation: &Translation) -> String {
    let misses = &translation.misses;
    let at = |wanted: bool| -> Vec<String> {
        let found = misses.iter().filter(|miss| miss.agree == Some(wanted));
        found.map(|miss| miss.actors.to_string()).collect()
    };
    let (agree, differ) = (at(true), at(false));
    let reason = misses.iter().find_map(|miss| miss.counted.as_ref().err());
    match (agree.is_empty(), differ.is_empty(), reason) {
        (_, false, _) => format!("Misses counted contradict refill time at {}.", differ.join(", ")),
        (false, true, _) => {
            format!("Misses counted agree with refill time at {}.", agree.join(", "))
        }
        (true, true, Some(reason)) => {
            format!("Misses were not counted: {}.", reason.trim_end_matches('.'))
        }
        (true, true, None) if misses.is_empty() => {
            "Misses were not counted in this run.".to_owned()
        }
        (true, true, None) if misses.iter().all(|miss| miss.inferred.is_none()) => alone(misses),
        (true, true, None) => "Misses were counted, and say neither kept nor flushed where refill \
                               time says either."
            .to_owned(),
    }
}

/// What misses say by themselves.
fn alone(misses: &[Miss]) -> String {
    let says = |counted: Interval| match flushed(counted) {
        Some(true) => "flushed",
        Some(false) => "kept",
        None => "neither kept nor flushed",
    };
    let found = misses.iter().filter_map(|miss| {
        let counted = miss.counted.as_ref().ok()?;
        Some(format!("{} at {}", says(*counted), miss.actors))
    });
    format!("By misses counted the TLB is {}.", found.collect::<Vec<_>>().join(", "))
}

/// What the machine and its checks let expect, and which controls are valid on it.
fn expectations(view: &View) -> String {
    let record = view.record;
    let fact = record.machine.facts.iter().find(|fact| fact.name == "address-space switch");
    let check = |id| record.check(id).map(|check| check.detail.clone());
    let known = [
        ("Expected here", fact.map(|fact| fact.value.to_string())),
        ("Huge pages as a control", check("tlb-reach")),
        ("Size of the TLB", check("tlb-capacity")),
    ];
    let known: Vec<(&str, String)> =
        known.into_iter().filter_map(|(term, words)| Some((term, words?))).collect();
    if known.is_empty() { String::new() } else { definitions(known) }
}
