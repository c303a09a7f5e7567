//! What a row of a record may lack: the reasons that rows of every kind have in common.

use super::CellVerdict;
use crate::record::Failure;
use std::fmt;

/// Why nothing, or nothing to judge, is read off a row.
#[derive(Debug, Clone, Copy)]
pub enum Lack<'r> {
    /// There is no such row.
    NotRun,
    /// It failed, after so many launches.
    Failed(&'r Failure, usize),
    /// It has no more launches than these.
    Launches(usize),
    /// It has no more runs than these.
    Runs(usize),
    /// Its launches are too few for an interval.
    LaunchesForInterval,
    /// Its samples are too few for an interval.
    SamplesForInterval,
}

impl fmt::Display for Lack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lack::NotRun => f.write_str("not part of this run"),
            Lack::Failed(failure, _) => failure.fmt(f),
            Lack::Launches(launches) => write!(f, "too few launches: {launches}"),
            Lack::Runs(runs) => write!(f, "too few runs: {runs}"),
            Lack::LaunchesForInterval => f.write_str("too few launches for an interval"),
            Lack::SamplesForInterval => f.write_str("too few samples for an interval"),
        }
    }
}

impl From<Lack<'_>> for (CellVerdict, String) {
    fn from(lack: Lack) -> Self {
        let verdict = match lack {
            Lack::NotRun => CellVerdict::NotRun,
            Lack::Failed(_, 0) => CellVerdict::NotMeasurable,
            _ => CellVerdict::Inconclusive,
        };
        (verdict, lack.to_string())
    }
}
