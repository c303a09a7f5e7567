//! What a request is answered, whatever the shape.

#![allow(dead_code)] // base

use super::Settings;
use std::sync::atomic::AtomicU64;

/// What all requests to one process of a server have in common.
#[derive(Debug)]
pub(super) struct Desk<'s> {
    /// What the server is to be.
    pub(super) settings: &'s Settings,
    /// Requests answered by this process, counted in memory of its own: gone when it is.
    pub(super) own: AtomicU64,
    /// Requests answered by all processes, counted in memory that they share with the master.
    pub(super) shared: &'s AtomicU64,
}
