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
    experiments: |_, _| plan::experiments(),
    benches: plan::benches,
    demands: Demands { least_pairs, at_once: true, ..USUAL },
    ..UNPAIRED
};

/// A wake-up on another core takes as long as fifty switches; one drill fills a batch.
fn least_pairs(id: &Id) -> LeastPairs {
    if plan::is_drill(id) { [70, 50] } else { [140, 60] }
}
