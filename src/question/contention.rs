//! What do actors cost each other that work at the same time?

pub(crate) mod claims;
pub mod drill;
pub mod evidence;
pub(in crate::question) mod gates;
pub(in crate::question) mod page;
pub(in crate::question) mod parallel;
pub mod plan;
mod sentences;

use super::{Question, UNPAIRED};
use crate::claim::{Demands, LeastPairs, USUAL};
use crate::record::Id;

/// The question.
pub static QUESTION: Question = Question {
    name: "contention",
    experiments: |_, grid| plan::experiments(grid),
    benches: plan::benches,
    demands: Demands { least_pairs, at_once: true, ..USUAL },
    ..UNPAIRED
};

/// A wake-up on another core takes as long as fifty switches; one drill fills a batch, or a good
/// part of a second.
fn least_pairs(id: &Id) -> LeastPairs {
    match plan::drilled(id) {
        Some(turns) if turns >= plan::LONG => [14, 10],
        Some(_) => [70, 50],
        None => [140, 60],
    }
}
