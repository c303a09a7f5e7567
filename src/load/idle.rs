//! Connections that are kept and do nothing, after one request each.

use crate::record::{Failure, Result};
use std::net::SocketAddr;

/// Idle connections; reset on drop.
#[derive(Debug)]
pub struct Idle {
    address: SocketAddr,
}

impl Idle {
    /// None yet.
    #[must_use]
    pub fn none(address: SocketAddr) -> Self {
        Idle { address }
    }

    /// Has as many, each with one request answered.
    ///
    /// # Errors
    /// The server refuses or does not answer in time; a limit on descriptors or ports is reached.
    pub fn grow(&mut self, _to: u32) -> Result<()> {
        Err(Failure::new(format!("connecting to {}", self.address), "not built yet"))
    }
}
