//! What does a switch of address space do to the TLB?

pub(crate) mod claims;
pub mod evidence;
pub(in crate::question) mod flush;
pub(in crate::question) mod gates;
pub mod kept;
pub mod misses;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod ring;
mod sentences;
pub mod share;
