//! The judge: a record in, verdicts out. It knows no operating system and no clock.

use super::case::Case;
use super::control::{Control, Samples};
use super::gate::Gated;
use super::judged::{Judged, JudgedCell, JudgedClaim};
use super::margin::{Margin, compare};
use super::sentence::Sentence;
use super::verdict::{side, word};
use super::{
    Catalogue, CellDef, CellVerdict, Claim, ClaimVerdict, Drift, Estimand, Evidence, Lack, stated,
};
use crate::plan;
use crate::record::{Id, Policy, Record};
use crate::stats::Interval;
use std::collections::BTreeMap;

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
        let is_virtual = !self.record.machine.has_real_time();
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
        let noise = noise.filter(|_| timed && verdict == ClaimVerdict::Undecided);
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
        let reason = match remark {
            Some(remark) => format!("{}; {remark}", cell.ground),
            None => cell.ground.clone(),
        };
        JudgedCell { title: stated(def.title, self.record), reason, ..cell }
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
            return JudgedCell::unmargined(def, super::crash::answer(def, record));
        }
        if def.estimand.is_answer() {
            return JudgedCell::unmargined(def, super::answer::answer(def, record));
        }
        if def.estimand.is_footprint() {
            return self.footprint(claim, def);
        }
        let (Some(cell), Some(found)) = (record.cell(&def.id()), evidence.get(&def.id())) else {
            return JudgedCell::unmargined(def, Lack::NotRun.into());
        };
        let figure = def.estimand.figure(found, record);
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
                let (verdict, reason) = Lack::SamplesForInterval.into();
                (verdict, reason, None)
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
        let beside = twin.and_then(|twin| def.estimand.figure(twin, record));
        JudgedCell { figure, beside, margin, ..JudgedCell::unmargined(def, (verdict, ground)) }
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
            Err(why) => JudgedCell::unmargined(def, why),
            Ok((figure, beside)) => {
                let margin = self.margin(claim, def, 0.0);
                let (verdict, mut reason) = compare(claim, def, figure, margin);
                if !beside.is_empty() {
                    reason = format!("{reason} {beside}");
                }
                let (figure, margin) = (Some(figure), Some(margin));
                JudgedCell { figure, margin, ..JudgedCell::unmargined(def, (verdict, reason)) }
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
            let difference = def.estimand.figure(evidence.get(&control.id)?, record)?;
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
