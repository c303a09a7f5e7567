//! Gates: what must be right before a figure may be compared with a band. Those that every question
//! needs are here; a question adds its own.

use super::control::Control;
use super::margin::Margin;
use super::{Catalogue, CellDef, CellVerdict, Estimand, Evidence, Lack, Unit};
use crate::record::{Cell, CheckOutcome, Id, Launch, Placement, Record, SWITCH_TOLERANCE, Stop};
use std::collections::BTreeMap;

/// A margin beyond this makes a band meaningless.
const WIDEST_MARGIN: f64 = 0.5;

/// The verdict that a gate leaves, with its reason; `None` where it is passed.
pub type Failed = Option<(CellVerdict, String)>;

/// Something that can take a cell's verdict away.
pub type Gate = for<'g, 'r> fn(&'g Gated<'r>) -> Failed;

/// A cell and everything that can take its verdict away.
#[derive(Debug)]
pub struct Gated<'r> {
    /// The cell of the claim.
    pub def: &'r CellDef,
    /// Its samples.
    pub cell: &'r Cell,
    /// What they say.
    pub evidence: &'r Evidence,
    /// The run.
    pub record: &'r Record,
    /// Its A/A comparisons.
    pub controls: &'r [Control],
    /// What the samples of every experiment say.
    pub all: &'r BTreeMap<Id, Evidence>,
    /// How far the edges of the band move.
    pub margin: Margin,
    /// It is evidence, of which fewer samples are shown than a verdict needs.
    pub(super) shown: bool,
    /// What is judged, and what its questions ask of their samples.
    pub(super) catalogue: &'r Catalogue,
}

/// Inconclusive for this reason.
#[must_use]
pub fn inconclusive(reason: Option<String>) -> Failed {
    reason.map(|reason| (CellVerdict::Inconclusive, reason))
}

/// Not measurable here for this reason.
#[must_use]
pub fn not_measurable(reason: String) -> Failed {
    Some((CellVerdict::NotMeasurable, reason))
}

/// It was measured to its end.
#[must_use]
pub fn measured(gated: &Gated) -> Failed {
    let Stop::Failed(failure) = &gated.cell.stop else { return None };
    Some(Lack::Failed(failure, gated.cell.launches.len()).into())
}

/// Its time is the machine's, and not an emulator's.
#[must_use]
pub fn real_time(gated: &Gated) -> Failed {
    if gated.record.machine.has_real_time() || !gated.def.estimand.is_timed() {
        return None;
    }
    not_measurable("this machine is emulated, and its time is not real time".to_owned())
}

/// There are as many samples as a verdict needs; evidence gets none.
#[must_use]
pub fn enough_samples(gated: &Gated) -> Failed {
    let too_few = gated.evidence.samples.too_few().filter(|_| !gated.shown);
    inconclusive(too_few.map(str::to_owned))
}

/// Both controls of the question are complete; of what is no comparison, the margin is not so wide
/// that no band means anything.
#[must_use]
pub fn controls_complete(gated: &Gated) -> Failed {
    let widest = gated.widest_margin();
    if !gated.is_comparison() {
        let wide = || format!("A/A controls differ by {:.0} %: too noisy to judge", widest * 100.0);
        return inconclusive((widest > WIDEST_MARGIN).then(wide));
    }
    let fault = |id: &Id| match gated.controls.iter().find(|control| control.id == *id) {
        None => Some(format!("A/A control {id} is not part of this run: tolerance unknown")),
        Some(control) if !control.complete => {
            Some(format!("A/A control {id} is incomplete: tolerance unknown"))
        }
        Some(_) => None,
    };
    inconclusive(Id::controls(gated.def.id().question()).iter().find_map(fault))
}

/// Every control of the run stays within its limit. A refill, which differs by a factor and not by
/// percents, is not taken away by a control of another question.
#[must_use]
pub fn controls_pass(gated: &Gated) -> Failed {
    if !gated.is_comparison() {
        return None;
    }
    let id = gated.def.id();
    let refill = gated.def.estimand == Estimand::RefillFraction;
    // What two cores do to each other says nothing of one.
    let asked = |control: &&Control| match control.id.question() {
        question if question == id.question() => true,
        question => !refill && !gated.catalogue.demands(question).at_once,
    };
    let failed = gated.controls.iter().filter(asked).find(|control| !control.passed())?;
    let shown = failed.ratio.map_or("no interval".to_owned(), |r| Unit::Times.format_interval(r));
    inconclusive(Some(format!("A/A control {} is outside ±5 %: {shown}", failed.id)))
}

/// Where switches are counted, both sides make the same number of them; a refill, which has no
/// second side that switches, as many as its ring plans: under `SCHED_OTHER` a lap may hold more
/// switches than it has actors, and each takes something from the TLB.
#[must_use]
pub fn same_work(gated: &Gated) -> Failed {
    if !gated.is_comparison() || !gated.catalogue.demands(gated.def.id().question()).counts_switches
    {
        return None;
    }
    let [a, b] =
        [&gated.evidence.a, &gated.evidence.b].map(|arm| arm.switches_per_op.unwrap_or(0.0));
    if gated.def.estimand == Estimand::RefillFraction {
        let actors = gated.evidence.b.arm.actors;
        let off = actors > 1 && (b / f64::from(actors) - 1.0).abs() > SWITCH_TOLERANCE;
        let shown = || format!("{b:.2} context switches per lap instead of {actors}");
        return inconclusive(off.then(shown));
    }
    let unequal = !(a > 0.0 && b > 0.0) || (b / a - 1.0).abs() > SWITCH_TOLERANCE;
    let shown = || format!("unequal work: {a:.2} and {b:.2} context switches per operation");
    inconclusive(unequal.then(shown))
}

/// Stamps of two CPUs are compared only where their clocks were found to agree.
#[must_use]
pub fn one_clock(gated: &Gated) -> Failed {
    // A lab that is free to go anywhere may be allowed one CPU only: one clock.
    let one_cpu = |launch: &Launch| launch.states.iter().all(|state| state.cpus.len() == 1);
    let moved = match gated.cell.b.placement {
        Placement::SameCore => false,
        Placement::TwoCores | Placement::AllCores => true,
        Placement::Free => !gated.cell.launches.iter().all(one_cpu),
    };
    if !gated.def.estimand.is_first() || !moved {
        return None;
    }
    match gated.record.check("clock-offset") {
        Some(offset) if offset.outcome == CheckOutcome::Passed => None,
        Some(offset) => not_measurable(offset.detail.clone()),
        None => {
            not_measurable("it was not measured whether the clocks of two CPUs agree".to_owned())
        }
    }
}

/// Cycles need the core's frequency, and that it did not change.
#[must_use]
pub fn core_clock(gated: &Gated) -> Failed {
    if gated.def.estimand != Estimand::ExtraCycles {
        return None;
    }
    let Some(frequency) = gated.record.check("core-frequency") else {
        return not_measurable("the core's frequency was not measured".to_owned());
    };
    if frequency.outcome != CheckOutcome::Passed {
        return not_measurable(frequency.detail.clone());
    }
    match gated.record.check("frequency-drift") {
        Some(drift) if drift.outcome == CheckOutcome::Passed => None,
        Some(drift) => inconclusive(Some(drift.detail.clone())),
        None => {
            inconclusive(Some("the core's frequency was not measured again at the end".to_owned()))
        }
    }
}

impl Gated<'_> {
    /// The wider of the two margins.
    #[must_use]
    pub fn widest_margin(&self) -> f64 {
        self.margin.at_low.max(self.margin.at_high)
    }

    fn is_comparison(&self) -> bool {
        matches!(
            self.def.estimand,
            Estimand::Ratio
                | Estimand::ReadyRatio
                | Estimand::ExtraCycles
                | Estimand::RefillFraction
        )
    }
}
