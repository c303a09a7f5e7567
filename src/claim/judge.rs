//! The judge: a record in, verdicts out. It knows no operating system and no clock.

use super::case::Case;
use super::control::{Control, Samples};
use super::gate::Gated;
use super::margin::{Margin, compare};
use super::sentence::Sentence;
use super::verdict::{side, word};
use super::{
    Catalogue, CellDef, CellVerdict, Claim, ClaimVerdict, Drift, Estimand, Evidence, Remark, Side,
    stated,
};
use crate::plan;
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
    /// How far figures move between runs, by question; where it is absent, what is assumed at
    /// least.
    pub drifts: BTreeMap<String, Drift>,
}

impl Judged {
    /// The cells of the claim with this id; none where the catalogue has no such claim.
    #[must_use]
    pub fn cells(&self, claim: &str) -> &[JudgedCell] {
        let found = self.claims.iter().find(|judged| judged.claim.id == claim);
        found.map_or(&[], |judged| &judged.cells)
    }
}

/// A claim with its verdict.
#[derive(Debug)]
pub struct JudgedClaim {
    /// The claim.
    pub claim: &'static Claim,
    /// The word, by its stated cells.
    pub verdict: ClaimVerdict,
    /// Where it is false, on which side of the promise; none where there are no sides.
    pub side: Option<Side>,
    /// Why nothing that was timed decides in this run, where that is so.
    pub noise: Option<String>,
    /// The one sentence, and the figure of a row.
    pub sentence: Sentence,
    /// The cells, in the order of the catalogue.
    pub cells: Vec<JudgedCell>,
    /// Titles of the cells that decide.
    voting: &'static [&'static str],
}

impl JudgedClaim {
    /// The cells that decide.
    #[must_use]
    pub fn stated(&self) -> Vec<&JudgedCell> {
        let of = |title: &&str| self.cells.iter().find(|cell| cell.def.title == *title);
        self.voting.iter().filter_map(of).collect()
    }
}

impl JudgedCell {
    /// The figure, where it passed all gates.
    #[must_use]
    pub fn sound(&self) -> Option<Interval> {
        self.figure.filter(|_| self.margin.is_some())
    }
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
pub fn judge(record: &Record, catalogue: &Catalogue) -> Judged {
    let quick = record.run.quick;
    let drifts = Drift::of(record, catalogue.claims);
    let of = |cell: &crate::record::Cell| {
        let question = cell.id.question();
        let drift = drifts.get(question).copied().unwrap_or_else(|| Drift::least(question));
        // What an arm differs by from itself in this run is no estimate of anything in the next.
        let evidence = Evidence::of(cell, (cell.a != cell.b).then_some(drift));
        let demands = catalogue.demands(question);
        let samples = Samples::of(&cell.id, &evidence, demands, quick);
        (cell.id.clone(), Evidence { samples, ..evidence })
    };
    let evidence: BTreeMap<Id, Evidence> = record.cells.iter().map(of).collect();
    // A stamped arm against itself is there for its moments: it is too coarse to take a verdict
    // away.
    let alike = record.cells.iter().filter(|cell| cell.a == cell.b && !cell.a.stamped);
    let controls: Vec<Control> = alike.map(|cell| Control::of(cell, &evidence[&cell.id])).collect();
    let judge = Judge { record, evidence: &evidence, controls: &controls, catalogue };
    let claims = catalogue.claims.iter().map(|claim| judge.claim(claim)).collect();
    let mut judged = Judged { claims, controls, evidence, drifts };
    let said = |claim: &JudgedClaim| Sentence::of(&Case { record, judged: &judged, claim });
    let sentences: Vec<Sentence> = judged.claims.iter().map(said).collect();
    for (claim, sentence) in judged.claims.iter_mut().zip(sentences) {
        claim.sentence = sentence;
    }
    judged
}

/// A record and all that cells are judged by.
struct Judge<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<Id, Evidence>,
    controls: &'r [Control],
    catalogue: &'r Catalogue,
}

impl Judge<'_> {
    fn claim(&self, claim: &'static Claim) -> JudgedClaim {
        let cells: Vec<JudgedCell> = claim.cells.iter().map(|def| self.cell(claim, def)).collect();
        let is_virtual = self.record.machine.emulated == Some(true);
        let voting = match claim.where_time_is_virtual {
            instead @ [_, ..] if is_virtual => instead,
            _ => claim.stated,
        };
        let noise = self.noise(claim, voting);
        let mut judged = JudgedClaim {
            claim,
            verdict: ClaimVerdict::NotRun,
            side: None,
            noise: None,
            sentence: Sentence::default(),
            cells,
            voting,
        };
        let stated = judged.stated();
        let timed = stated.iter().any(|cell| cell.def.estimand.is_timed());
        let verdict = match word(claim.quantifier, &stated, noise.is_some()) {
            ClaimVerdict::NotRun => ClaimVerdict::NotRun,
            _ if is_virtual && timed => ClaimVerdict::NotMeasured,
            verdict => verdict,
        };
        let side = side(claim, &stated).filter(|_| verdict == ClaimVerdict::False);
        let noise = match is_virtual && timed {
            true => Some("this machine is emulated, and its time is not real time".to_owned()),
            false => noise.filter(|_| timed && verdict == ClaimVerdict::Undecided),
        };
        (judged.verdict, judged.side, judged.noise) = (verdict, side, noise);
        judged
    }

    /// By how much identical code differed from itself in a question that the claim is judged by,
    /// where that is too much.
    fn noise(&self, claim: &Claim, voting: &[&str]) -> Option<String> {
        let stated = claim.cells.iter().filter(|def| voting.contains(&def.title));
        let questions: Vec<Id> = stated.map(CellDef::id).collect();
        let asked =
            |control: &&Control| questions.iter().any(|id| id.question() == control.id.question());
        let off = |control: &Control| Some(control.ratio?.farthest_from(1.0));
        let failed = self.controls.iter().filter(asked).filter(|c| c.complete && !c.passed());
        let worst = failed.filter_map(off).fold(0.0, f64::max);
        (worst > 0.0).then(|| {
            format!("too noisy, identical code differed from itself by {:.0} %", worst * 100.0)
        })
    }

    /// A cell in the words of this run, with what else there is to say of its figure.
    fn cell(&self, claim: &Claim, def: &'static CellDef) -> JudgedCell {
        let cell = self.verdict(claim, def);
        let remark = (self.catalogue.remarks)(self.record, self.evidence, claim, &cell);
        let inflated = remark.as_ref().is_some_and(|remark| remark.inflated);
        let words = remark.map(|Remark { words, .. }| words);
        let reasons: Vec<String> =
            [Some(cell.ground.clone()), words].into_iter().flatten().collect();
        let [title, condition, series] =
            [def.title, def.condition, def.series].map(|words| stated(words, self.record));
        JudgedCell { title, condition, series, inflated, reason: reasons.join("; "), ..cell }
    }

    /// The margin that the cell's question asks for, with what its controls show.
    fn margin(&self, claim: &Claim, def: &CellDef, spread: f64) -> Margin {
        let least = self.catalogue.demands(def.id().question()).least_margin;
        Margin::new(claim, def, least, spread)
    }

    /// The verdict and its ground.
    fn verdict(&self, claim: &Claim, def: &'static CellDef) -> JudgedCell {
        let Judge { record, evidence, controls, .. } = *self;
        if let Estimand::Counted(reader) = def.estimand {
            return self.read_off(claim, def, (reader.read)(record).map(|figure| (figure, "")));
        }
        if def.estimand.is_shot() {
            let (verdict, reason) = super::crash::answer(def, record);
            return unmargined(def, verdict, reason);
        }
        if def.estimand.is_answer() {
            let (verdict, reason) = super::answer::answer(def, record);
            return unmargined(def, verdict, reason);
        }
        if def.estimand.is_footprint() {
            return self.footprint(claim, def);
        }
        let (Some(cell), Some(found)) = (record.cell(&def.id()), evidence.get(&def.id())) else {
            return unmargined(def, CellVerdict::NotRun, "not part of this run".to_owned());
        };
        let figure = figure(def.estimand, found, record);
        let margin = self.margin(claim, def, spread(def, record, controls, evidence));
        let catalogue = self.catalogue;
        let gated = Gated {
            def,
            cell,
            evidence: found,
            record,
            controls,
            all: evidence,
            margin,
            catalogue,
            shown: !claim.decides(def) && matches!(found.samples, Samples::Shown(_)),
        };
        let failed = catalogue.gates.iter().find_map(|gate| gate(&gated));
        let (verdict, ground, margin) = match (failed, figure) {
            (Some((verdict, reason)), _) => (verdict, reason, None),
            (None, None) => {
                (CellVerdict::Inconclusive, "too few samples for an interval".to_owned(), None)
            }
            (None, Some(figure)) => {
                let (verdict, mut reason) = compare(claim, def, figure, margin);
                let switches = catalogue.demands(cell.id.question()).counts_switches;
                if switches && cell.a.policy == Policy::Other {
                    reason.push_str("; without SCHED_FIFO the path of a switch is not controlled");
                }
                match &found.samples {
                    Samples::Shown(why) => (CellVerdict::Shown, why.clone(), Some(margin)),
                    _ => (verdict, reason, Some(margin)),
                }
            }
        };
        let twin = evidence.get(&plan::twin(def.id()));
        let beside = twin.and_then(|twin| super::figure(def.estimand, twin, record));
        JudgedCell { figure, beside, margin, ..unmargined(def, verdict, ground) }
    }

    /// What units keep of the memory; evidence in few launches gets no verdict.
    fn footprint(&self, claim: &Claim, def: &'static CellDef) -> JudgedCell {
        let judged = self.read_off(claim, def, super::footprint::read(def, self.record));
        let few = super::footprint::too_few(def, self.record);
        match few.filter(|_| judged.margin.is_some()) {
            Some(why) if claim.decides(def) => {
                JudgedCell { verdict: CellVerdict::Inconclusive, ground: why, ..judged }
            }
            Some(why) => JudgedCell { verdict: CellVerdict::Shown, ground: why, ..judged },
            None => judged,
        }
    }

    /// Not timed: the record holds footprints or counts of launches and no pairs.
    fn read_off(
        &self,
        claim: &Claim,
        def: &'static CellDef,
        read: Result<(Interval, &'static str), (CellVerdict, String)>,
    ) -> JudgedCell {
        match read {
            Err((verdict, reason)) => unmargined(def, verdict, reason),
            Ok((figure, beside)) => {
                let margin = self.margin(claim, def, 0.0);
                let (verdict, mut reason) = compare(claim, def, figure, margin);
                if !beside.is_empty() {
                    reason = format!("{reason} {beside}");
                }
                let (figure, margin) = (Some(figure), Some(margin));
                JudgedCell { figure, margin, ..unmargined(def, verdict, reason) }
            }
        }
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
        Estimand::Counted(_)
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
