//! The judge: a record in, verdicts out. It knows no operating system and no clock.

use super::fold::fold;
use super::{CLAIMS, CellDef, CellVerdict, Claim, ClaimVerdict, Estimand, Evidence, Unit};
use crate::record::{Cell, CheckOutcome, Record, Stop};
use crate::stats::Interval;

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [7, 5];
/// Kept pairs that a verdict needs, and with `--quick`.
const LEAST_PAIRS: [usize; 2] = [420, 100];
/// Share of discarded pairs beyond which the environment is too noisy.
const MOST_DISCARDED: f64 = 0.20;
/// An A/A interval beyond this takes every comparison's verdict away.
const A_A_LIMIT: f64 = 0.05;
/// Two arms whose switches per operation differ by more get no verdict.
const SWITCH_TOLERANCE: f64 = 0.02;
/// Least margin, as a share of an edge.
const LEAST_MARGIN: f64 = 0.02;
/// Least margin of creation, whose bands are orders of magnitude.
const LEAST_MARGIN_CREATION: f64 = 0.10;

/// Everything that the judge says about a record.
#[derive(Debug)]
pub struct Judged {
    /// The claims, in the order of the catalogue.
    pub claims: Vec<JudgedClaim>,
    /// The A/A comparisons of the run.
    pub controls: Vec<Control>,
}

/// A claim with its verdict.
#[derive(Debug)]
pub struct JudgedClaim {
    /// The claim.
    pub claim: &'static Claim,
    /// The verdict over its cells.
    pub verdict: ClaimVerdict,
    /// The boundary of a conditional verdict, otherwise the reason; one phrase.
    pub reason: String,
    /// The cells, in the order of the catalogue.
    pub cells: Vec<JudgedCell>,
}

/// A cell with its verdict.
#[derive(Debug)]
pub struct JudgedCell {
    /// The cell.
    pub def: &'static CellDef,
    /// The verdict.
    pub verdict: CellVerdict,
    /// Why; one phrase.
    pub reason: String,
    /// The figure that was judged, in the base unit of the estimand.
    pub figure: Option<Interval>,
    /// The band with its margin, as it was applied.
    pub margin: Option<f64>,
    /// What the samples say, where there are any.
    pub evidence: Option<Evidence>,
}

/// A comparison of an arm with itself: it must show nothing.
#[derive(Debug)]
pub struct Control {
    /// Id of the experiment.
    pub id: String,
    /// What the samples say.
    pub evidence: Evidence,
}

impl Control {
    /// The ratio's interval stays within ±5 %.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.evidence.ratio.is_some_and(|ratio| ratio.farthest_from(1.0) <= A_A_LIMIT)
    }

    fn question(&self) -> &str {
        question(&self.id)
    }
}

/// Judges every claim of the catalogue.
#[must_use]
pub fn judge(record: &Record) -> Judged {
    let controls: Vec<Control> = record
        .cells
        .iter()
        .filter(|cell| cell.a == cell.b)
        .map(|cell| Control { id: cell.id.clone(), evidence: Evidence::of(cell) })
        .collect();
    let claims = CLAIMS
        .iter()
        .map(|claim| {
            let cells: Vec<JudgedCell> =
                claim.cells.iter().map(|def| judge_cell(claim, def, record, &controls)).collect();
            let (verdict, reason) = fold(&cells);
            JudgedClaim { claim, verdict, reason, cells }
        })
        .collect();
    Judged { claims, controls }
}

fn judge_cell(
    claim: &Claim,
    def: &'static CellDef,
    record: &Record,
    controls: &[Control],
) -> JudgedCell {
    let mut judged = JudgedCell {
        def,
        verdict: CellVerdict::NotRun,
        reason: "this run did not try it".to_owned(),
        figure: None,
        margin: None,
        evidence: None,
    };
    let Some(cell) = record.cell(def.experiment) else { return judged };
    let evidence = Evidence::of(cell);
    judged.figure = figure(def.estimand, &evidence, record);
    let gates = Gates { def, cell, evidence: &evidence, record, controls };
    (judged.verdict, judged.reason) = match (gates.first_failure(), judged.figure) {
        (Some(failed), _) => failed,
        (None, None) => (CellVerdict::Inconclusive, "too few samples for an interval".to_owned()),
        (None, Some(figure)) => {
            let margin = margin(def, record, controls);
            judged.margin = Some(margin.at_low);
            compare(claim, def.estimand.unit(), figure, margin, record.run.quick)
        }
    };
    judged.evidence = Some(evidence);
    judged
}

/// The quantity that a cell is judged by.
fn figure(estimand: Estimand, evidence: &Evidence, record: &Record) -> Option<Interval> {
    match estimand {
        Estimand::TimeA => evidence.a.time_ns,
        Estimand::TimeB => evidence.b.time_ns,
        Estimand::Ratio => evidence.ratio,
        Estimand::ExtraCycles => {
            let ghz = record.check("core-frequency")?.figure?;
            evidence.extra_ns_per_switch.map(|extra| extra.map(|ns| ns * ghz))
        }
    }
}

/// What must be right before a figure may be compared with a band.
struct Gates<'r> {
    def: &'r CellDef,
    cell: &'r Cell,
    evidence: &'r Evidence,
    record: &'r Record,
    controls: &'r [Control],
}

impl Gates<'_> {
    fn first_failure(&self) -> Option<(CellVerdict, String)> {
        self.measured()
            .or_else(|| self.enough())
            .or_else(|| self.controls_hold())
            .or_else(|| self.same_work())
            .or_else(|| self.core_clock())
    }

    fn measured(&self) -> Option<(CellVerdict, String)> {
        let Stop::Failed(failure) = &self.cell.stop else { return None };
        let verdict = match self.cell.launches.is_empty() {
            true => CellVerdict::NotMeasurable,
            false => CellVerdict::Inconclusive,
        };
        Some((verdict, failure.to_string()))
    }

    fn enough(&self) -> Option<(CellVerdict, String)> {
        let mode = usize::from(self.record.run.quick);
        let inconclusive = |reason| Some((CellVerdict::Inconclusive, reason));
        let share = self.evidence.discarded_share();
        if share > MOST_DISCARDED {
            return inconclusive(format!(
                "environment too noisy: {:.0} % of the pairs discarded",
                share * 100.0
            ));
        }
        let (launches, pairs) = (self.evidence.launches, self.evidence.pairs);
        let least_pairs = (LEAST_PAIRS[mode] as f64 * (1.0 - MOST_DISCARDED)) as usize;
        if launches < LEAST_LAUNCHES[mode] || pairs < least_pairs {
            return inconclusive(format!("too few samples: {launches} launches, {pairs} pairs"));
        }
        None
    }

    fn is_comparison(&self) -> bool {
        matches!(self.def.estimand, Estimand::Ratio | Estimand::ExtraCycles)
    }

    fn controls_hold(&self) -> Option<(CellVerdict, String)> {
        if !self.is_comparison() {
            return None;
        }
        let own = question(self.def.experiment);
        if !self.controls.iter().any(|control| control.question() == own) {
            let reason = "no A/A comparison in this run, so its margin is unknown".to_owned();
            return Some((CellVerdict::Inconclusive, reason));
        }
        let failed = self.controls.iter().find(|control| !control.passed())?;
        let shown = match failed.evidence.ratio {
            Some(ratio) => Unit::Times.format_interval(ratio),
            None => "no interval".to_owned(),
        };
        Some((CellVerdict::Inconclusive, format!("A/A control {} leaves ±5 %: {shown}", failed.id)))
    }

    /// Creation is not asked: the switches of a creation are part of what it costs.
    fn same_work(&self) -> Option<(CellVerdict, String)> {
        if !self.is_comparison() || question(self.def.experiment) != "switching" {
            return None;
        }
        let [a, b] =
            [&self.evidence.a, &self.evidence.b].map(|arm| arm.switches_per_op.unwrap_or(0.0));
        let unequal = !(a > 0.0 && b > 0.0) || (b / a - 1.0).abs() > SWITCH_TOLERANCE;
        unequal.then(|| {
            let reason = format!("unequal work: {a:.2} and {b:.2} context switches per operation");
            (CellVerdict::Inconclusive, reason)
        })
    }

    fn core_clock(&self) -> Option<(CellVerdict, String)> {
        if self.def.estimand != Estimand::ExtraCycles {
            return None;
        }
        let state = |id| self.record.check(id).map(|check| (check.outcome, check.detail.clone()));
        match state("core-frequency") {
            Some((CheckOutcome::Passed, _)) => {}
            Some((_, detail)) => return Some((CellVerdict::NotMeasurable, detail)),
            None => {
                let reason = "the core's frequency was not measured".to_owned();
                return Some((CellVerdict::NotMeasurable, reason));
            }
        }
        match state("frequency-drift") {
            Some((CheckOutcome::Failed, detail)) => Some((CellVerdict::Inconclusive, detail)),
            _ => None,
        }
    }
}

/// How far each edge of a band moves, in the unit of the figure.
#[derive(Clone, Copy)]
struct Margin {
    /// Margin at the lower edge, as a share of it.
    at_low: f64,
    /// Margin at the upper edge, as a share of it.
    at_high: f64,
}

/// The margin d: at least 2 % (creation 10 %), and at least what this run's A/A comparisons show.
fn margin(def: &CellDef, record: &Record, controls: &[Control]) -> Margin {
    let own = question(def.experiment);
    let least = if own == "creation" { LEAST_MARGIN_CREATION } else { LEAST_MARGIN };
    let mine = || controls.iter().filter(|control| control.question() == own);
    if def.estimand == Estimand::ExtraCycles {
        let band = claim_band(def);
        let farthest = mine()
            .filter_map(|control| figure(def.estimand, &control.evidence, record))
            .fold(0.0, |worst: f64, difference| worst.max(difference.farthest_from(0.0)));
        let share = |edge: f64| least.max(farthest / edge);
        return Margin { at_low: share(band.low), at_high: share(band.high) };
    }
    let farthest = mine()
        .filter_map(|control| control.evidence.ratio)
        .fold(0.0, |worst: f64, ratio| worst.max(ratio.farthest_from(1.0)));
    Margin { at_low: least.max(farthest), at_high: least.max(farthest) }
}

fn claim_band(def: &CellDef) -> super::Band {
    CLAIMS
        .iter()
        .find(|claim| claim.cells.iter().any(|cell| std::ptr::eq(cell, def)))
        .map_or(super::Band { low: 1.0, high: 1.0 }, |claim| claim.band)
}

/// Holds, fails or neither. `--quick` must clear the band by the margin to hold.
fn compare(
    claim: &Claim,
    unit: Unit,
    figure: Interval,
    margin: Margin,
    quick: bool,
) -> (CellVerdict, String) {
    let band = claim.band;
    let moved = |sign: f64| super::Band {
        low: band.low * (1.0 - sign * margin.at_low),
        high: band.high * (1.0 + sign * margin.at_high),
    };
    let (wide, inner) = (moved(1.0), if quick { moved(-1.0) } else { moved(1.0) });
    if wide.excludes(figure) {
        let reason = match figure.high < wide.low {
            true => format!("below {}", unit.format(band.low)),
            false => format!("above {}", unit.format(band.high)),
        };
        return (CellVerdict::Fails, reason);
    }
    if inner.contains(figure) {
        return (CellVerdict::Holds, format!("within {}", claim.promise));
    }
    let edge = match figure.low < inner.low {
        true => unit.format(band.low),
        false => unit.format(band.high),
    };
    (CellVerdict::Inconclusive, format!("the interval meets the edge at {edge}"))
}

fn question(experiment: &str) -> &str {
    experiment.split('/').next().unwrap_or(experiment)
}
