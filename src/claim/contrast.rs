//! Runs side by side: which words differ and which facts explain that, which figures moved beyond
//! the noise, and what is not compared, with its reason.

mod change;
mod condition;
mod explain;
mod refusal;
mod run;
mod since;

pub use change::{FigureChange, Kind};
pub use condition::{Condition, ConditionOutcome};
pub use explain::{Explanation, FactGroup};
pub use refusal::Refusal;
pub use run::{ComparedRun, FoundCell, FoundClaim, Places};

use super::{CellDef, Claim, ClaimVerdict, hinge};
use crate::record::{Finding, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Some runs, held against the first.
#[derive(Debug)]
pub struct Contrast<'r> {
    /// The runs.
    pub runs: &'r [ComparedRun],
    /// The claims that were run, as in the catalogue.
    pub claims: Vec<ClaimRow>,
    /// Figures of the first run that any other has too, the largest change beyond noise first.
    pub figures: Vec<FigureRow>,
    /// Facts that differ.
    pub facts: Vec<FactRow>,
    /// What makes a run's figures less comparable with those of the first, by run.
    pub cautions: Vec<Vec<String>>,
}

/// A claim in every run.
#[derive(Debug)]
pub struct ClaimRow {
    /// The claim.
    pub claim: &'static Claim,
    /// Where it stands in the catalogue.
    place: usize,
    /// What may explain that its words differ; none where they do not.
    pub explanation: Option<Explanation>,
}

/// A figure in every run.
#[derive(Debug)]
pub struct FigureRow {
    /// The first claim that it belongs to.
    pub claim: &'static Claim,
    /// What was measured.
    pub def: &'static CellDef,
    /// In the first run and in every other: a change, or why there is none.
    pub changes: Vec<std::result::Result<FigureChange, Refusal>>,
}

/// A fact in every run; nothing where a run does not tell.
#[derive(Debug)]
pub struct FactRow {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<Option<String>>,
}

impl<'r> Contrast<'r> {
    /// What differs between runs, of which there is at least one.
    #[must_use]
    pub fn of(runs: &'r [ComparedRun], claims: &'static [Claim]) -> Self {
        let Some((first, others)) = runs.split_first() else {
            let (claims, figures, facts) = (Vec::new(), Vec::new(), Vec::new());
            return Contrast { runs, claims, figures, facts, cautions: Vec::new() };
        };
        let rows = claims.iter().enumerate().map(|(place, claim)| ClaimRow {
            claim,
            place,
            explanation: Explanation::of(claim, place, runs),
        });
        let was_run = |row: &ClaimRow| runs.iter().any(|run| run.verdict(row.place) != NOT_RUN);
        Contrast {
            runs,
            claims: rows.filter(was_run).collect(),
            figures: figures(first, others, claims),
            facts: facts(runs),
            cautions: runs.iter().map(|run| refusal::cautions(first, run)).collect(),
        }
    }

    /// The claims whose words differ.
    pub fn reworded(&self) -> impl Iterator<Item = &ClaimRow> {
        self.claims.iter().filter(|row| row.explanation.is_some())
    }

    /// The figures that lie beyond the intervals of the first run and of another.
    pub fn beyond(&self) -> impl Iterator<Item = &FigureRow> {
        self.figures.iter().filter(|row| row.is_beyond())
    }

    /// How many figures were compared with those of the first run in at least one other.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.figures.iter().filter(|row| row.changes.iter().any(Result::is_ok)).count()
    }

    /// How many figures of a run were refused, by reason. Figures that one of both runs lacks are
    /// among them.
    #[must_use]
    pub fn refused(&self, run: usize) -> BTreeMap<Refusal, usize> {
        let mut refused = BTreeMap::new();
        let of = |row: &FigureRow| row.changes.get(run.checked_sub(1)?)?.as_ref().err().copied();
        for refusal in self.figures.iter().filter_map(of) {
            *refused.entry(refusal).or_insert(0) += 1;
        }
        refused
    }
}

const NOT_RUN: ClaimVerdict = ClaimVerdict::NotRun;

impl ClaimRow {
    /// The word of a run.
    #[must_use]
    pub fn verdict(&self, run: &ComparedRun) -> ClaimVerdict {
        run.verdict(self.place)
    }

    /// The figure that stands for the claim: the first that decides it and that most runs have.
    #[must_use]
    pub fn headline(&self, runs: &[ComparedRun]) -> Option<&'static CellDef> {
        let count = |def: &&'static CellDef| {
            runs.iter().filter(|run| self.figure(run, def).is_some()).count()
        };
        // Of equals the first: `max_by_key` gives the last.
        let best = self.deciding().rev().max_by_key(count)?;
        (count(&best) > 0).then_some(best)
    }

    /// Is it another figure than the one that stands for the claim where a run has it?
    #[must_use]
    pub fn is_another(&self, headline: &CellDef) -> bool {
        self.deciding().next().is_some_and(|first| !std::ptr::eq(first, headline))
    }

    /// The figures that decide, in the order in which the claim names them.
    fn deciding(&self) -> impl DoubleEndedIterator<Item = &'static CellDef> {
        let Claim { stated, where_time_is_virtual: instead, cells, .. } = *self.claim;
        let titles = stated.iter().chain(instead);
        titles
            .filter_map(move |title| cells.iter().find(|def| def.title == *title))
            .filter(|def| !def.estimand.is_answer())
    }

    /// Its cells with what was said of them in a run.
    pub fn cells<'a>(
        &'a self,
        run: &'a ComparedRun,
    ) -> impl Iterator<Item = (&'static CellDef, FoundCell)> + 'a {
        let cells = self.claim.cells.iter().enumerate();
        cells.map(|(at, def)| (def, run.cell(self.place, at)))
    }

    /// The figure of a cell in a run, where it passed all checks.
    #[must_use]
    pub fn figure(&self, run: &ComparedRun, def: &CellDef) -> Option<crate::stats::Interval> {
        let at = self.claim.cells.iter().position(|cell| std::ptr::eq(cell, def))?;
        run.claims.get(self.place)?.cells.get(at)?.figure
    }
}

impl FigureRow {
    /// Does it lie beyond the intervals of the first run and of another?
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        self.largest().is_some_and(|change| change.beyond)
    }

    /// The largest change, beyond noise where any is.
    #[must_use]
    pub fn largest(&self) -> Option<&FigureChange> {
        let size = |change: &&FigureChange| (change.beyond, change.size());
        let rank = |one: &&FigureChange, other: &&FigureChange| {
            let ((a, one), (b, other)) = (size(one), size(other));
            a.cmp(&b).then(one.total_cmp(&other))
        };
        self.changes.iter().flatten().max_by(rank)
    }
}

fn figures(
    first: &ComparedRun,
    others: &[ComparedRun],
    claims: &'static [Claim],
) -> Vec<FigureRow> {
    let mut known = BTreeSet::new();
    let mut rows: Vec<FigureRow> = Vec::new();
    for (place, claim) in claims.iter().enumerate() {
        for (at, def) in claim.cells.iter().enumerate().filter(|(_, def)| !def.estimand.is_answer())
        {
            let found = |run: &ComparedRun| run.cell(place, at);
            let anywhere = found(first).figure.is_some()
                || others.iter().any(|run| found(run).figure.is_some());
            // What two claims read off the same measurement is one figure.
            if anywhere && known.insert((def.id().to_string(), def.estimand.name())) {
                let change = |run: &ComparedRun| refusal::compare(def, first, run, place, at);
                rows.push(FigureRow { claim, def, changes: others.iter().map(change).collect() });
            }
        }
    }
    let size = |row: &FigureRow| row.largest().map_or((false, 0.0), |c| (c.beyond, c.size()));
    rows.sort_by(|one, other| {
        let ((a, one), (b, other)) = (size(one), size(other));
        b.cmp(&a).then(other.total_cmp(&one))
    });
    rows
}

/// Facts that differ from run to run on one machine, and explain nothing.
const FLEETING: [&str; 4] = ["load average", "steal", "memory", "memory available"];

fn facts(runs: &[ComparedRun]) -> Vec<FactRow> {
    let mut names: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for fact in runs.iter().flat_map(|run| &run.machine.facts) {
        if !FLEETING.contains(&fact.name.as_str()) && seen.insert(fact.name.as_str()) {
            names.push(&fact.name);
        }
    }
    let value = |run: &ComparedRun, name: &str| match run.machine.fact(name)? {
        Finding::Known(Value::Text(text)) if name != "processor" => Some(hinge::unexplained(text)),
        Finding::Known(value) => Some(value.to_string()),
        Finding::Unknown(_) => None,
    };
    let row = |name: &str| FactRow {
        name: name.to_owned(),
        values: runs.iter().map(|run| value(run, name)).collect(),
    };
    let differs = |row: &FactRow| {
        let known: BTreeSet<&String> = row.values.iter().flatten().collect();
        known.len() > 1
    };
    names.into_iter().map(row).filter(differs).collect()
}
