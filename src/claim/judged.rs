//! What the judge says of a record.

use super::control::Control;
use super::margin::Margin;
use super::sentence::Sentence;
use super::{CellDef, CellVerdict, Claim, ClaimVerdict, Drift, Evidence, Side};
use crate::record::Id;
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
    pub(super) voting: &'static [&'static str],
}

impl JudgedClaim {
    /// Was so much of it part of the run that it has a word?
    #[must_use]
    pub fn was_run(&self) -> bool {
        self.verdict != ClaimVerdict::NotRun
    }

    /// Was any of its cells part of the run?
    #[must_use]
    pub fn was_tried(&self) -> bool {
        self.cells.iter().any(|cell| cell.verdict != CellVerdict::NotRun)
    }

    /// The cells that decide.
    #[must_use]
    pub fn stated(&self) -> Vec<&JudgedCell> {
        let of = |title: &&str| self.cells.iter().find(|cell| cell.def.title == *title);
        self.voting.iter().filter_map(of).collect()
    }
}

/// A cell with its verdict.
#[derive(Debug)]
pub struct JudgedCell {
    /// The cell.
    pub def: &'static CellDef,
    /// Its title, with the small parent of the run stated.
    pub title: String,
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
}

impl JudgedCell {
    /// The figure, where it passed all gates.
    #[must_use]
    pub fn sound(&self) -> Option<Interval> {
        self.figure.filter(|_| self.margin.is_some())
    }

    /// A cell that was not compared with the band.
    pub(super) fn unmargined(
        def: &'static CellDef,
        (verdict, ground): (CellVerdict, String),
    ) -> Self {
        let [title, reason] = [const { String::new() }; 2];
        JudgedCell { def, title, verdict, ground, reason, figure: None, beside: None, margin: None }
    }
}
