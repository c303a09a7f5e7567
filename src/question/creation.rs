//! What does it cost to create an actor?

pub(crate) mod claims;
pub(super) mod cow;
pub mod evidence;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod pool;
pub(in crate::question) mod process;
mod sentences;
pub(in crate::question) mod spectrum;
pub(in crate::question) mod thread;
pub(in crate::question) mod way;
pub(in crate::question) mod write;

use super::{Question, counted_once};
use crate::claim::{Demands, USUAL};

/// The question.
pub static QUESTION: Question = Question {
    name: "creation",
    experiments: |_, grid| plan::experiments(grid),
    benches: plan::benches,
    counted: |_, grid| counted_once("creation", plan::benches(grid)),
    // Bands are orders of magnitude; the heaviest cells take 6 pairs of a launch.
    demands: Demands { least_pairs: |_| [42, 30], least_margin: 0.10, ..USUAL },
};
