//! What differs from the run before, in the words that a record keeps.

use super::{Contrast, FigureChange, Kind};
use crate::claim::times;
use crate::record::{Moved, Reworded, Since};

/// Most figures that are kept.
const MOST: usize = 8;
/// Most facts that are kept.
const FACTS: usize = 20;

impl Contrast<'_> {
    /// What the second of two runs found otherwise than the first.
    #[must_use]
    pub fn since(&self) -> Option<Since> {
        let [before, after] = self.runs else { return None };
        let verdict = |row: &super::ClaimRow| Reworded {
            claim: row.claim.id.to_owned(),
            before: row.verdict(before).to_string(),
            after: row.verdict(after).to_string(),
            why: row.explanation.as_ref().map(|found| found.words()).unwrap_or_default(),
        };
        let run = |row: &&super::ClaimRow| {
            [before, after].iter().all(|r| row.verdict(r) != super::NOT_RUN)
        };
        let unknown = || "unknown".to_owned();
        let facts = self.facts.iter().take(FACTS).map(|row| {
            let [was, is] = [0, 1].map(|at| row.values.get(at).cloned().flatten());
            [row.name.clone(), was.unwrap_or_else(unknown), is.unwrap_or_else(unknown)]
        });
        Some(Since {
            run: before.run.id.clone(),
            started_utc: before.run.started_utc.clone(),
            verdicts: self.reworded().filter(run).map(verdict).collect(),
            compared: self.compared() as u64,
            beyond: self.beyond().count() as u64,
            figures: self.beyond().take(MOST).filter_map(moved).collect(),
            facts: facts.collect(),
            cautions: self.cautions.get(1).cloned().unwrap_or_default(),
        })
    }
}

fn moved(row: &super::FigureRow) -> Option<Moved> {
    let (change, unit) = (row.largest()?, row.def.estimand.unit());
    Some(Moved {
        claim: row.claim.id.to_owned(),
        title: row.def.title.to_owned(),
        before: FigureChange::brief(unit, change.before),
        after: FigureChange::brief(unit, change.after),
        change: match change.kind {
            Kind::Ratio(ratio) => {
                let [low, high] = [ratio.low, ratio.high].map(times);
                format!("{} ({low} to {high})", times(ratio.estimate))
            }
            Kind::Difference(_) => change.words(unit),
        },
    })
}
