//! What is said of the claims about memory.

use super::evidence::Memory;
use super::plan::units;
use crate::claim::{Brief, Case, Said, Unit};

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
    let holds = case.holds("128 TiB and no more") == Some(true);
    let runs = case.record.probe(&super::plan::space("size")).map_or(0, |probe| probe.runs.len());
    Said {
        here: if holds { "128 TiB".to_owned() } else { "another size".to_owned() },
        row: if holds { "128 TiB".to_owned() } else { "another size".to_owned() },
        lead: match holds {
            true => format!(
                "a process can map addresses up to 128 TiB and none beyond, in {runs} of {runs} \
                 runs"
            ),
            false => format!("the last address that can be mapped is another one, in {runs} runs"),
        },
        ..Said::default()
    }
}
