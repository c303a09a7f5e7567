//! Criterion's benchmarks and the counting pass.

use super::{Arm, LabState};
use serde::{Deserialize, Serialize};

/// One benchmark that Criterion drove.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bench {
    /// Criterion's full id.
    pub id: String,
    /// What ran.
    pub arm: Arm,
    /// Unit of `measured`: `ns`, `cycles` or `reference cycles`.
    pub unit: String,
    /// Iterations of each sample.
    pub iterations: Vec<u64>,
    /// Total of each sample, in `unit`.
    pub measured: Vec<f64>,
    /// State of the lab when it was ready.
    pub lab: LabState,
}

/// One arm in the counting pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Count {
    /// What was counted.
    pub arm: Arm,
    /// In which launch of the arm, from 0. Launches are never averaged: they may differ for good.
    pub launch: u32,
    /// Operations in the counted batch.
    pub ops: u64,
    /// Context switches of all actors in the counted batch, from rusage and `/proc`.
    pub switches: u64,
    /// State of the lab when it was ready.
    pub lab: LabState,
    /// Time per operation with counters running over time without: what counting does to what it
    /// counts.
    pub disturbance: Option<f64>,
    /// The counters, each a value or a reason.
    pub readings: Vec<Reading>,
}

impl Count {
    /// The reading of an event in the given modes.
    #[must_use]
    pub fn reading(&self, event: &str, modes: Modes) -> Option<&Reading> {
        self.readings.iter().find(|r| r.event == event && r.modes == modes)
    }

    /// A counted value per operation; `None` where it is missing or nothing was done.
    #[must_use]
    pub fn per_op(&self, event: &str, modes: Modes) -> Option<f64> {
        let Outcome::Counted { count, .. } = self.reading(event, modes)?.outcome else {
            return None;
        };
        (self.ops > 0).then(|| count / self.ops as f64)
    }

    /// A counted value per context switch; `None` where it is missing or nothing switched.
    #[must_use]
    pub fn per_switch(&self, event: &str, modes: Modes) -> Option<f64> {
        let Outcome::Counted { count, .. } = self.reading(event, modes)?.outcome else {
            return None;
        };
        (self.switches > 0).then(|| count / self.switches as f64)
    }
}

/// Which modes of the processor a counter covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Modes {
    /// User mode only.
    #[serde(rename = "user")]
    User,
    /// User mode and the kernel.
    #[serde(rename = "user+kernel")]
    UserKernel,
}

/// One counter over one batch, summed over all actors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reading {
    /// Name of the event, such as `dTLB-load-misses`.
    pub event: String,
    /// What the event means on this processor.
    pub meaning: String,
    /// Modes that were counted.
    pub modes: Modes,
    /// The value, or the reason why there is none.
    pub outcome: Outcome,
}

/// A value or a reason; never zero for "missing".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The event was counted.
    Counted {
        /// Events in the batch; scaled by enabled over running time where the counter was
        /// multiplexed.
        count: f64,
        /// Share of the enabled time in which the counter ran; under 1 the count is an estimate.
        running_share: f64,
    },
    /// The event was not counted, and why.
    Missing {
        /// Errno, setting, rights and remedy in one sentence.
        reason: String,
    },
}
