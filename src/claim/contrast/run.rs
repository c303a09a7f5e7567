//! What is kept of a run to compare it: its head, and a word and a figure for each cell of the
//! catalogue.

use crate::claim::{CellVerdict, Claim, ClaimVerdict, JUDGE};
use crate::record::{CellSummary, LabShape, Machine, Run, Summary};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// A run to be compared.
#[derive(Debug, Clone)]
pub struct ComparedRun {
    /// When, how and with what it was made.
    pub run: Run,
    /// The machine.
    pub machine: Machine,
    /// What was said of each claim of the catalogue.
    pub claims: Vec<FoundClaim>,
}

/// What was said of a claim.
#[derive(Debug, Clone)]
pub struct FoundClaim {
    /// The word.
    pub verdict: ClaimVerdict,
    /// What was said of each of its cells.
    pub cells: Vec<FoundCell>,
}

/// What was said of a cell.
#[derive(Debug, Clone, Copy)]
pub struct FoundCell {
    /// The verdict.
    pub verdict: CellVerdict,
    /// The figure, where it passed every check that it depends on.
    pub figure: Option<Interval>,
    /// What the labs of both arms were.
    pub labs: Option<[LabShape; 2]>,
}

const NOT_RUN: FoundCell = FoundCell { verdict: CellVerdict::NotRun, figure: None, labs: None };

/// Where the cells of summaries stand in the catalogue.
#[derive(Debug)]
pub struct Places {
    claims: &'static [Claim],
    places: BTreeMap<[String; 3], [usize; 2]>,
}

impl Places {
    /// Of the cells of these claims.
    #[must_use]
    pub fn of(claims: &'static [Claim]) -> Self {
        let mut places = BTreeMap::new();
        for (place, claim) in claims.iter().enumerate() {
            for (at, def) in claim.cells.iter().enumerate() {
                let key = [claim.id.to_owned(), def.id().to_string(), def.estimand.name()];
                places.insert(key, [place, at]);
            }
        }
        Places { claims, places }
    }
}

impl ComparedRun {
    /// What is kept of a run. Claims and cells that the catalogue does not have are left out.
    #[must_use]
    pub fn of(run: Run, machine: Machine, judged: &Summary, places: &Places) -> Self {
        let empty = |claim: &Claim| FoundClaim {
            verdict: ClaimVerdict::NotRun,
            cells: vec![NOT_RUN; claim.cells.len()],
        };
        let mut claims: Vec<FoundClaim> = places.claims.iter().map(empty).collect();
        for summary in &judged.claims {
            let Some(place) = places.claims.iter().position(|c| c.id == summary.id) else {
                continue;
            };
            claims[place].verdict =
                ClaimVerdict::named(&summary.verdict).unwrap_or(claims[place].verdict);
            for cell in &summary.cells {
                let key = [summary.id.clone(), cell.of.clone(), cell.estimand.clone()];
                if let Some([place, at]) = places.places.get(&key) {
                    claims[*place].cells[*at] = found(cell);
                }
            }
        }
        let machine = Machine { limits: Vec::new(), warnings: Vec::new(), ..machine };
        ComparedRun { run, machine, claims }
    }

    /// The word of the claim at this place of the catalogue.
    pub(super) fn verdict(&self, place: usize) -> ClaimVerdict {
        self.claims.get(place).map_or(ClaimVerdict::NotRun, |claim| claim.verdict)
    }

    /// A cell of the claim at this place of the catalogue.
    pub(super) fn cell(&self, place: usize, at: usize) -> FoundCell {
        let claim = self.claims.get(place);
        claim.and_then(|claim| claim.cells.get(at)).copied().unwrap_or(NOT_RUN)
    }
}

fn found(cell: &CellSummary) -> FoundCell {
    let figure = cell.figure.filter(|_| cell.sound == Some(true));
    let interval = figure.map(|[estimate, low, high]| Interval { estimate, low, high });
    FoundCell {
        verdict: CellVerdict::named(&cell.verdict).unwrap_or(CellVerdict::NotRun),
        // A record may come from anywhere.
        figure: interval.filter(|i| i.low <= i.estimate && i.estimate <= i.high),
        labs: cell.labs,
    }
}

impl Summary {
    /// Can runs be compared by it alone? By one of another judge, or of before all that is needed
    /// was kept, they cannot: they are judged again.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let complete = |cell: &CellSummary| cell.sound.is_some();
        self.judge == JUDGE && self.claims.iter().flat_map(|claim| &claim.cells).all(complete)
    }
}
