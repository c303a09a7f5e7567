//! What is shared, what is not, and who survives?

pub mod pieces;
pub mod plan;
pub(super) mod probes;
pub(super) mod sharing;
