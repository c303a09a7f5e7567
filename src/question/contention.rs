//! What do actors cost each other that work at the same time?

pub(crate) mod claims;
pub(in crate::question) mod parallel;
pub mod plan;
