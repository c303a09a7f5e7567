//! What is shared, what is not, and who survives?

mod fault;
pub mod pieces;
pub mod plan;
pub(super) mod probes;
mod protect;
pub(super) mod sharing;
mod signal;
mod state;
