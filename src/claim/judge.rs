//! The judge: a record in, verdicts out. It knows no operating system and no clock.

use super::control::Control;
use super::creation::{Race, Trap};
use super::fold::fold;
use super::gate::Gates;
use super::margin::{Margin, compare};
use super::{
    CellDef, CellVerdict, Claim, ClaimVerdict, Contention, Creation, Drill, Estimand, Evidence,
    Kept, Memory, Servers, Translation, stated,
};
use crate::plan;
use crate::question::creation::claims as creation_claims;
use crate::question::memory::claims as memory_claims;
use crate::question::tlb::claims as tlb_claims;
use crate::question::tlb::plan::{self as tlb, Comparison, Kind};
use crate::question::{self, CLAIMS, Question};
use crate::record::{Id, Policy, Record};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// Everything that the judge says about a record.
#[derive(Debug)]
pub struct Judged {
    /// The claims, in the order of the catalogue.
    pub claims: Vec<JudgedClaim>,
    /// The A/A comparisons of the run.
    pub controls: Vec<Control>,
    /// What the samples of every experiment say, judged or not, by its id.
    pub evidence: BTreeMap<Id, Evidence>,
    /// What they say together of the TLB.
    pub translation: Translation,
    /// What they say together of creation.
    pub creation: Creation,
    /// What they say together of workers on all CPUs.
    pub contention: Contention,
    /// What they say together of the drill.
    pub drill: Drill,
    /// What the footprints say together of memory.
    pub memory: Memory,
    /// What servers answered under load, and what shots took from them.
    pub servers: Servers,
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
    /// Its title, with the small parent of the run stated.
    pub title: String,
    /// Its condition, likewise.
    pub condition: String,
    /// Its series, likewise.
    pub series: String,
    /// The verdict.
    pub verdict: CellVerdict,
    /// Why, without what else there is to say of the figure: what a claim's cells have in common.
    pub(super) ground: String,
    /// Why, and what else there is to say.
    pub reason: String,
    /// The figure that was judged, in the base unit of the estimand.
    pub figure: Option<Interval>,
    /// What the same arms show under `SCHED_OTHER`, where they were paired under `SCHED_FIFO`;
    /// never judged.
    pub beside: Option<Interval>,
    /// The margin as it was applied; absent where a gate failed before.
    pub margin: Option<Margin>,
    /// Trapped CPUIDs are certainly more than 30 % of the figure; the reason says how much, and
    /// what is left.
    pub inflated: bool,
}

/// Judges every claim of the catalogue: each cell once, then each claim once.
#[must_use]
pub fn judge(record: &Record) -> Judged {
    let evidence: BTreeMap<Id, Evidence> =
        record.cells.iter().map(|cell| (cell.id.clone(), Evidence::of(cell))).collect();
    // A stamped arm against itself is there for its moments: it is too coarse to take a verdict
    // away.
    let alike = record.cells.iter().filter(|cell| cell.a == cell.b && !cell.a.stamped);
    let controls: Vec<Control> =
        alike.map(|cell| Control::of(cell, &evidence[&cell.id], record.run.quick)).collect();
    let traps = Trap::all(record, &evidence);
    let judge = Judge { record, evidence: &evidence, controls: &controls, traps: &traps };
    let grids: Vec<(&Claim, Vec<JudgedCell>)> =
        CLAIMS.iter().map(|claim| (claim, judge.cells(claim))).collect();
    let grid = |id| grids.iter().find(|(claim, _)| claim.id == id).map_or(&[][..], |(_, c)| c);
    let kept = grid(tlb_claims::KEPT);
    // Not measurable though there is a figure: the flush that it is a share of does not show.
    let unseen =
        |cell: &JudgedCell| cell.verdict == CellVerdict::NotMeasurable && cell.figure.is_some();
    let flush_seen = !kept.iter().any(unseen);
    let translation = Translation::of(record, &evidence, Kept::of(kept), flush_seen);
    let creation = Creation::of(record, &evidence, &controls, grid(creation_claims::RACE));
    let memory = Memory::of(record);
    let answer = |claim: &Claim| match claim.id {
        tlb_claims::KEPT => translation.kept.to_words(),
        memory_claims::STACKS => memory.first_limit(),
        creation_claims::RACE => break_evens(claim, &creation),
        _ => None,
    };
    let answers: Vec<Option<String>> = grids.iter().map(|(claim, _)| answer(claim)).collect();
    let claims = grids.into_iter().zip(answers);
    let claims = claims.map(|((claim, cells), answer)| judge.claim(claim, cells, answer)).collect();
    let contention = Contention::of(&evidence);
    let drill = Drill::of(record, &evidence);
    let servers = Servers::of(record);
    Judged { claims, controls, evidence, translation, creation, contention, drill, memory, servers }
}

/// From how many threads on a fork is ready first, race by race.
fn break_evens(claim: &Claim, creation: &Creation) -> Option<String> {
    let phrase = |race: &Race| {
        let found = race.to_words()?;
        let id = question::creation::plan::race(race.name, race.points.first()?.threads);
        let series = claim.cells.iter().find(|cell| cell.id() == id)?.series;
        Some(format!("{found} for {series}"))
    };
    let found: Vec<String> = creation.races.iter().filter_map(phrase).collect();
    (!found.is_empty()).then(|| format!("T* in threads: {}", found.join(", ")))
}

/// A record and all that cells are judged by.
struct Judge<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<Id, Evidence>,
    controls: &'r [Control],
    traps: &'r [Trap],
}

impl Judge<'_> {
    /// The claim's verdict, with its answer first where that is a number.
    fn claim(
        &self,
        claim: &'static Claim,
        cells: Vec<JudgedCell>,
        answer: Option<String>,
    ) -> JudgedClaim {
        let (verdict, folded) = fold(&cells);
        let inflated = |cell: &&JudgedCell| cell.inflated && cell.verdict == CellVerdict::Holds;
        let inflated = match cells.iter().filter(inflated).count() {
            0 => None,
            1 => Some("1 cell that holds is inflated by virtualisation".to_owned()),
            more => Some(format!("{more} cells that hold are inflated by virtualisation")),
        };
        let reasons: Vec<String> = [answer, Some(folded), inflated].into_iter().flatten().collect();
        JudgedClaim { claim, verdict, reason: stated(&reasons.join("; "), self.record), cells }
    }

    fn cells(&self, claim: &'static Claim) -> Vec<JudgedCell> {
        claim.cells.iter().map(|def| self.cell(claim, def)).collect()
    }

    /// A cell in the words of this run, with what else there is to say of its figure.
    fn cell(&self, claim: &Claim, def: &'static CellDef) -> JudgedCell {
        let cell = self.verdict(claim, def);
        let trap = self.trap(claim, &cell);
        let inflated = trap.is_some();
        let uncounted = self.uncounted(&cell);
        let reasons: Vec<String> =
            [Some(cell.ground.clone()), trap, uncounted].into_iter().flatten().collect();
        let [title, condition, series] =
            [def.title, def.condition, def.series].map(|words| stated(words, self.record));
        JudgedCell { title, condition, series, inflated, reason: reasons.join("; "), ..cell }
    }

    /// What trapped CPUIDs take of a time that they inflate, and what is left without them.
    fn trap(&self, claim: &Claim, cell: &JudgedCell) -> Option<String> {
        let (def, margin) = (cell.def, cell.margin?);
        let same = |trap: &&Trap| trap.inflated && trap.experiment == def.id();
        let trap = self.traps.iter().filter(|_| def.estimand == Estimand::TimeB).find(same)?;
        let (_, rest) = compare(claim, def, trap.residual_ns, margin, self.record.run.quick);
        Some(trap.to_words(&rest))
    }

    /// Where trapped CPUIDs are in a figure that holds, and were not counted.
    fn uncounted(&self, cell: &JudgedCell) -> Option<String> {
        let execs = matches!(cell.def.estimand, Estimand::TimeB | Estimand::Ratio);
        let holds = cell.verdict == CellVerdict::Holds;
        (execs && holds && Trap::uncounted(self.record, &cell.def.id()))
            .then(|| "how much of it trapped CPUIDs take was not counted".to_owned())
    }

    /// The verdict and its ground.
    fn verdict(&self, claim: &Claim, def: &'static CellDef) -> JudgedCell {
        let Judge { record, evidence, controls, .. } = *self;
        if def.estimand == Estimand::MissesPerPage {
            return judge_misses(claim, def, record);
        }
        if def.estimand.is_shot() {
            let (verdict, reason) = super::servers::answer(def, record);
            return unmargined(def, verdict, reason);
        }
        if def.estimand.is_answer() {
            let (verdict, reason) = super::answer::answer(def, record);
            return unmargined(def, verdict, reason);
        }
        if def.estimand.is_footprint() {
            return judge_footprint(claim, def, record);
        }
        let (Some(cell), Some(found)) = (record.cell(&def.id()), evidence.get(&def.id())) else {
            return unmargined(def, CellVerdict::NotRun, "this run did not try it".to_owned());
        };
        let figure = figure(def.estimand, found, record);
        let margin = Margin::new(claim, def, spread(def, record, controls, evidence));
        let gates = Gates { def, cell, evidence: found, record, controls, all: evidence, margin };
        let (verdict, ground, margin) = match (gates.first_failure(), figure) {
            (Some((verdict, reason)), _) => (verdict, reason, None),
            (None, None) => {
                (CellVerdict::Inconclusive, "too few samples for an interval".to_owned(), None)
            }
            (None, Some(figure)) => {
                let (verdict, mut reason) = compare(claim, def, figure, margin, record.run.quick);
                let switches = [Question::Switching, Question::Tlb].map(Question::name);
                if switches.contains(&cell.id.question()) && cell.a.policy == Policy::Other {
                    reason.push_str("; without SCHED_FIFO the path of a switch is not controlled");
                }
                (verdict, reason, Some(margin))
            }
        };
        let twin = evidence.get(&plan::twin(def.id()));
        let beside = twin.and_then(|twin| super::figure(def.estimand, twin, record));
        JudgedCell { figure, beside, margin, ..unmargined(def, verdict, ground) }
    }
}

/// How far the A/A comparisons of the cell's question are from showing nothing, in what it is read
/// off.
fn spread(
    def: &CellDef,
    record: &Record,
    controls: &[Control],
    evidence: &BTreeMap<Id, Evidence>,
) -> f64 {
    let own = |control: &&Control| control.id.question() == def.id().question();
    let spreads = controls.iter().filter(own).filter_map(|control| match def.estimand {
        Estimand::ExtraCycles => {
            let difference = super::figure(def.estimand, evidence.get(&control.id)?, record)?;
            Some(difference.farthest_from(0.0))
        }
        Estimand::RefillFraction => {
            let control = evidence.get(&control.id)?;
            // Only a flush has a refill that is far enough from nothing to be compared with itself.
            let flush = control.a.arm.actors == 0;
            control.refill_fraction.filter(|_| flush).map(|fraction| fraction.farthest_from(1.0))
        }
        _ => Some(control.ratio?.farthest_from(1.0)),
    });
    spreads.fold(0.0, f64::max)
}

/// A cell that was not compared with the band.
fn unmargined(def: &'static CellDef, verdict: CellVerdict, ground: String) -> JudgedCell {
    let [title, condition, series, reason] = [const { String::new() }; 4];
    JudgedCell {
        def,
        title,
        condition,
        series,
        verdict,
        ground,
        reason,
        figure: None,
        beside: None,
        margin: None,
        inflated: false,
    }
}

/// Kept, not timed: the record holds footprints of launches and no pairs.
fn judge_footprint(claim: &Claim, def: &'static CellDef, record: &Record) -> JudgedCell {
    match super::footprint::read(def, record) {
        Err((verdict, reason)) => unmargined(def, verdict, reason),
        Ok((figure, beside)) => {
            let margin = Margin::new(claim, def, 0.0);
            let (verdict, mut reason) = compare(claim, def, figure, margin, record.run.quick);
            if !beside.is_empty() {
                reason = format!("{reason} {beside}");
            }
            let (figure, margin) = (Some(figure), Some(margin));
            JudgedCell { figure, margin, ..unmargined(def, verdict, reason) }
        }
    }
}

/// Counted, not timed: the record holds the counts of launches and no pairs.
fn judge_misses(claim: &Claim, def: &'static CellDef, record: &Record) -> JudgedCell {
    let judged = |verdict, reason, figure, margin| JudgedCell {
        figure,
        margin,
        ..unmargined(def, verdict, reason)
    };
    let found = conditions(&def.id())
        .ok_or(None)
        .and_then(|(actors, pages)| super::misses_per_page(record, actors, pages));
    match found {
        Err(None) => judged(CellVerdict::NotRun, "this run did not try it".to_owned(), None, None),
        Err(Some(reason)) => judged(CellVerdict::NotMeasurable, reason, None, None),
        Ok(figure) => {
            let margin = Margin::new(claim, def, 0.0);
            let (verdict, reason) = compare(claim, def, figure, margin, record.run.quick);
            judged(verdict, reason, Some(figure), Some(margin))
        }
    }
}

/// Actors and pages of a refill experiment of the plan.
fn conditions(experiment: &Id) -> Option<(u32, u32)> {
    tlb::ACTORS.map(|actors| (actors, tlb::HEADLINE_PAGES)).find(|(actors, pages)| {
        tlb::id(Comparison::Refill(Kind::Process), *actors, *pages) == *experiment
    })
}

/// What an estimand reads off the samples of an experiment.
#[must_use]
pub fn figure(estimand: Estimand, evidence: &Evidence, record: &Record) -> Option<Interval> {
    match estimand {
        Estimand::TimeA => evidence.a.time_ns,
        Estimand::TimeB => evidence.b.time_ns,
        Estimand::FirstA => evidence.a.first_ns,
        Estimand::FirstB => evidence.b.first_ns,
        Estimand::ReapedB => evidence.b.reaped_ns,
        Estimand::Ratio => evidence.ratio,
        Estimand::ReadyRatio => evidence.ready_ratio,
        Estimand::ExtraCycles => {
            let ghz = record.check("core-frequency")?.figure?;
            evidence.extra_ns_per_switch.map(|extra| extra.map(|ns| ns * ghz))
        }
        Estimand::RefillFraction => evidence.refill_fraction,
        // Of counts, answers and footprints, not of samples.
        Estimand::MissesPerPage
        | Estimand::Holds
        | Estimand::Seen(_)
        | Estimand::Unseen(_)
        | Estimand::VirtualPerUnit
        | Estimand::MemoryPerUnit
        | Estimand::MemoryOver(_)
        | Estimand::PeakOver(_)
        | Estimand::SparesOthers
        | Estimand::TakesAll => None,
    }
}
