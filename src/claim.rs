//! Claims: what textbooks say (data, written before any number was seen) and the judge (pure:
//! record in, verdicts out).

mod answer;
mod between;
mod brief;
mod case;
mod contrast;
mod control;
mod crash;
mod demands;
mod drift;
mod estimand;
mod evidence;
pub mod footprint;
mod gate;
mod hinge;
mod host;
mod judge;
mod judged;
mod lack;
mod margin;
mod parent;
mod quality;
mod sentence;
mod source;
mod summary;
mod unit;
mod verdict;

pub use between::{Estimates, between_runs};
pub use brief::{Brief, counted, grouped, ordinal, times, two_digits};
pub use case::{Case, Said};
pub use contrast::{
    ClaimRow, ComparedRun, Condition, ConditionOutcome, Contrast, Explanation, FactGroup, FactRow,
    FigureChange, FigureRow, FoundCell, FoundClaim, Kind, Places, Refusal,
};
pub use control::{Control, Samples};
pub use crash::range;
pub use demands::{Catalogue, Demands, LeastPairs, Remarks, USUAL};
pub use drift::{Deviation, Drift, DriftSource, for_a_rerun};
pub use estimand::{Estimand, Reader, Which};
pub use evidence::{ArmEvidence, Evidence, samples};
pub use gate::{
    Failed, Gate, Gated, controls_complete, controls_pass, core_clock, enough_samples,
    inconclusive, measured, not_measurable, one_clock, real_time, same_work,
};
pub use hinge::Hinge;
pub use host::{Explained, HostState, host_states};
pub use judge::judge;
pub use judged::{Judged, JudgedCell, JudgedClaim};
pub use lack::Lack;
pub use margin::{Margin, compare};
pub use parent::{held, small_parent, stated};
pub use quality::{Grade, Quality, quality};
pub use sentence::{MOST_WORDS, Sentence, words};
pub use source::{ISOLATION, STATE};
pub use summary::JUDGE;
pub use unit::{Unit, significant};
pub use verdict::Quantifier;

use crate::record::Id;
use crate::stats::Interval;
use std::fmt;

/// Why nothing is said that goes by the size of a page.
pub const NO_PAGE: &str = "the record has no page size";

/// A sentence that a textbook states, and what decides it.
#[derive(Debug)]
pub struct Claim {
    /// Short id, such as `A1`.
    pub id: &'static str,
    /// The group that it is shown in.
    pub topic: &'static str,
    /// The claim in our words.
    pub sentence: &'static str,
    /// The same, for a row of a terminal: at most 38 characters.
    pub short: &'static str,
    /// What the textbook promises, as short as a table column.
    pub promise: &'static str,
    /// Title of the text that states it.
    pub source: &'static str,
    /// The quantity that decides, in a few words.
    pub quantity: &'static str,
    /// The promised band, in the base unit of the estimand.
    pub band: Band,
    /// Where a figure outside the band does not yet contradict it, the band that does: what lies
    /// between is partly true.
    pub contrary: Option<Band>,
    /// What is true on modern machines and why.
    pub truth: &'static str,
    /// When it is otherwise.
    pub exceptions: &'static str,
    /// How the stated cells decide.
    pub quantifier: Quantifier,
    /// Facts of a machine that the answer depends on: where two runs differ, one of these may
    /// explain it.
    pub hinges_on: &'static [Hinge],
    /// Titles of the cells that decide: what a reader of the textbook would set up, and what an
    /// ordinary user can measure. All others are evidence.
    pub stated: &'static [&'static str],
    /// Those that decide in their place where time is virtual; empty where nothing does.
    pub where_time_is_virtual: &'static [&'static str],
    /// The cells of its grid.
    pub cells: &'static [CellDef],
    /// What is to be said of it where it was decided.
    pub say: fn(&Case) -> Said,
}

impl Claim {
    /// Is it a cell that decides, or one of the axis along which such a cell lies?
    #[must_use]
    pub fn turns_on(&self, cell: &CellDef) -> bool {
        let decides = |one: &&CellDef| self.decides(one);
        self.decides(cell) || self.cells.iter().filter(decides).any(|c| c.series == cell.series)
    }

    /// Is it a cell that decides?
    #[must_use]
    pub fn decides(&self, cell: &CellDef) -> bool {
        self.stated.contains(&cell.title) || self.where_time_is_virtual.contains(&cell.title)
    }
}

/// One point of a claim's grid.
#[derive(Debug)]
pub struct CellDef {
    /// What it is called in tables.
    pub title: &'static str,
    /// What varies along the grid besides the condition; cells of one series differ only in their
    /// condition.
    pub series: &'static str,
    /// The condition of this cell within its series, as in "from 64 MiB of parent memory"; empty
    /// where there is just one. The order of the cells in the catalogue is the order of the
    /// conditions.
    pub condition: &'static str,
    /// The experiment, footprint, probe or shot that it is read off.
    pub experiment: fn() -> Id,
    /// What is read off it.
    pub estimand: Estimand,
}

impl CellDef {
    /// A cell of these: title, series, condition, what it is read off, and how.
    #[must_use]
    pub const fn new(
        title: &'static str,
        series: &'static str,
        condition: &'static str,
        experiment: fn() -> Id,
        estimand: Estimand,
    ) -> Self {
        CellDef { title, series, condition, experiment, estimand }
    }

    /// Id of what it is read off.
    #[must_use]
    pub fn id(&self) -> Id {
        (self.experiment)()
    }
}

/// The band that a claim promises, ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
}

/// The verdict on one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellVerdict {
    /// The interval lies inside the widened band; of a claim that two things take the same, inside
    /// the band itself.
    Holds,
    /// The interval lies wholly outside the widened band.
    Fails,
    /// Neither, or a gate of the cell failed.
    Inconclusive,
    /// No verdict: evidence beside the cells that decide, measured in fewer launches than a verdict
    /// needs.
    Shown,
    /// A precondition is not met here.
    NotMeasurable,
    /// This run did not try.
    NotRun,
}

/// The verdict on a claim: one of five words, or that the run did not try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimVerdict {
    /// The stated cells hold.
    True,
    /// The stated cells fail.
    False,
    /// Some stated cells hold and some fail.
    Depends,
    /// A stated cell that was needed was not decided.
    Undecided,
    /// None of the stated cells could be measured here.
    NotMeasured,
    /// None of the stated cells was tried.
    NotRun,
}

/// On which side of its promise a claim is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Below the lower edge.
    Below,
    /// Above the upper edge.
    Above,
}

impl CellVerdict {
    /// Did this run try?
    #[must_use]
    pub fn was_run(self) -> bool {
        self != CellVerdict::NotRun
    }

    const ALL: [CellVerdict; 6] = [
        CellVerdict::Holds,
        CellVerdict::Fails,
        CellVerdict::Inconclusive,
        CellVerdict::Shown,
        CellVerdict::NotMeasurable,
        CellVerdict::NotRun,
    ];

    /// The verdict that a summary calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.to_string() == name)
    }
}

impl ClaimVerdict {
    /// All of them, in the order in which they are counted.
    pub const ALL: [ClaimVerdict; 6] = [
        ClaimVerdict::True,
        ClaimVerdict::False,
        ClaimVerdict::Depends,
        ClaimVerdict::Undecided,
        ClaimVerdict::NotMeasured,
        ClaimVerdict::NotRun,
    ];

    /// The verdict that a summary calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.to_string() == name)
    }

    /// True, false, or depends.
    #[must_use]
    pub fn is_decided(self) -> bool {
        matches!(self, ClaimVerdict::True | ClaimVerdict::False | ClaimVerdict::Depends)
    }
}

impl fmt::Display for CellVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CellVerdict::Holds => "holds",
            CellVerdict::Fails => "fails",
            CellVerdict::Inconclusive => "inconclusive",
            CellVerdict::Shown => "shown, not judged",
            CellVerdict::NotMeasurable => "not measurable here",
            CellVerdict::NotRun => "not run",
        })
    }
}

impl fmt::Display for ClaimVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ClaimVerdict::True => "TRUE",
            ClaimVerdict::False => "FALSE",
            ClaimVerdict::Depends => "DEPENDS",
            ClaimVerdict::Undecided => "UNDECIDED",
            ClaimVerdict::NotMeasured => "NOT MEASURED",
            ClaimVerdict::NotRun => "NOT RUN",
        })
    }
}

impl Band {
    /// Of claims whose cells are all answers: yes is one, no is nothing.
    pub const YES: Band = Band { low: 1.0, high: f64::INFINITY };

    /// Of claims that two things take the same: they differ by no more than 3 %.
    pub const EQUAL: Band = Band { low: 0.97, high: 1.03 };

    /// Is it that of a claim that two things take the same? What lies beyond such a band by no more
    /// than a margin does not contradict the claim, but does not support it either.
    #[must_use]
    pub fn is_equality(self) -> bool {
        self == Band::EQUAL
    }

    /// Does the whole interval lie in the band?
    #[must_use]
    pub fn contains(self, interval: Interval) -> bool {
        self.low <= interval.low && interval.high <= self.high
    }

    /// Does no point of the interval lie in the band?
    #[must_use]
    pub fn excludes(self, interval: Interval) -> bool {
        interval.high < self.low || self.high < interval.low
    }
}
