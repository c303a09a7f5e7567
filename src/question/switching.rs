//! What does it cost to switch between actors?

pub(super) mod baselines;
pub mod plan;
pub(super) mod primitives;
