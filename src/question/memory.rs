//! What does it cost to keep an actor?

pub(crate) mod claims;
pub mod evidence;
pub mod plan;
mod sentences;
pub(super) mod space;
