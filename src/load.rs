//! Clients that load a server: each connection sends its next request when the last is answered (a closed loop), or
//! requests are due at a fixed rate whatever the server does (an open loop), or one request shoots a worker.
//!
//! In a closed loop a server that stalls is asked less meanwhile, so that few requests see the stall: its latencies are
//! those of a server that is never waited for (coordinated omission). The open loop counts from when a request was due.

mod closed;
mod connection;
mod idle;
mod open;
mod shot;

pub use idle::Idle;
pub use shot::Shot;

use crate::record::{CrashLaunch, Failure, LoadRun, Result};
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What a client is to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Connections at a time.
    pub connections: u32,
    /// Each request has a connection of its own.
    pub per_request: bool,
    /// Threads that divide the connections among them.
    pub threads: u32,
}

/// A client. Its connections are reset on drop, so that the kernel keeps none of them (no TIME_WAIT).
#[derive(Debug)]
pub struct Client {}

impl Client {
    /// Connects, and sees one request answered on every connection. With a connection for each request, sees one.
    ///
    /// # Errors
    /// The server refuses, answers otherwise than with 200, or a limit on descriptors is reached.
    pub fn connect(_settings: &Settings) -> Result<Self> {
        Err(Failure::new("connecting to a server", "not built yet"))
    }

    /// Has exactly `count` requests answered in a closed loop, without keeping latencies. Nothing is under way when it
    /// returns.
    ///
    /// # Errors
    /// A connection that ends, or an answer other than 200: a server that is measured fails no request.
    pub fn requests(&mut self, _count: u64) -> io::Result<u64> {
        Err(io::Error::other("not built yet"))
    }

    /// CPU time of the busiest thread so far within [`Self::requests`], nanoseconds.
    #[must_use]
    pub fn busiest_ns(&self) -> u64 {
        0
    }

    /// Loads the server in a closed loop for this long, with latencies.
    ///
    /// # Errors
    /// As [`Self::requests`].
    pub fn closed(&mut self, _time: Duration) -> Result<LoadRun> {
        Err(Failure::new("loading a server", "not built yet"))
    }

    /// Loads it at a fixed rate for this long. A request that is due while all connections wait for an answer is sent
    /// when one is free, and counted from when it was due.
    ///
    /// # Errors
    /// As [`Self::requests`].
    pub fn open(&mut self, _due_per_s: f64, _time: Duration) -> Result<LoadRun> {
        Err(Failure::new("loading a server", "not built yet"))
    }

    /// Loads it in a closed loop, has one more connection send a request that kills what serves it, and goes on, with new
    /// connections for those that end.
    ///
    /// # Errors
    /// The server does not come back, or does not know the request.
    pub fn shoot(&mut self, _shot: &Shot) -> Result<CrashLaunch> {
        Err(Failure::new("shooting a worker", "not built yet"))
    }
}
