//! What does it cost to tell another actor something?

pub(crate) mod claims;
pub(in crate::question) mod eventfd;
pub(in crate::question) mod load;
pub(in crate::question) mod page;
pub mod plan;
mod sentences;
pub(in crate::question) mod socket;
pub(in crate::question) mod spin;
pub(in crate::question) mod stream;
