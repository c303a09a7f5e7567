//! From the samples and counts of a record to what they say of the TLB.

use super::{Cause, Line, Miss, Refill, Scan, Step, Translation};
use crate::claim::{ArmEvidence, CellVerdict, Estimand, Evidence, Judged, JudgedCell};
use crate::plan::twin;
use crate::question::tlb::claims::KEPT as CLAIM;
use crate::question::tlb::kept::Kept;
use crate::question::tlb::misses::misses_per_page;
use crate::question::tlb::plan::{
    ACTORS, Comparison, FEW_ACTORS, HEADLINE_PAGES, Kind, PAGES, Without, id, ring,
};
use crate::question::tlb::share::{HALF, KEPT, flushed};
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
        let view = View { record, evidence };
        let scan: Vec<Scan> = ACTORS.filter_map(|actors| view.scan(actors)).collect();
        let mut refills = view.refills();
        if !flush_seen {
            // A share of nothing says nothing.
            refills.clear();
        }
        let slots = slots(record, &scan);
        let steps = (*ACTORS.start()..*ACTORS.end())
            .filter_map(|from| view.step(from, &scan, &refills))
            .collect();
        let misses = ACTORS.filter_map(|actors| view.miss(actors, &refills)).collect();
        let lines = FEW_ACTORS.into_iter().filter_map(|actors| view.line(actors)).collect();
        Translation { controls: view.controls(), scan, steps, refills, lines, misses, kept, slots }
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

    fn step(&self, from: u32, scan: &[Scan], refills: &[Refill]) -> Option<Step> {
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
        let cause = if cliff { cause(from, scan, refills) } else { Cause::None };
        let any = process.or(thread).or(vm_process).is_some();
        any.then_some(Step { from, process, thread, vm_process, excess, cliff, cause })
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

    fn refills(&self) -> Vec<Refill> {
        let cycles = self.record.cycles_per_tick();
        let in_cycles = |ticks: Option<Interval>| {
            let (ticks, cycles) = (ticks?, cycles?);
            Some(ticks.map(|ticks| ticks * cycles))
        };
        let mut found = Vec::new();
        for (id, evidence) in self.evidence {
            let arm = &evidence.b.arm;
            let kind = Kind::ALL.into_iter().find(|kind| {
                // The plain cell alone: other orders and huge pages have other ids.
                self::id(Comparison::Refill(*kind), arm.actors, arm.pages) == *id
            });
            let (Some(kind), Some(fraction)) = (kind, evidence.refill_fraction) else { continue };
            found.push(Refill {
                kind,
                actors: arm.actors,
                pages: arm.pages,
                cycles_per_page: in_cycles(evidence.b.refill_ticks_per_page),
                flushed_cycles_per_page: in_cycles(evidence.a.refill_ticks_per_page),
                fraction,
            });
        }
        found.sort_by_key(|refill| (refill.kind as u8, refill.pages, refill.actors));
        found
    }

    fn controls(&self) -> Vec<(Without, u32, Interval)> {
        let fraction = |without, pages| {
            let found = self.evidence(Comparison::Control(without), 0, pages)?.refill_fraction?;
            Some((without, pages, found))
        };
        let each = |pages| Without::ALL.into_iter().filter_map(move |w| fraction(w, pages));
        PAGES.into_iter().flat_map(each).collect()
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
        let per_page = indirect.last().map(|(pages, added)| added.map(|c| c / f64::from(*pages)));
        let textbook_pages = per_page.and_then(|slope| between(direct.estimate, slope.estimate));
        Some(Line { actors, direct, indirect, per_page, textbook_pages })
    }

    fn miss(&self, actors: u32, refills: &[Refill]) -> Option<Miss> {
        let inferred = process_fraction(refills, actors);
        let counted = match misses_per_page(self.record, actors, HEADLINE_PAGES) {
            Err(None) => return None,
            Err(Some(reason)) => Err(reason),
            Ok(counted) => Ok(counted),
        };
        let by_misses = counted.as_ref().ok().copied().and_then(flushed);
        let both = by_misses.zip(inferred.and_then(flushed));
        Some(Miss { actors, counted, inferred, agree: both.map(|(a, b)| a == b) })
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

/// Phi of processes that walk the headline's pages.
fn process_fraction(refills: &[Refill], actors: u32) -> Option<Interval> {
    let wanted = (Kind::Process, actors, HEADLINE_PAGES);
    let found = refills.iter().find(|r| (r.kind, r.actors, r.pages) == wanted);
    found.map(|refill| refill.fraction)
}

/// What the tracepoint and the walk say where time steps up.
fn cause(from: u32, scan: &[Scan], refills: &[Refill]) -> Cause {
    let per_switch = |actors| {
        let found = scan.iter().find(|scan| scan.actors == actors)?;
        median(&found.flushed)
    };
    let begins = per_switch(from)
        .zip(per_switch(from + 1))
        .map(|(before, after)| before < KEPT && after > KEPT);
    let lost = process_fraction(refills, from).zip(process_fraction(refills, from + 1));
    let lost = lost.map(|(before, after)| before.high < HALF && after.low > HALF);
    match (begins, lost) {
        (Some(true), _) => Cause::Kernel,
        (Some(false), Some(true)) => Cause::Processor,
        (None, Some(true)) => Cause::LostTranslations,
        (Some(false), Some(false)) => Cause::Unexplained,
        (None, Some(false)) | (_, None) => Cause::Untold,
    }
}

/// Where a line over the pages lies in the textbook's 1,000 to 2,000 cycles.
fn between(at_none: f64, per_page: f64) -> Option<(f64, f64)> {
    const TEXTBOOK: [f64; 2] = [1000.0, 2000.0];
    if per_page <= 0.0 {
        return (TEXTBOOK[0]..=TEXTBOOK[1]).contains(&at_none).then_some((0.0, f64::INFINITY));
    }
    let [from, to] = TEXTBOOK.map(|cycles| (cycles - at_none) / per_page);
    (to >= 0.0).then_some((from.max(0.0), to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbooks_cycles_are_met_between_two_numbers_of_pages() {
        assert_eq!(between(500.0, 10.0), Some((50.0, 150.0)));
        assert_eq!(between(1500.0, 10.0), Some((0.0, 50.0)));
        assert_eq!(between(2500.0, 10.0), None);
        assert_eq!(between(1500.0, -1.0), Some((0.0, f64::INFINITY)));
        assert_eq!(between(500.0, 0.0), None);
    }
}
