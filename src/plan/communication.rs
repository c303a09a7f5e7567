//! What does it cost to tell another actor something?

use super::Experiment;
use crate::record::{Arm, Policy};

/// The paired experiments.
pub(super) fn experiments(_paired: Policy) -> Vec<Experiment> {
    Vec::new()
}

/// The benchmarks.
pub(super) fn benches() -> Vec<Arm> {
    Vec::new()
}
