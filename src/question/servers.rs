//! What does a server answer, by how it divides its connections among actors?

pub(crate) mod claims;
pub(in crate::question) mod details;
pub mod evidence;
pub(in crate::question) mod gates;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod request;
mod sentences;

use super::{Question, UNPAIRED};
use crate::claim::{Demands, USUAL};

/// The question.
pub static QUESTION: Question = Question {
    name: "servers",
    experiments: |_, grid| plan::experiments(grid),
    benches: plan::benches,
    // A batch holds hundreds of requests and a launch six pairs. A pair keeps two CPUs busy for
    // some 50 ms, which on a shared host is hit thirty times as often as two milliseconds of one.
    // What is left must still agree with itself (A/A within ±5 %).
    demands: Demands { least_pairs: |_| [42, 30], most_discarded: 0.40, at_once: true, ..USUAL },
    ..UNPAIRED
};
