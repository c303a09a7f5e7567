//! What does it cost to tell another actor something?

pub mod plan;
pub(super) mod primitives;
