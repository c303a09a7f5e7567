//! What does it cost to create an actor?

pub(crate) mod claims;
pub(super) mod cow;
pub mod evidence;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod pool;
pub(in crate::question) mod process;
mod sentences;
pub(in crate::question) mod spectrum;
pub(in crate::question) mod thread;
pub(in crate::question) mod way;
pub(in crate::question) mod write;
