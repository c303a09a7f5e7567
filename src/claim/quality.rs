//! How far the figures of a run can be trusted, in one word.

use super::Judged;
use crate::record::{CheckOutcome, Record};
use std::fmt;

/// Identical code differs from itself by no more than this in a good run.
const GOOD_NOISE: f64 = 0.03;
/// In a fair one.
const FAIR_NOISE: f64 = 0.05;
/// Share of discarded pairs of a good run.
const MOST_DISCARDED: f64 = 0.10;

/// The word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Noise within ±3 %, all checks passed, under a tenth of the pairs discarded.
    Good,
    /// Noise within ±5 %.
    Fair,
    /// Noise beyond ±5 %.
    Poor,
    /// Identical code was not compared with itself.
    Unknown,
}

/// How far the figures of a run can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// In one word.
    pub grade: Grade,
    /// The farthest that identical code differed from itself, as a share; none where it was not
    /// compared.
    pub noise: Option<f64>,
    /// Instrument checks that passed.
    pub passed: usize,
    /// Instrument checks that passed or failed.
    pub checks: usize,
    /// Share of all pairs that were discarded.
    pub discarded: f64,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::Good => "GOOD",
            Grade::Fair => "FAIR",
            Grade::Poor => "POOR",
            Grade::Unknown => "UNKNOWN",
        })
    }
}

/// The quality of a run.
#[must_use]
pub fn quality(record: &Record, judged: &Judged) -> Quality {
    let ratios = judged.controls.iter().filter_map(|control| control.ratio);
    let noise = ratios.map(|ratio| ratio.farthest_from(1.0)).reduce(f64::max);
    let count = |outcome| record.checks.iter().filter(|check| check.outcome == outcome).count();
    let (passed, failed) = (count(CheckOutcome::Passed), count(CheckOutcome::Failed));
    let sum = |of: fn(&super::Evidence) -> usize| judged.evidence.values().map(of).sum::<usize>();
    let (kept, thrown) = (sum(|e| e.pairs), sum(|e| e.discarded));
    let discarded = thrown as f64 / (kept + thrown).max(1) as f64;
    let grade = match noise {
        None => Grade::Unknown,
        Some(noise) if noise <= GOOD_NOISE && failed == 0 && discarded < MOST_DISCARDED => {
            Grade::Good
        }
        Some(noise) if noise <= FAIR_NOISE => Grade::Fair,
        Some(_) => Grade::Poor,
    };
    Quality { grade, noise, passed, checks: passed + failed, discarded }
}
