//! What does it cost to tell another actor something?

pub(crate) mod claims;
pub(in crate::question) mod eventfd;
pub(in crate::question) mod load;
pub(in crate::question) mod page;
pub mod plan;
mod sentences;
pub(in crate::question) mod socket;
pub(in crate::question) mod spin;
pub(in crate::question) mod stream;

use super::{Question, UNPAIRED};
use crate::claim::{Demands, USUAL};

/// The question.
pub static QUESTION: Question = Question {
    name: "communication",
    experiments: |paired, _| plan::experiments(paired),
    benches: plan::benches,
    // A wake-up on another core takes as long as fifty switches.
    demands: Demands { least_pairs: |_| [140, 60], at_once: true, ..USUAL },
    ..UNPAIRED
};
