//! What does it cost to keep an actor?

pub mod plan;
pub(super) mod space;
