//! Yes-or-no experiments: run several times, and all runs must agree.

use super::{Failure, Id};
use serde::{Deserialize, Serialize};

/// A yes-or-no experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Probe {
    /// Its family at a point.
    #[serde(flatten)]
    pub id: Id,
    /// The sentence that each run found true or false.
    pub statement: String,
    /// Each run, in a process of its own.
    pub runs: Vec<ProbeRun>,
    /// Why there are no more runs, where one could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One run of a yes-or-no experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProbeRun {
    /// Was the statement found true?
    pub holds: bool,
    /// What was seen, from which that follows.
    pub seen: Vec<Seen>,
}

/// A figure that a probe has seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seen {
    /// What it is the figure of.
    pub what: String,
    /// The figure.
    pub figure: f64,
    /// Its unit, such as `bytes`.
    pub unit: String,
}

impl Probe {
    /// What all runs agree on; `None` where they do not, or there are none.
    #[must_use]
    pub fn agreed(&self) -> Option<bool> {
        let first = self.runs.first()?.holds;
        self.runs.iter().all(|run| run.holds == first).then_some(first)
    }
}
