//! What does a switch of address space do to the TLB?

pub(crate) mod claims;
pub mod evidence;
pub(in crate::question) mod floor;
pub(in crate::question) mod flush;
pub(in crate::question) mod gates;
pub mod kept;
pub mod misses;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod ring;
mod sentences;
pub mod share;

use super::Question;
use crate::claim::{Demands, USUAL};

/// The question.
pub static QUESTION: Question = Question {
    name: "tlb",
    experiments: plan::experiments,
    benches: plan::benches,
    counted: plan::counted,
    // Seven launches of 42 pairs.
    demands: Demands { least_pairs: |_| [294, 100], counts_switches: true, ..USUAL },
};
