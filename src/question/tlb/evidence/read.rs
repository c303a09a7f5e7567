//! From the samples and counts of a record to what they say of the TLB.

use super::{Cause, Line, Scan, Step, Translation};
use crate::claim::{ArmEvidence, CellVerdict, Estimand, Evidence, Judged, JudgedCell};
use crate::plan::twin;
use crate::question::tlb::claims::KEPT as CLAIM;
use crate::question::tlb::kept::Kept;
use crate::question::tlb::plan::{
    ACTORS, Comparison, FEW_ACTORS, HEADLINE_PAGES, Kind, PAGES, id, ring,
};
use crate::question::tlb::share::{HALF, KEPT};
use crate::record::{Cell, Count, Id, Modes, Outcome, Policy, Record, SWITCH_TOLERANCE, Stop};
use crate::stats::{Interval, median};
use std::collections::BTreeMap;

/// A step of processes beyond that of threads by less than this is no cliff: the least margin of a
/// verdict.
const LEAST_STEP: f64 = 0.02;

/// A record with what its samples say.
struct View<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<Id, Evidence>,
    /// Does the flush that a refill is a share of show at all?
    flush_seen: bool,
}

impl Translation {
    /// What the record says.
    #[must_use]
    pub fn of(record: &Record, judged: &Judged) -> Self {
        let evidence = &judged.evidence;
        let cells = judged.cells(CLAIM);
        let kept = Kept::of(cells);
        // Not measurable though there is a figure: the flush that it is a share of does not show.
        let unseen =
            |cell: &JudgedCell| cell.verdict == CellVerdict::NotMeasurable && cell.figure.is_some();
        let flush_seen = !cells.iter().any(unseen);
        let view = View { record, evidence, flush_seen };
        let scan: Vec<Scan> = ACTORS.filter_map(|actors| view.scan(actors)).collect();
        let slots = slots(record, &scan);
        let steps =
            (*ACTORS.start()..*ACTORS.end()).filter_map(|from| view.step(from, &scan)).collect();
        let lines = FEW_ACTORS.into_iter().filter_map(|actors| view.line(actors)).collect();
        Translation { scan, steps, lines, kept, slots }
    }
}

impl View<'_> {
    fn evidence(&self, family: Comparison, actors: u32, pages: u32) -> Option<&Evidence> {
        self.evidence.get(&id(family, actors, pages))
    }

    fn extra(&self, family: Comparison, actors: u32, pages: u32) -> Option<Interval> {
        Estimand::ExtraCycles.figure(self.evidence(family, actors, pages)?, self.record)
    }

    fn scan(&self, actors: u32) -> Option<Scan> {
        let other = self.evidence.get(&twin(id(Comparison::Switch, actors, 0)));
        let per_switch = |event| {
            let rows = rows(self.record, Kind::Process, actors);
            rows.filter_map(|count| count.per_switch(event, Modes::UserKernel)).collect()
        };
        let scan = Scan {
            actors,
            process: self.extra(Comparison::Switch, actors, 0),
            vm_process: self.extra(Comparison::SharedMemory, actors, 0),
            process_other: other.and_then(|e| Estimand::ExtraCycles.figure(e, self.record)),
            flushed: per_switch(FLUSHED_EVENT),
            kept: per_switch(KEPT_EVENT),
        };
        (scan.process.is_some() || scan.vm_process.is_some() || !scan.flushed.is_empty())
            .then_some(scan)
    }

    fn step(&self, from: u32, scan: &[Scan]) -> Option<Step> {
        let per_switch = f64::from(from) / f64::from(from + 1);
        let step = |kind| {
            let evidence = self.evidence(Comparison::Step(kind), from, 0)?;
            let sound = self.sound(&id(Comparison::Step(kind), from, 0), evidence);
            evidence.ratio.filter(|_| sound).map(|ratio| ratio.map(|ratio| ratio * per_switch))
        };
        let (process, thread, vm_process) =
            (step(Kind::Process), step(Kind::Thread), step(Kind::VmProcess));
        let null = [thread, vm_process].into_iter().flatten();
        let null = null.max_by(|a, b| a.estimate.total_cmp(&b.estimate));
        let excess = process.zip(null).map(|(process, null)| process.over(null));
        let cliff = excess.is_some_and(|excess| excess.low > 1.0 + LEAST_STEP);
        let cause = if cliff { self.cause(from, scan) } else { Cause::None };
        let any = process.or(thread).or(vm_process).is_some();
        any.then_some(Step { from, process, thread, vm_process, excess, cause })
    }

    /// Measured to its end, in enough samples, with the switches that the arms plan: under
    /// `SCHED_OTHER` a lap may hold more, and its time is then no time of so many switches.
    fn sound(&self, id: &Id, evidence: &Evidence) -> bool {
        let ended = |cell: &Cell| !matches!(cell.stop, Stop::Failed(_));
        let planned = |arm: &ArmEvidence| {
            let off = arm.switches_per_op.map(|found| found / f64::from(arm.arm.actors) - 1.0);
            off.is_some_and(|off| off.abs() <= SWITCH_TOLERANCE)
        };
        self.record.cell(id).is_some_and(ended)
            && evidence.samples.are_shown()
            && planned(&evidence.a)
            && planned(&evidence.b)
    }

    /// Phi of processes that walk the headline's pages; a share of nothing says nothing.
    fn fraction(&self, actors: u32) -> Option<Interval> {
        let refill = Comparison::Refill(Kind::Process);
        let found = self.evidence(refill, actors, HEADLINE_PAGES).filter(|_| self.flush_seen)?;
        found.refill_fraction
    }

    /// What the tracepoint and the walk say where time steps up.
    fn cause(&self, from: u32, scan: &[Scan]) -> Cause {
        let per_switch = |actors| {
            let found = scan.iter().find(|scan| scan.actors == actors)?;
            median(&found.flushed)
        };
        let begins = per_switch(from)
            .zip(per_switch(from + 1))
            .map(|(before, after)| before < KEPT && after > KEPT);
        let lost = self.fraction(from).zip(self.fraction(from + 1));
        let lost = lost.map(|(before, after)| before.high < HALF && after.low > HALF);
        match (begins, lost) {
            (Some(true), _) => Cause::Kernel,
            (Some(false), Some(true)) => Cause::Processor,
            (None, Some(true)) => Cause::LostTranslations,
            (Some(false), Some(false)) => Cause::Unexplained,
            (None, Some(false)) | (_, None) => Cause::Untold,
        }
    }

    fn line(&self, actors: u32) -> Option<Line> {
        let direct = self.extra(Comparison::Switch, actors, 0)?;
        let indirect: Vec<(u32, Interval)> = PAGES
            .into_iter()
            .filter_map(|pages| {
                let whole = self.extra(Comparison::Switch, actors, pages)?;
                Some((pages, Interval::combination(&[(1.0, whole), (-1.0, direct)])))
            })
            .collect();
        Some(Line { actors, direct, indirect })
    }
}

/// Names of the tracepoint's two events in the counting pass.
const FLUSHED_EVENT: &str = "tlb-flushed";
const KEPT_EVENT: &str = "tlb-kept";

/// The launches in which a ring that touches nothing was counted, with the kernel.
fn rows(record: &Record, kind: Kind, actors: u32) -> impl Iterator<Item = &Count> {
    let arm = ring(kind, actors, 0);
    record.counts.iter().filter(move |count| {
        let same = [Policy::Fifo, Policy::Other].iter().any(|p| count.arm == arm.clone().under(*p));
        same && count.reading(FLUSHED_EVENT, Modes::UserKernel).is_some()
    })
}

/// How many address spaces the kernel switches between without a flush.
fn slots(record: &Record, scan: &[Scan]) -> Result<Kept, String> {
    let figures: Vec<(u32, Interval)> = scan
        .iter()
        .filter_map(|scan| {
            let of = |fold: fn(f64, f64) -> f64| scan.flushed.iter().copied().reduce(fold);
            let estimate = median(&scan.flushed)?;
            Some((scan.actors, Interval { estimate, low: of(f64::min)?, high: of(f64::max)? }))
        })
        .collect();
    if !figures.is_empty() {
        // Every launch on one side: 7 and 8 flush at half of the switches or at all of them.
        return Ok(Kept::scan(&figures, KEPT));
    }
    let missing = ACTORS.flat_map(|actors| rows(record, Kind::Process, actors));
    let reasons = missing.filter_map(|count| {
        match &count.reading(FLUSHED_EVENT, Modes::UserKernel)?.outcome {
            Outcome::Missing { reason } => Some(reason.clone()),
            Outcome::Counted { .. } => None,
        }
    });
    Err(reasons.into_iter().next().unwrap_or_else(|| "this run did not count it".to_owned()))
}
