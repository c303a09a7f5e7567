//! What the cells of the TLB say together: the scan over address spaces with its cliffs, the refill over pages, direct
//! against indirect cost, and where three kinds of evidence agree.

use super::gate::{SWITCH_TOLERANCE, enough};
use super::{ArmEvidence, CellVerdict, Estimand, Evidence, JudgedCell, figure, misses_per_page};
use crate::plan::translation::{
    ACTORS, FEW_ACTORS, Family, HEADLINE_PAGES, Kind, PAGES, Without, id, ring,
};
use crate::plan::twin;
use crate::record::{Cell, CheckOutcome, Count, Modes, Outcome, Policy, Record, Stop};
use crate::stats::{Interval, median};
use std::collections::BTreeMap;

/// A step of processes beyond that of threads by less than this is no cliff: the least margin of a verdict.
const LEAST_STEP: f64 = 0.02;
/// Where a switch takes more than half of what a flush takes, the translations count as lost.
const HALF: f64 = 0.5;
/// Misses or fractions at least as big say "flushed", and at most as big "kept" (the bands of B1).
const FLUSHED: f64 = 0.8;
const KEPT: f64 = 0.3;

/// Everything that a record says of the TLB.
#[derive(Debug)]
pub struct Translation {
    /// Rings that touch nothing, by the number of actors.
    pub scan: Vec<Scan>,
    /// From one number of actors to the next.
    pub steps: Vec<Step>,
    /// Walks in rings, against the walk after a forced flush.
    pub refills: Vec<Refill>,
    /// Walks after what should flush nothing, or little, against the walk after a forced flush.
    pub controls: Vec<(Without, u32, Interval)>,
    /// Extra cycles per switch as a line over the pages, by the number of actors.
    pub lines: Vec<Line>,
    /// Misses counted beside misses inferred from time.
    pub misses: Vec<Miss>,
    /// Address spaces whose translations the core keeps.
    pub kept: Kept,
    /// Address spaces that Linux's identifiers are enough for, as its tracepoint shows, or why it shows nothing.
    pub slots: Result<Kept, String>,
}

/// Rings that touch nothing.
#[derive(Debug)]
pub struct Scan {
    /// Actors on the core.
    pub actors: u32,
    /// What a switch costs more among processes than among threads, core cycles.
    pub process: Option<Interval>,
    /// The same among processes that share an address space.
    pub vm_process: Option<Interval>,
    /// As `process`, under `SCHED_OTHER`.
    pub process_other: Option<Interval>,
    /// Flushes per switch among processes, as the kernel's tracepoint counted them: one figure for each launch.
    pub flushed: Vec<f64>,
    /// Switches of the address space that kept the TLB, per switch, launch by launch.
    pub kept: Vec<f64>,
}

/// From K actors to K + 1, as time per switch with K + 1 over time with K.
#[derive(Debug)]
pub struct Step {
    /// K.
    pub from: u32,
    /// Among processes.
    pub process: Option<Interval>,
    /// Among threads: shows what one more actor costs that has nothing to do with address spaces.
    pub thread: Option<Interval>,
    /// Among processes that share an address space: the same.
    pub vm_process: Option<Interval>,
    /// The step of processes over the bigger of the two others.
    pub excess: Option<Interval>,
    /// The excess is certainly more than 2 %.
    pub cliff: bool,
    /// What the other kinds of evidence say at this step.
    pub cause: Cause,
}

/// Why time steps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No cliff, or none measured.
    None,
    /// The kernel begins to flush: its tracepoint says so.
    Kernel,
    /// The walk begins to cost what it costs after a flush, though the kernel does not flush: the processor keeps
    /// fewer address spaces than the kernel has identifiers for.
    Processor,
    /// The walk begins to cost what it costs after a flush, and the tracepoint is missing.
    LostTranslations,
    /// Neither, though both were measured: something else than the translations of the pages.
    Unexplained,
    /// One of the two other kinds of evidence is missing, and what there is does not tell.
    Untold,
}

/// Walks in a ring.
#[derive(Debug)]
pub struct Refill {
    /// Whose ring.
    pub kind: Kind,
    /// Actors on the core.
    pub actors: u32,
    /// Pages that each walks.
    pub pages: u32,
    /// What a page costs more right after the switch, core cycles.
    pub cycles_per_page: Option<Interval>,
    /// The same after a forced flush, core cycles.
    pub flushed_cycles_per_page: Option<Interval>,
    /// Phi: the one over the other, pair by pair.
    pub fraction: Interval,
}

/// Extra cycles per switch, processes against threads, over the pages touched.
#[derive(Debug)]
pub struct Line {
    /// Actors on the core.
    pub actors: u32,
    /// Without pages: the direct cost.
    pub direct: Interval,
    /// What the pages add, with their number: the indirect cost.
    pub indirect: Vec<(u32, Interval)>,
    /// Core cycles that each page adds: the slope between none and the most.
    pub per_page: Option<Interval>,
    /// Pages between which the line lies in 1,000 to 2,000 cycles, ends included; estimates.
    pub textbook_pages: Option<(f64, f64)>,
}

/// Misses of the TLB, counted and inferred.
#[derive(Debug)]
pub struct Miss {
    /// Actors on the core.
    pub actors: u32,
    /// Misses per page that a PMU counted, or why none.
    pub counted: Result<Interval, String>,
    /// Page walks per page, inferred from time: phi.
    pub inferred: Option<Interval>,
    /// Do both say flushed, or both kept? `None` where one of them says neither.
    pub agree: Option<bool>,
}

/// How many address spaces are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Up to this many, and one more is too many.
    Exactly(u32),
    /// At least this many: the most that were tried.
    AtLeast(u32),
    /// At least the first and fewer than the second: what lies between is undecided.
    Between(u32, u32),
    /// Nothing that could be told.
    Unknown,
}

impl Kept {
    /// One less than the first number of address spaces at which a switch takes more than half of what a flush takes.
    pub(super) fn of(cells: &[JudgedCell]) -> Self {
        let suffix = format!("/{HEADLINE_PAGES}pages");
        let usable = |cell: &&JudgedCell| {
            let gated = cell.margin.is_some() && cell.verdict != CellVerdict::NotMeasurable;
            gated && cell.def.experiment.ends_with(&suffix)
        };
        let fractions = cells.iter().filter(usable).filter_map(|cell| {
            let actors = ACTORS.into_iter().find(|actors| {
                id(Family::Refill(Kind::Process), *actors, HEADLINE_PAGES) == cell.def.experiment
            })?;
            Some((actors, cell.figure?))
        });
        Self::scan(&fractions.collect::<Vec<_>>(), HALF)
    }

    /// The same over any figures that rise with the number of address spaces: the last below `level` and the first
    /// above it.
    fn scan(figures: &[(u32, Interval)], level: f64) -> Self {
        let below = figures.iter().take_while(|(_, figure)| figure.high < level);
        let last_below = below.last().map(|(actors, _)| *actors);
        let first_above = figures.iter().find(|(_, figure)| figure.low > level);
        match (last_below, first_above.map(|(actors, _)| *actors)) {
            (Some(last), None) if Some(last) == figures.last().map(|(actors, _)| *actors) => {
                Kept::AtLeast(last)
            }
            (Some(last), Some(first)) if first == last + 1 => Kept::Exactly(last),
            (Some(last), Some(first)) => Kept::Between(last, first),
            // One address space is always kept by itself.
            (None, Some(2)) => Kept::Exactly(1),
            _ => Kept::Unknown,
        }
    }

    /// As a clause, if there is something to say.
    #[must_use]
    pub fn to_words(&self) -> Option<String> {
        match self {
            Kept::Exactly(1) => Some("only its present one".to_owned()),
            Kept::Exactly(number) => Some(format!("{number} address spaces")),
            Kept::AtLeast(number) => Some(format!("at least {number} address spaces")),
            Kept::Between(low, high) => {
                Some(format!("at least {low} and fewer than {high} address spaces"))
            }
            Kept::Unknown => None,
        }
    }
}

/// Core cycles that pass in a tick of the architecture's counter.
#[must_use]
pub(super) fn cycles_per_tick(record: &Record) -> Option<f64> {
    let ghz = |id| {
        let check = record.check(id).filter(|check| check.outcome == CheckOutcome::Passed)?;
        check.figure.filter(|ghz| *ghz > 0.0)
    };
    Some(ghz("core-frequency")? / ghz("tick-rate")?)
}

/// A record with what its samples say.
struct View<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<String, Evidence>,
}

impl Translation {
    /// `flush_seen`: the forced flush, with which refills are compared, was found to cost something.
    pub(super) fn of(
        record: &Record,
        evidence: &BTreeMap<String, Evidence>,
        kept: Kept,
        flush_seen: bool,
    ) -> Self {
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
        let misses = ACTORS.filter_map(|actors| view.miss(actors)).collect();
        let lines = FEW_ACTORS.into_iter().filter_map(|actors| view.line(actors)).collect();
        Translation { controls: view.controls(), scan, steps, refills, lines, misses, kept, slots }
    }

    /// Was anything of it measured?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let timed = !(self.scan.is_empty() && self.refills.is_empty() && self.steps.is_empty());
        !timed && self.misses.iter().all(|miss| miss.counted.is_err())
    }
}

impl View<'_> {
    fn evidence(&self, family: Family, actors: u32, pages: u32) -> Option<&Evidence> {
        self.evidence.get(&id(family, actors, pages))
    }

    fn extra(&self, family: Family, actors: u32, pages: u32) -> Option<Interval> {
        figure(Estimand::ExtraCycles, self.evidence(family, actors, pages)?, self.record)
    }

    fn scan(&self, actors: u32) -> Option<Scan> {
        let other = self.evidence.get(&twin(&id(Family::Switch, actors, 0)));
        let per_switch = |event| {
            let rows = rows(self.record, Kind::Process, actors);
            rows.filter_map(|count| count.per_switch(event, Modes::UserKernel)).collect()
        };
        let scan = Scan {
            actors,
            process: self.extra(Family::Switch, actors, 0),
            vm_process: self.extra(Family::SharedMemory, actors, 0),
            process_other: other.and_then(|e| figure(Estimand::ExtraCycles, e, self.record)),
            flushed: per_switch(FLUSHED_EVENT),
            kept: per_switch(KEPT_EVENT),
        };
        (scan.process.is_some() || scan.vm_process.is_some() || !scan.flushed.is_empty())
            .then_some(scan)
    }

    fn step(&self, from: u32, scan: &[Scan], refills: &[Refill]) -> Option<Step> {
        let per_switch = f64::from(from) / f64::from(from + 1);
        let step = |kind| {
            let evidence = self.evidence(Family::Step(kind), from, 0)?;
            let sound = self.sound(&id(Family::Step(kind), from, 0), evidence);
            evidence.ratio.filter(|_| sound).map(|ratio| ratio.map(|ratio| ratio * per_switch))
        };
        let (process, thread, vm_process) =
            (step(Kind::Process), step(Kind::Thread), step(Kind::VmProcess));
        let null = [thread, vm_process].into_iter().flatten();
        let null = null.max_by(|a, b| a.estimate.total_cmp(&b.estimate));
        let excess = process.zip(null).map(|(process, null)| {
            let logs = [process, null].map(|step| step.map(f64::ln));
            Interval::combination(&[(1.0, logs[0]), (-1.0, logs[1])]).map(f64::exp)
        });
        let cliff = excess.is_some_and(|excess| excess.low > 1.0 + LEAST_STEP);
        let cause = if cliff { cause(from, scan, refills) } else { Cause::None };
        let any = process.or(thread).or(vm_process).is_some();
        any.then_some(Step { from, process, thread, vm_process, excess, cliff, cause })
    }

    /// Measured to its end, in enough samples, with the switches that the arms plan: under `SCHED_OTHER` a lap may
    /// hold more, and its time is then no time of so many switches.
    fn sound(&self, id: &str, evidence: &Evidence) -> bool {
        let ended = |cell: &Cell| !matches!(cell.stop, Stop::Failed(_));
        let planned = |arm: &ArmEvidence| {
            let off = arm.switches_per_op.map(|found| found / f64::from(arm.arm.actors) - 1.0);
            off.is_some_and(|off| off.abs() <= SWITCH_TOLERANCE)
        };
        self.record.cell(id).is_some_and(ended)
            && enough(evidence, self.record.run.quick).is_none()
            && planned(&evidence.a)
            && planned(&evidence.b)
    }

    fn refills(&self) -> Vec<Refill> {
        let cycles = cycles_per_tick(self.record);
        let in_cycles = |ticks: Option<Interval>| {
            let (ticks, cycles) = (ticks?, cycles?);
            Some(ticks.map(|ticks| ticks * cycles))
        };
        let mut found = Vec::new();
        for (id, evidence) in self.evidence {
            let arm = &evidence.b.arm;
            let kind = Kind::ALL.into_iter().find(|kind| {
                // The plain cell alone: other orders and huge pages have other ids.
                self::id(Family::Refill(*kind), arm.actors, arm.pages) == *id
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
            let found = self.evidence(Family::Control(without), 0, pages)?.refill_fraction?;
            Some((without, pages, found))
        };
        let each = |pages| Without::ALL.into_iter().filter_map(move |w| fraction(w, pages));
        PAGES.into_iter().flat_map(each).collect()
    }

    fn line(&self, actors: u32) -> Option<Line> {
        let direct = self.extra(Family::Switch, actors, 0)?;
        let indirect: Vec<(u32, Interval)> = PAGES
            .into_iter()
            .filter_map(|pages| {
                let whole = self.extra(Family::Switch, actors, pages)?;
                Some((pages, Interval::combination(&[(1.0, whole), (-1.0, direct)])))
            })
            .collect();
        let per_page = indirect.last().map(|(pages, added)| added.map(|c| c / f64::from(*pages)));
        let textbook_pages = per_page.and_then(|slope| between(direct.estimate, slope.estimate));
        Some(Line { actors, direct, indirect, per_page, textbook_pages })
    }

    fn miss(&self, actors: u32) -> Option<Miss> {
        let inferred = self.evidence(Family::Refill(Kind::Process), actors, HEADLINE_PAGES);
        let inferred = inferred.and_then(|evidence| evidence.refill_fraction);
        let counted = match misses_per_page(self.record, actors, HEADLINE_PAGES) {
            Err(None) => return None,
            Err(Some(reason)) => Err(reason),
            Ok(counted) => Ok(counted),
        };
        let says = |figure: Interval| match (figure.low >= FLUSHED, figure.high <= KEPT) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let both = counted.as_ref().ok().copied().and_then(says).zip(inferred.and_then(says));
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

/// What the tracepoint and the walk say where time steps up.
fn cause(from: u32, scan: &[Scan], refills: &[Refill]) -> Cause {
    let flushed = |actors| {
        let found = scan.iter().find(|scan| scan.actors == actors)?;
        median(&found.flushed)
    };
    let fraction = |actors| {
        let wanted = |refill: &&Refill| {
            (refill.kind, refill.actors, refill.pages) == (Kind::Process, actors, HEADLINE_PAGES)
        };
        refills.iter().find(wanted).map(|refill| refill.fraction)
    };
    let begins =
        flushed(from).zip(flushed(from + 1)).map(|(before, after)| before < KEPT && after > KEPT);
    let lost = fraction(from).zip(fraction(from + 1));
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

    fn at(actors: u32, low: f64, high: f64) -> (u32, Interval) {
        (actors, Interval { estimate: (low + high) / 2.0, low, high })
    }

    #[test]
    fn the_number_kept_is_one_less_than_the_first_that_is_lost() {
        let scan = |figures: &[(u32, Interval)]| Kept::scan(figures, 0.5);
        let low = |actors| at(actors, 0.1, 0.2);
        let high = |actors| at(actors, 0.9, 1.1);
        assert_eq!(scan(&[low(2), low(3), high(4), high(5)]), Kept::Exactly(3));
        assert_eq!(scan(&[high(2), high(3)]), Kept::Exactly(1));
        assert_eq!(scan(&[low(2), low(3)]), Kept::AtLeast(3));
        assert_eq!(scan(&[low(2), at(3, 0.4, 0.6), high(4)]), Kept::Between(2, 4));
        // A number that was not measured may be either.
        assert_eq!(scan(&[low(2), high(5)]), Kept::Between(2, 5));
        assert_eq!(scan(&[at(2, 0.4, 0.6), high(3)]), Kept::Unknown);
        assert_eq!(scan(&[low(2), at(3, 0.4, 0.6)]), Kept::Unknown);
        assert_eq!(scan(&[]), Kept::Unknown);
    }

    #[test]
    fn the_textbooks_cycles_are_met_between_two_numbers_of_pages() {
        assert_eq!(between(500.0, 10.0), Some((50.0, 150.0)));
        assert_eq!(between(1500.0, 10.0), Some((0.0, 50.0)));
        assert_eq!(between(2500.0, 10.0), None);
        assert_eq!(between(1500.0, -1.0), Some((0.0, f64::INFINITY)));
        assert_eq!(between(500.0, 0.0), None);
    }
}
