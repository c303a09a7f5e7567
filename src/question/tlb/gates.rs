//! What must be right before the share of the TLB that a switch takes may be judged.

use super::plan::{self, Comparison, Kind, Without};
use super::share::HALF;
use crate::claim::{Estimand, Failed, Gated, Unit, inconclusive, not_measurable};
use crate::stats::Interval;

/// Least refill after a forced flush, beyond that after the same calls without one, core cycles per
/// page.
const LEAST_REFILL_CYCLES: f64 = 5.0;
/// A margin beyond this brings "kept" and "flushed" too close to each other.
const WIDEST_REFILL_MARGIN: f64 = 0.2;

fn is_refill(gated: &Gated) -> bool {
    gated.def.estimand == Estimand::RefillFraction
}

/// The forced flush was compared with itself, and agrees with itself.
pub(in crate::question) fn flush_agrees(gated: &Gated) -> Failed {
    let id = plan::flush_control();
    let complete = gated.controls.iter().any(|control| control.id == id && control.complete);
    let widest = gated.widest_margin();
    match is_refill(gated) {
        true if !complete => inconclusive(Some(format!(
            "A/A control {id} is missing or incomplete: tolerance \
                                       unknown"
        ))),
        true if widest > WIDEST_REFILL_MARGIN => inconclusive(Some(format!(
            "the forced flush differs from itself by {:.0} %",
            widest * 100.0
        ))),
        _ => None,
    }
}

/// The positive control: a forced flush must cost more to refill than the same calls that flush
/// nothing.
pub(in crate::question) fn flush_is_seen(gated: &Gated) -> Failed {
    if !is_refill(gated) {
        return None;
    }
    let id = plan::id(Comparison::Control(Without::Untouched), 0, plan::HEADLINE_PAGES);
    let Some(control) = gated.all.get(&id) else {
        let missing = "the negative control of the forced flush is not part of this run";
        return inconclusive(Some(missing.to_owned()));
    };
    if let Some(few) = control.samples.too_few() {
        return inconclusive(Some(format!("the forced flush's negative control: {few}")));
    }
    let refills = [&control.a, &control.b].map(|arm| arm.refill_ticks_per_page);
    let ([Some(flushed), Some(untouched)], Some(cycles)) =
        (refills, gated.record.cycles_per_tick())
    else {
        let missing = "the refill after a forced flush was not measured in cycles";
        return not_measurable(missing.to_owned());
    };
    let seen = Interval::combination(&[(cycles, flushed), (-cycles, untouched)]);
    if seen.low > LEAST_REFILL_CYCLES {
        return None;
    }
    let shown = Unit::Cycles.format_interval(seen);
    if seen.high > LEAST_REFILL_CYCLES {
        let least = LEAST_REFILL_CYCLES;
        let reason = format!(
            "a forced flush costs {shown} per page, which is not clearly above \
                              {least}"
        );
        return inconclusive(Some(reason));
    }
    // Kernels of other architectures than x86 may drop 64 pages one by one.
    not_measurable(format!(
        "a forced flush costs only {shown} per page: this kernel may flush page by page"
    ))
}

/// Threads with as many translations in one address space show what sheer number costs. Where that
/// is half of what processes pay, the TLB is too small for the experiment, whatever a switch does.
pub(in crate::question) fn room_for_all(gated: &Gated) -> Failed {
    if !is_refill(gated) {
        return None;
    }
    let arm = &gated.evidence.b.arm;
    let id = plan::id(Comparison::Refill(Kind::AliasThread), arm.actors, arm.pages);
    let process = gated.evidence.refill_fraction?;
    if process.low <= HALF {
        return None;
    }
    let Some(alias) = gated.all.get(&id).and_then(|evidence| evidence.refill_fraction) else {
        let missing = "it was not measured whether the TLB has room for all pages";
        return inconclusive(Some(missing.to_owned()));
    };
    let shown = || {
        let shown = Unit::Share.format_interval(alias);
        format!("threads with as many pages already cost {shown}")
    };
    inconclusive((alias.high > process.estimate / 2.0).then(shown))
}
