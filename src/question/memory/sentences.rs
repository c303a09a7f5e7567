//! What is said of the claims about memory.

use super::evidence::Memory;
use super::plan::{space, units};
use super::space::{BY_HINT, RESERVED, UNASKED};
use crate::claim::{Brief, Case, Said, Unit};
use crate::record::ProbeRun;

/// Memory in use by one unit of a kind, as a sentence says it.
fn in_use(memory: &Memory, kind: &str) -> String {
    let unit = memory.unit(&units(kind));
    unit.map_or("?".to_owned(), |unit| Unit::Bytes.brief(unit.total_bytes.estimate))
}

pub(super) fn c1(case: &Case) -> Said {
    const HUGE: &str = "in use, stack in huge pages";
    let used = case.brief("in use, default stack");
    let reserved = case.brief("address space, default stack");
    let huge = case.interval(HUGE).map(|_| case.brief(HUGE));
    Said {
        here: used.clone(),
        row: format!("{used} used, {reserved} reserved"),
        scope: "for memory".to_owned(),
        lead: format!("an idle thread uses {used}; the {reserved} of its stack are only reserved"),
        exception: huge.map(|huge| format!("in huge pages it uses {huge}")),
        boundary: None,
    }
}

pub(super) fn c2(case: &Case) -> Said {
    let memory = Memory::of(case.record);
    let (process, thread) = (in_use(&memory, "fork"), in_use(&memory, "thread"));
    let ratio = case.brief("forked process, small parent");
    let shared = case.holds("process with CLONE_VM") == Some(false);
    Said {
        here: ratio.clone(),
        row: format!("{process}, {ratio} a thread"),
        lead: format!("an idle forked process uses {process}, a thread {thread} ({ratio})"),
        exception: shared.then(|| "with CLONE_VM a process uses no more than a thread".to_owned()),
        ..Said::default()
    }
}

pub(super) fn c3(case: &Case) -> Said {
    let runs = case.record.probe(&space("size")).map_or(&[][..], |probe| &probe.runs);
    let seen = |what: &str| {
        let seen = runs.iter().flat_map(|run| &run.seen).find(|seen| seen.what == what);
        seen.map_or(0.0, |seen| seen.figure)
    };
    // Reserving ends where there are pieces enough, below the end of the largest spaces.
    let size = match (seen(UNASKED), seen(RESERVED)) {
        (space, reserved) if reserved > space => format!("{} or more", Unit::Bytes.brief(reserved)),
        (space, _) => Unit::Bytes.brief(space),
    };
    let hint = Some(seen(BY_HINT)).filter(|hint| *hint > seen(UNASKED));
    let space = |run: &ProbeRun| run.seen.iter().find(|s| s.what == UNASKED).map(|s| s.figure);
    let alike = runs.iter().filter(|run| space(run) == runs.first().and_then(space)).count();
    Said {
        here: size.clone(),
        row: size.clone(),
        lead: format!(
            "unasked, a process gets addresses up to {size}, in {alike} of {} runs",
            runs.len()
        ),
        exception: hint.map(|hint| format!("by a hint, up to {}", Unit::Bytes.brief(hint))),
        ..Said::default()
    }
}
