//! What is judged, and what its questions ask of their samples before a verdict is given.

use super::gate::Gate;
use super::{Claim, Evidence, JudgedCell};
use crate::record::{Id, Record};
use std::collections::BTreeMap;

/// Pairs that a verdict needs before any is discarded: in a whole run, and in a quick one.
pub type LeastPairs = [usize; 2];

/// What a question asks of its samples.
#[derive(Debug)]
pub struct Demands {
    /// Pairs that an experiment of it needs.
    pub least_pairs: fn(&Id) -> LeastPairs,
    /// Share of discarded pairs beyond which the environment is too noisy.
    pub most_discarded: f64,
    /// Least margin of its figures, as a share of an edge.
    pub least_margin: f64,
    /// Its actors work at the same time, on several CPUs.
    pub at_once: bool,
    /// Both sides must make the same number of context switches, and as many as was planned.
    pub counts_switches: bool,
}

/// Of a question that asks nothing of its own.
pub const USUAL: Demands = Demands {
    least_pairs: |_| [420, 100],
    most_discarded: 0.20,
    least_margin: 0.02,
    at_once: false,
    counts_switches: false,
};

/// Looks at a judged cell for what else there is to say of it.
pub type Remarks = fn(&Record, &BTreeMap<Id, Evidence>, &Claim, &JudgedCell) -> Option<String>;

/// All that is judged, and by what.
#[derive(Debug)]
pub struct Catalogue {
    /// The claims, in the order in which they are shown.
    pub claims: &'static [Claim],
    /// What each question asks of its samples.
    pub demands: fn(&str) -> &'static Demands,
    /// What can take a verdict away, in the order in which it is asked.
    pub gates: &'static [Gate],
    /// What else there is to say of a figure.
    pub remarks: Remarks,
}

impl Catalogue {
    /// What a question asks of its samples.
    #[must_use]
    pub fn demands(&self, question: &str) -> &'static Demands {
        (self.demands)(question)
    }
}
