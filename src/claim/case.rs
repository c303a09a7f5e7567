//! A judged claim as the sentence about it sees it: its cells by title, and all that the run says.

use super::brief::Brief;
use super::{CellVerdict, Judged, JudgedCell, JudgedClaim};
use crate::record::Record;
use crate::stats::Interval;

/// A judged claim, and the run that it was judged in.
#[derive(Debug, Clone, Copy)]
pub struct Case<'r> {
    /// The run.
    pub record: &'r Record,
    /// All that was judged of it.
    pub judged: &'r Judged,
    /// The claim.
    pub claim: &'r JudgedClaim,
}

/// What a question says of a claim that was decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The figure of a table's row, as short as it can be.
    pub here: String,
    /// The figures of a terminal's row: at most 34 characters.
    pub row: String,
    /// For what the word stands, as in `up to six processes per core`; empty where it stands for
    /// all.
    pub scope: String,
    /// What was found.
    pub lead: String,
    /// Where the answer changes.
    pub boundary: Option<String>,
    /// What differs, one thing.
    pub exception: Option<String>,
}

impl<'r> Case<'r> {
    /// The cell with this title. The catalogue's test holds that titles which sentences name exist.
    #[must_use]
    pub fn cell(&self, title: &str) -> Option<&'r JudgedCell> {
        self.claim.cells.iter().find(|cell| cell.def.title == title)
    }

    /// Its figure, where it passed all gates.
    #[must_use]
    pub fn interval(&self, title: &str) -> Option<Interval> {
        self.cell(title)?.sound()
    }

    /// The estimate of the same.
    #[must_use]
    pub fn figure(&self, title: &str) -> Option<f64> {
        Some(self.interval(title)?.estimate)
    }

    /// The same, as a sentence says it; `?` where there is none.
    #[must_use]
    pub fn brief(&self, title: &str) -> String {
        let found = self.cell(title).and_then(|cell| Some((cell, cell.sound()?)));
        found.map_or("?".to_owned(), |(cell, figure)| {
            cell.def.estimand.unit().brief(figure.estimate)
        })
    }

    /// Does the cell hold (`Some(true)`), fail (`Some(false)`), or neither?
    #[must_use]
    pub fn holds(&self, title: &str) -> Option<bool> {
        match self.cell(title)?.verdict {
            CellVerdict::Holds => Some(true),
            CellVerdict::Fails => Some(false),
            _ => None,
        }
    }

    /// The cells of a series, in the order of its conditions.
    pub fn series(&self, name: &str) -> impl Iterator<Item = &'r JudgedCell> {
        let name = name.to_owned();
        self.claim.cells.iter().filter(move |cell| cell.def.series == name)
    }

    /// How many of the cells with these titles hold, and how many were decided.
    #[must_use]
    pub fn tally(&self) -> [usize; 2] {
        let count = |verdict| self.claim.cells.iter().filter(|c| c.verdict == verdict).count();
        let (holds, fails) = (count(CellVerdict::Holds), count(CellVerdict::Fails));
        [holds, holds + fails]
    }
}
