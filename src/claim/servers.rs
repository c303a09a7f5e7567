//! What servers answered under load, what idle connections keep, and what a shot takes.

use super::{CellDef, CellVerdict, Evidence};
use crate::record::{Failure, Record, Shape};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// What the samples say of servers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Servers {
    /// Under load, in the order of the plan.
    pub loads: Vec<Load>,
    /// Shot at, by shape.
    pub blasts: Vec<Blast>,
    /// With idle connections, by shape.
    pub held: Vec<Held>,
}

/// A server under load.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// How it divides its connections.
    pub shape: Shape,
    /// How many there are.
    pub connections: u32,
    /// Private pages of each that a request touches.
    pub pages: u32,
    /// Answers per second in the closed loop.
    pub answered_per_s: Option<Interval>,
    /// CPU time of the server per request in the closed loop, nanoseconds.
    pub server_cpu_ns: Option<Interval>,
    /// CPU time of the client's busiest thread over the time, in the closed loop.
    pub client_share: Option<Interval>,
    /// Median, 99 % and 99.9 % of the latencies in the closed loop, nanoseconds; of too few answers none.
    pub closed_ns: [Option<Interval>; 3],
    /// Requests that were due per second in the open loop.
    pub due_per_s: f64,
    /// Median, 99 % and 99.9 % of the latencies in the open loop, nanoseconds.
    pub open_ns: [Option<Interval>; 3],
    /// The server did not keep up with that rate in some launch.
    pub overrun: bool,
    /// Why there is no more of it.
    pub failure: Option<Failure>,
}

/// A server whose worker was shot.
#[derive(Debug, Clone, PartialEq)]
pub struct Blast {
    /// How it divides its connections.
    pub shape: Shape,
    /// Connections besides the one that shot.
    pub connections: u32,
    /// Launches.
    pub launches: usize,
    /// Requests of others that were never answered: fewest, median and most of the launches.
    pub failed: [u64; 3],
    /// Other connections that ended.
    pub dropped: [u64; 3],
    /// New connections that were refused.
    pub refused: [u64; 3],
    /// Processes that died.
    pub died: [u64; 3],
    /// Share of what the server had counted in memory of its processes that was forgotten.
    pub forgotten_share: Option<f64>,
    /// What was counted in memory that processes share only grew.
    pub shared_survives: bool,
    /// Longest time without any answer after the shot, nanoseconds.
    pub gap_ns: Option<Interval>,
    /// From the shot until answers came as before, nanoseconds; `None` where they did not within the time.
    pub recovery_ns: Option<Interval>,
    /// Answers per second, bin by bin, of the launch with the median gap: milliseconds from the shot, and the rate.
    pub timeline: Vec<(f64, f64)>,
    /// Why there is no more of it.
    pub failure: Option<Failure>,
}

/// A server with idle connections.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// How it divides its connections.
    pub shape: Shape,
    /// Memory per connection, bytes, from growing numbers of them.
    pub per_connection_bytes: Option<Interval>,
    /// Most connections that were held at once, and the memory that they took together, bytes.
    pub most: Option<(u32, Interval)>,
    /// Why these were fewer than ten thousand.
    pub capped: Option<String>,
    /// Why there is no more of it.
    pub failure: Option<Failure>,
}

impl Servers {
    pub(super) fn of(_record: &Record, _evidence: &BTreeMap<String, Evidence>) -> Self {
        Servers::default()
    }

    /// Was nothing measured?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.loads.is_empty() && self.blasts.is_empty() && self.held.is_empty()
    }
}

/// The verdict on a cell that is read off shots, and its reason.
pub(super) fn answer(_def: &CellDef, _record: &Record) -> (CellVerdict, String) {
    (CellVerdict::NotRun, "this run did not try it".to_owned())
}
