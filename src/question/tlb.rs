//! What does a switch of address space do to the TLB?

pub mod plan;
pub(super) mod primitives;
