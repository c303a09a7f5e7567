//! The master: the listening socket, the processes that serve, and their successors.

use super::Settings;
use crate::record::{Failure, Result};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

/// A running server. Its processes are killed and reaped on drop, and die with this process whatever becomes of it.
#[derive(Debug)]
pub struct Master {
    address: SocketAddr,
}

/// What a server has come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// CPU time of all its processes so far, dead ones included and the master not; nanoseconds.
    pub cpu_ns: u64,
    /// Those that live.
    pub processes: Vec<i32>,
    /// How many were started again.
    pub restarted: u32,
}

impl Master {
    /// Listens on a port of 127.0.0.1 (0 has the kernel choose one) and starts the processes that serve. The calling
    /// process must have one thread, and keep to one: it forks.
    ///
    /// # Errors
    /// The port is taken, a limit on processes or threads is reached, there is more than one thread.
    pub fn start(_settings: Settings, _port: u16) -> Result<Self> {
        Err(Failure::new("starting a server", "not built yet"))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts again whatever dies, until `control` can be read or has ended.
    ///
    /// # Errors
    /// What it starts dies at once, again and again.
    pub fn supervise(&mut self, _control: BorrowedFd<'_>) -> Result<()> {
        Err(Failure::new("supervising a server", "not built yet"))
    }

    /// What it has come to so far.
    ///
    /// # Errors
    /// A clock cannot be read.
    pub fn account(&self) -> Result<Account> {
        Err(Failure::new("reading a server's clocks", "not built yet"))
    }
}
