//! What does a switch of address space do to the TLB?

pub(crate) mod claims;
pub(in crate::question) mod flush;
pub mod plan;
pub(in crate::question) mod ring;
