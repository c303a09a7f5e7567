//! What do actors cost each other that work at the same time?

pub(crate) mod claims;
pub mod drill;
pub mod evidence;
pub(in crate::question) mod gates;
pub(in crate::question) mod page;
pub(in crate::question) mod parallel;
pub mod plan;
mod sentences;
