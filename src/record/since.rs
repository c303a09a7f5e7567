//! What differs between a run and the one of the same machine before it, as it stood when the later
//! one was written: its page can be made again without the earlier record.

use serde::{Deserialize, Serialize};

/// What differs from an earlier run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Since {
    /// Name of the earlier run.
    pub run: String,
    /// Its start, UTC, ISO 8601.
    pub started_utc: String,
    /// Claims that have another word now.
    pub verdicts: Vec<Reworded>,
    /// Figures that both runs have and that can be compared.
    pub compared: u64,
    /// How many of them lie beyond the intervals of both.
    pub beyond: u64,
    /// Those that moved most.
    pub figures: Vec<Moved>,
    /// Facts that differ: name, in the earlier run, in this one.
    pub facts: Vec<[String; 3]>,
    /// What could not be compared, or only with caution, and why.
    pub cautions: Vec<String>,
}

/// A claim whose word differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reworded {
    /// The claim's id.
    pub claim: String,
    /// Its word in the earlier run.
    pub before: String,
    /// Its word in this one.
    pub after: String,
    /// What may explain it, in words.
    pub why: String,
}

/// A figure beyond the intervals of both runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Moved {
    /// The claim that it belongs to.
    pub claim: String,
    /// What was measured.
    pub title: String,
    /// In the earlier run, with its unit.
    pub before: String,
    /// In this one.
    pub after: String,
    /// The change with its 95 % interval.
    pub change: String,
}
