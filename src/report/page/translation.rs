//! What a switch of address space does to the TLB: the figures of all rings, together.

mod controls;
mod cost;
mod fraction;
mod grid;
mod look;
mod misses;
mod opening;
mod pages;
mod spaces;
mod steps;

use super::{View, folded, section, titled};
use crate::question::Question;
use crate::record::{Arm, CheckOutcome, Policy};
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    if view.translation.is_empty() {
        return String::new();
    }
    let parts = [
        opening::html(view),
        paragraph("", &method(view)),
        paragraph("note", &clock(view)),
        titled("What a switch costs more, by address spaces", spaces::html(view)),
        titled("Where it steps up, and why", steps::html(view)),
        titled("What it takes from the TLB", fraction::html(view)),
        titled("What a page then costs", pages::html(view)),
        titled("Direct and indirect cost", cost::html(view)),
        titled("What should flush nothing, or little", controls::html(view)),
        titled("Misses counted beside misses inferred", misses::html(view)),
        grid::html(view),
    ];
    section("tlb", "The TLB", &parts.concat())
}

/// How it was measured, in three sentences, and under which policy.
fn method(view: &View) -> String {
    let cells = view.record.cells.iter().filter(|cell| cell.id.question() == Question::Tlb.name());
    let mut arms: Vec<&Arm> = cells.flat_map(|cell| [&cell.a, &cell.b]).collect();
    if arms.is_empty() {
        arms = view.record.counts.iter().map(|count| &count.arm).collect();
    }
    let fifo = arms.iter().any(|arm| arm.policy == Policy::Fifo);
    let policy = match fifo {
        true => {
            "All under SCHED_FIFO, where a hand-over is exactly one switch; the same under \
             SCHED_OTHER stands beside it."
        }
        false => {
            "SCHED_FIFO was not to be had, so all ran under SCHED_OTHER: the path of the switches \
             is not controlled, and figures of different rings may differ for that alone."
        }
    };
    format!(
        "A ring of actors on one core hands a token on by futex, and each walks the same pages of \
         one memory file twice per turn, mapped at the same address: the first walk minus the \
         second is what the switch took from the TLB, the refill. Threads show the rest of the \
         switch, CLONE_VM processes are processes in one address space, and alias threads map the \
         pages at addresses of their own, so that they need as many translations as processes \
         without any change of address space. A flush is forced by changing the rights of 64 \
         written pages (mprotect). {policy}"
    )
}

/// Where core cycles come from; said once for the section.
fn clock(view: &View) -> String {
    let check = view.record.check("core-frequency");
    match check.and_then(|check| Some((check.outcome, check.figure?))) {
        Some((CheckOutcome::Passed, ghz)) => format!(
            "Cycles are core cycles: time multiplied by the calibrated frequency of the core, {} \
             cycles per nanosecond; no counter is read while timing. Calibration: {}.",
            crate::claim::significant(ghz),
            check.map_or("", |check| check.detail.trim_end_matches('.'))
        ),
        _ => format!(
            "Cycles would be time multiplied by the calibrated frequency of the core, which was \
             not settled here: {}",
            check.map_or("the run did not check core-frequency.", |check| &check.detail)
        ),
    }
}
