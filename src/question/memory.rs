//! What does it cost to keep an actor?

pub(crate) mod claims;
pub mod evidence;
pub(in crate::question) mod page;
pub mod plan;
mod sentences;
pub(super) mod space;

use super::{Question, UNPAIRED};

/// The question: measured in bytes.
pub static QUESTION: Question = Question { name: "memory", ..UNPAIRED };
