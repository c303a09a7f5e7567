//! What do actors cost each other that work at the same time?

pub mod plan;
pub(super) mod primitives;
pub(in crate::question) mod together;
