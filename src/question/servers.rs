//! What does a server answer, by how it divides its connections among actors?

pub(crate) mod claims;
pub mod plan;
pub(in crate::question) mod request;
