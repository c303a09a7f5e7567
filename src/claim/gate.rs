//! Gates: what must be right before a figure may be compared with a band.

mod client;

use super::control::{Control, enough, together};
use super::margin::Margin;
use super::share::HALF;
use super::{CellDef, CellVerdict, Estimand, Evidence, Unit};
use crate::question::Question;
use crate::question::contention::plan as contention;
use crate::question::tlb::plan as tlb;
use crate::question::tlb::plan::{Comparison, Kind, Without};
use crate::record::{Cell, CheckOutcome, Id, Launch, Placement, Record, SWITCH_TOLERANCE, Stop};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// Workers that share nothing, as threads over as processes: where they may be farther from 1 than
/// this, nothing is said of those that share something.
const NOTHING_SHARED: f64 = 0.05;
/// Least refill after a forced flush, beyond that after the same calls without one, core cycles per
/// page.
const LEAST_REFILL_CYCLES: f64 = 5.0;
/// A margin beyond this brings "kept" and "flushed" too close to each other.
const WIDEST_REFILL_MARGIN: f64 = 0.2;
/// A margin beyond this makes a band meaningless.
const WIDEST_MARGIN: f64 = 0.5;

type Failed = Option<(CellVerdict, String)>;

/// A cell and everything that can take its verdict away.
pub(super) struct Gates<'r> {
    pub(super) def: &'r CellDef,
    pub(super) cell: &'r Cell,
    pub(super) evidence: &'r Evidence,
    pub(super) record: &'r Record,
    pub(super) controls: &'r [Control],
    /// What the samples of every experiment say.
    pub(super) all: &'r BTreeMap<Id, Evidence>,
    pub(super) margin: Margin,
}

impl Gates<'_> {
    /// The verdict and the reason of the first gate that does not hold.
    pub(super) fn first_failure(&self) -> Failed {
        self.measured()
            .or_else(|| inconclusive(enough(&self.def.id(), self.evidence, self.record.run.quick)))
            .or_else(|| self.client_saturates())
            .or_else(|| inconclusive(self.controls_hold()))
            .or_else(|| inconclusive(self.same_work()))
            .or_else(|| self.one_clock())
            .or_else(|| self.core_clock())
            .or_else(|| self.flush_is_seen())
            .or_else(|| inconclusive(self.room_for_all()))
            .or_else(|| inconclusive(self.nothing_shared()))
    }

    fn measured(&self) -> Failed {
        let Stop::Failed(failure) = &self.cell.stop else { return None };
        let verdict = match self.cell.launches.is_empty() {
            true => CellVerdict::NotMeasurable,
            false => CellVerdict::Inconclusive,
        };
        Some((verdict, failure.to_string()))
    }

    fn client_saturates(&self) -> Failed {
        let of_servers = self.def.id().question() == Question::Servers.name();
        match self.def.estimand {
            Estimand::Ratio if of_servers => client::saturates(self.evidence, self.record),
            _ => None,
        }
    }

    fn is_comparison(&self) -> bool {
        let estimand = self.def.estimand;
        matches!(
            estimand,
            Estimand::Ratio
                | Estimand::ReadyRatio
                | Estimand::ExtraCycles
                | Estimand::RefillFraction
        )
    }

    /// Comparisons need both controls of their question complete, and every control of the run
    /// within its limit. A refill, which differs by a factor and not by percents, is not taken away
    /// by a control of another question.
    fn controls_hold(&self) -> Option<String> {
        let widest = self.margin.at_low.max(self.margin.at_high);
        if !self.is_comparison() {
            return (widest > WIDEST_MARGIN).then(|| {
                format!("A/A controls are {:.0} % apart: no band means anything", widest * 100.0)
            });
        }
        let id = self.def.id();
        let own = id.question();
        for id in Id::controls(own) {
            match self.controls.iter().find(|control| control.id == id) {
                None => return Some(format!("no A/A control {id} in this run: margin unknown")),
                Some(control) if !control.complete => {
                    return Some(format!("A/A control {id} is incomplete: margin unknown"));
                }
                Some(_) => {}
            }
        }
        let refill = self.def.estimand == Estimand::RefillFraction;
        if refill {
            let id = tlb::flush_control();
            if !self.controls.iter().any(|control| control.id == id && control.complete) {
                return Some(format!("no complete A/A control {id} in this run: margin unknown"));
            }
            if widest > WIDEST_REFILL_MARGIN {
                let share = widest * 100.0;
                return Some(format!("the forced flush differs from itself by {share:.0} %"));
            }
        }
        // What two cores do to each other says nothing of one.
        let asked = |c: &&Control| match c.id.question() {
            question if question == own => true,
            question => !refill && !together(question),
        };
        let failed = self.controls.iter().filter(asked).find(|control| !control.passed())?;
        let shown =
            failed.ratio.map_or("no interval".to_owned(), |r| Unit::Times.format_interval(r));
        Some(format!("A/A control {} leaves ±5 %: {shown}", failed.id))
    }

    /// Creation is not asked: the switches of a creation are part of what it costs. Nor is what
    /// cores do together: there who waits may sleep or not, and that is part of the answer.
    fn same_work(&self) -> Option<String> {
        let id = self.def.id();
        let asked = [Question::Switching, Question::Tlb].map(Question::name);
        if !self.is_comparison() || !asked.contains(&id.question()) {
            return None;
        }
        if self.def.estimand == Estimand::RefillFraction {
            return self.planned_switches();
        }
        let [a, b] =
            [&self.evidence.a, &self.evidence.b].map(|arm| arm.switches_per_op.unwrap_or(0.0));
        let unequal = !(a > 0.0 && b > 0.0) || (b / a - 1.0).abs() > SWITCH_TOLERANCE;
        unequal.then(|| format!("unequal work: {a:.2} and {b:.2} context switches per operation"))
    }

    /// A refill has no second arm that switches: the ring's own count must be right. Under
    /// `SCHED_OTHER` a lap may hold more switches than it has actors, and each takes something from
    /// the TLB.
    fn planned_switches(&self) -> Option<String> {
        let ring = &self.evidence.b;
        let (planned, found) = (f64::from(ring.arm.actors), ring.switches_per_op.unwrap_or(0.0));
        let off = ring.arm.actors > 1 && (found / planned - 1.0).abs() > SWITCH_TOLERANCE;
        off.then(|| format!("{found:.2} context switches per lap instead of {planned}"))
    }

    /// The positive control: a forced flush must cost more to refill than the same calls that flush
    /// nothing.
    fn flush_is_seen(&self) -> Failed {
        if self.def.estimand != Estimand::RefillFraction {
            return None;
        }
        let not_measurable = |reason: String| Some((CellVerdict::NotMeasurable, reason));
        let id = tlb::id(Comparison::Control(Without::Untouched), 0, tlb::HEADLINE_PAGES);
        let Some(control) = self.all.get(&id) else {
            return inconclusive(Some(
                "the forced flush has no negative control in this run".to_owned(),
            ));
        };
        if let Some(few) = enough(&id, control, self.record.run.quick) {
            return inconclusive(Some(format!("the forced flush's negative control: {few}")));
        }
        let refills = [&control.a, &control.b].map(|arm| arm.refill_ticks_per_page);
        let ([Some(flushed), Some(untouched)], Some(cycles)) =
            (refills, self.record.cycles_per_tick())
        else {
            return not_measurable(
                "the refill after a forced flush was not measured in cycles".to_owned(),
            );
        };
        let seen = Interval::combination(&[(cycles, flushed), (-cycles, untouched)]);
        if seen.low > LEAST_REFILL_CYCLES {
            return None;
        }
        let shown = Unit::Cycles.format_interval(seen);
        if seen.high > LEAST_REFILL_CYCLES {
            let reason = format!("a forced flush shows in {shown} per page, not surely in 5");
            return inconclusive(Some(reason));
        }
        // Kernels of other architectures than x86 may drop 64 pages one by one.
        not_measurable(format!(
            "a forced flush shows in only {shown} per page: this kernel may drop pages one by one"
        ))
    }

    /// Threads with as many translations in one address space show what sheer number costs. Where
    /// that is half of what processes pay, the TLB is too small for the experiment, whatever a
    /// switch does.
    fn room_for_all(&self) -> Option<String> {
        if self.def.estimand != Estimand::RefillFraction {
            return None;
        }
        let arm = &self.evidence.b.arm;
        let id = tlb::id(Comparison::Refill(Kind::AliasThread), arm.actors, arm.pages);
        let process = self.evidence.refill_fraction?;
        if process.low <= HALF {
            return None;
        }
        let Some(alias) = self.all.get(&id).and_then(|evidence| evidence.refill_fraction) else {
            return Some("whether there is room for so many translations was not tried".to_owned());
        };
        (alias.high > process.estimate / 2.0).then(|| {
            let shown = Unit::Share.format_interval(alias);
            format!("as many translations of threads cost {shown} already")
        })
    }

    /// The negative control of what workers share through the kernel: those that share nothing must
    /// be seen to take as long as threads as they do as processes. Where they do not, the CPUs are
    /// not alike or somebody else works there. In user space the control is itself among the
    /// judged.
    fn nothing_shared(&self) -> Option<String> {
        let asked = |kind: &str| contention::against(kind) == self.def.id();
        if !contention::KERNEL_KINDS.into_iter().any(asked) {
            return None;
        }
        let control = contention::against(contention::NEGATIVE_CONTROL);
        let Some(found) = self.all.get(&control) else {
            return Some(format!("no negative control {control} in this run"));
        };
        if let Some(few) = enough(&control, found, self.record.run.quick) {
            return Some(format!("the negative control {control}: {few}"));
        }
        let Some(ratio) = found.ratio else {
            return Some(format!("the negative control {control} has no interval"));
        };
        let off = ratio.low > 1.0 || ratio.high < 1.0;
        let (how, what) = match off {
            true => ("off", "the CPUs are not alike or others work there"),
            false => ("too wide", "it does not show that they take the same"),
        };
        (ratio.farthest_from(1.0) > NOTHING_SHARED).then(|| {
            let shown = Unit::Times.format_interval(ratio);
            format!(
                "the negative control is {how}: workers that share nothing differ by {shown}: \
                     {what}"
            )
        })
    }

    /// Stamps of two CPUs are compared only where their clocks were found to agree.
    fn one_clock(&self) -> Failed {
        // A lab that is free to go anywhere may be allowed one CPU only: one clock.
        let one_cpu = |launch: &Launch| launch.states.iter().all(|state| state.cpus.len() == 1);
        let moved = match self.cell.b.placement {
            Placement::SameCore => false,
            Placement::TwoCores | Placement::AllCores => true,
            Placement::Free => !self.cell.launches.iter().all(one_cpu),
        };
        if !self.def.estimand.is_first() || !moved {
            return None;
        }
        let not_measurable = |reason: &str| Some((CellVerdict::NotMeasurable, reason.to_owned()));
        match self.record.check("clock-offset") {
            Some(offset) if offset.outcome == CheckOutcome::Passed => None,
            Some(offset) => not_measurable(&offset.detail),
            None => not_measurable("whether the clocks of two CPUs agree was not measured"),
        }
    }

    fn core_clock(&self) -> Failed {
        if self.def.estimand != Estimand::ExtraCycles {
            return None;
        }
        let Some(frequency) = self.record.check("core-frequency") else {
            let reason = "the core's frequency was not measured".to_owned();
            return Some((CellVerdict::NotMeasurable, reason));
        };
        if frequency.outcome != CheckOutcome::Passed {
            return Some((CellVerdict::NotMeasurable, frequency.detail.clone()));
        }
        let inconclusive = |reason: &str| Some((CellVerdict::Inconclusive, reason.to_owned()));
        match self.record.check("frequency-drift") {
            Some(drift) if drift.outcome == CheckOutcome::Passed => None,
            Some(drift) => inconclusive(&drift.detail),
            None => inconclusive("the core's frequency was not checked again at the end"),
        }
    }
}

fn inconclusive(reason: Option<String>) -> Failed {
    reason.map(|reason| (CellVerdict::Inconclusive, reason))
}
