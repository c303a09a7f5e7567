//! What does it cost to switch between actors?

pub(in crate::question) mod baseline;
pub(in crate::question) mod condvar;
pub(in crate::question) mod futex;
pub(in crate::question) mod pipe;
pub mod plan;
