//! Gates: what must be right before a figure may be compared with a band.

use super::judge::Control;
use super::margin::Margin;
use super::{CellDef, CellVerdict, Estimand, Evidence, Unit};
use crate::plan;
use crate::record::{Cell, CheckOutcome, Record, Stop};

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [7, 5];
/// Pairs that a verdict needs before any is discarded, and with `--quick`.
const LEAST_PAIRS: [usize; 2] = [420, 100];
/// Share of discarded pairs beyond which the environment is too noisy.
const MOST_DISCARDED: f64 = 0.20;
/// Two arms whose switches per operation differ by more get no verdict.
const SWITCH_TOLERANCE: f64 = 0.02;
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
    pub(super) margin: Margin,
}

impl Gates<'_> {
    /// The verdict and the reason of the first gate that does not hold.
    pub(super) fn first_failure(&self) -> Failed {
        self.measured()
            .or_else(|| inconclusive(enough(self.evidence, self.record.run.quick)))
            .or_else(|| inconclusive(self.controls_hold()))
            .or_else(|| inconclusive(self.same_work()))
            .or_else(|| self.core_clock())
    }

    fn measured(&self) -> Failed {
        let Stop::Failed(failure) = &self.cell.stop else { return None };
        let verdict = match self.cell.launches.is_empty() {
            true => CellVerdict::NotMeasurable,
            false => CellVerdict::Inconclusive,
        };
        Some((verdict, failure.to_string()))
    }

    fn is_comparison(&self) -> bool {
        matches!(self.def.estimand, Estimand::Ratio | Estimand::ExtraCycles)
    }

    /// Comparisons need both controls of their question complete, and every control of the run within its limit.
    fn controls_hold(&self) -> Option<String> {
        let widest = self.margin.at_low.max(self.margin.at_high);
        if !self.is_comparison() {
            return (widest > WIDEST_MARGIN).then(|| {
                format!("A/A controls are {:.0} % apart: no band means anything", widest * 100.0)
            });
        }
        let own = plan::question(self.def.experiment);
        for id in plan::CONTROLS.map(|control| format!("{own}/{control}")) {
            match self.controls.iter().find(|control| control.id == id) {
                None => return Some(format!("no A/A control {id} in this run: margin unknown")),
                Some(control) if !control.complete => {
                    return Some(format!("A/A control {id} is incomplete: margin unknown"));
                }
                Some(_) => {}
            }
        }
        let failed = self.controls.iter().find(|control| !control.passed())?;
        let shown =
            failed.ratio.map_or("no interval".to_owned(), |r| Unit::Times.format_interval(r));
        Some(format!("A/A control {} leaves ±5 %: {shown}", failed.id))
    }

    /// Creation is not asked: the switches of a creation are part of what it costs.
    fn same_work(&self) -> Option<String> {
        if !self.is_comparison() || plan::question(self.def.experiment) != "switching" {
            return None;
        }
        let [a, b] =
            [&self.evidence.a, &self.evidence.b].map(|arm| arm.switches_per_op.unwrap_or(0.0));
        let unequal = !(a > 0.0 && b > 0.0) || (b / a - 1.0).abs() > SWITCH_TOLERANCE;
        unequal.then(|| format!("unequal work: {a:.2} and {b:.2} context switches per operation"))
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

/// Why the samples do not suffice for a verdict, if they do not.
pub(super) fn enough(evidence: &Evidence, quick: bool) -> Option<String> {
    let mode = usize::from(quick);
    let share = evidence.discarded_share();
    if share > MOST_DISCARDED {
        return Some(format!(
            "environment too noisy: {:.0} % of the pairs discarded",
            share * 100.0
        ));
    }
    let (launches, pairs) = (evidence.launches, evidence.pairs);
    let least_pairs = (LEAST_PAIRS[mode] as f64 * (1.0 - MOST_DISCARDED)) as usize;
    let few = launches < LEAST_LAUNCHES[mode] || pairs < least_pairs;
    few.then(|| format!("too few samples: {launches} launches, {pairs} pairs"))
}
