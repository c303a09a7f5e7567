//! What is shared, what is not, and who survives?

pub(crate) mod claims;
pub(super) mod fault;
pub(in crate::question) mod page;
pub mod pieces;
pub mod plan;
pub(super) mod protect;
mod sentences;
pub(super) mod signal;
pub(super) mod state;
pub(crate) mod state_claims;

use super::{Question, UNPAIRED};

/// The question: probes alone. It has no bench target of its own, the verdict makes them.
pub static QUESTION: Question = Question { name: "isolation", ..UNPAIRED };
