//! What do actors cost each other that work at the same time? The drill is one of the answers.

use super::Experiment;
use crate::record::Arm;

/// Workers of the drill, as its text asks for.
pub const DRILL_WORKERS: u32 = 10;

/// The paired experiments.
pub(super) fn experiments() -> Vec<Experiment> {
    Vec::new()
}

/// The benchmarks.
pub(super) fn benches() -> Vec<Arm> {
    Vec::new()
}
