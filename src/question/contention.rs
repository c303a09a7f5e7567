//! What do actors cost each other that work at the same time?

pub(crate) mod claims;
pub mod plan;
pub(in crate::question) mod together;
