//! What does a server answer, by how it divides its connections among actors?

pub(crate) mod claims;
pub(in crate::question) mod details;
pub mod evidence;
pub(in crate::question) mod gates;
pub(in crate::question) mod page;
pub mod plan;
pub(in crate::question) mod request;
mod sentences;

/// The question's name.
const NAME: &str = "servers";
