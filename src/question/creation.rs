//! What does it cost to create an actor?

mod cow;
pub mod plan;
pub(super) mod primitives;
pub(super) mod probes;
