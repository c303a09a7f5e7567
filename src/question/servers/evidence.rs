//! What servers answered under load, what idle connections keep, and what a shot takes.

mod blast;
mod held;
mod latency;
mod load;
mod recovery;

pub use latency::Unread;

use crate::claim::{Drift, for_a_rerun};
use crate::plan::Grid;
use crate::question::servers::plan::loadings;
use crate::record::{Failure, Id, Record, Serving, Shape};
use crate::stats::Interval;

/// Share of a CPU beyond which the busiest thread of a client may be what keeps answers back.
pub const CLIENT_LIMIT: f64 = 0.90;

/// Is the client what keeps answers back, and not the server? It is where it uses more than
/// [`CLIENT_LIMIT`] of its CPU, and more than the server uses of each of its own: shares of the
/// time, of the client's busiest thread and of each CPU that the server may use.
#[must_use]
pub fn client_is_the_limit(client_share: f64, server_share: f64) -> bool {
    client_share > CLIENT_LIMIT && server_share < client_share
}

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
    /// CPU time of the server per answer in the closed loop, nanoseconds; none where a launch has
    /// no answer.
    pub server_cpu_ns: Option<Interval>,
    /// CPU time of the client's busiest thread over the time, in the closed loop.
    pub client_share: Option<Interval>,
    /// CPU time of the server over the time, in the closed loop, for each CPU that it may use.
    pub server_share: Option<Interval>,
    /// Median, 99 % and 99.9 % of the latencies of all launches in the closed loop, nanoseconds, or
    /// why they are not known. Requests that were not answered are beyond all that were.
    pub closed_ns: [Result<Interval, Unread>; 3],
    /// Requests that were due per second in the open loop, median of the launches; 0 without any.
    pub due_per_s: f64,
    /// Median, 99 % and 99.9 % of the latencies in the open loop, nanoseconds; as those of the
    /// closed loop.
    pub open_ns: [Result<Interval, Unread>; 3],
    /// Requests of all launches that were not answered, or otherwise than with 200: in the closed
    /// and in the open loop.
    pub failed: [u64; 2],
    /// Requests of all launches that were due in the open loop and never sent.
    pub unsent: u64,
    /// The server did not keep up with that rate in some launch: requests that were due were not
    /// answered, or the last answer came much later than it was due.
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
    /// Requests of others that were never answered: fewest, median and most of the launches, as the
    /// next three. Of an even number of launches the lower one of the middle; without any all are
    /// 0.
    pub failed: [u64; 3],
    /// Other connections that ended.
    pub dropped: [u64; 3],
    /// New connections that were refused.
    pub refused: [u64; 3],
    /// Processes that died.
    pub died: [u64; 3],
    /// Share of what the server had counted in memory of its processes that was forgotten, median
    /// of the launches; none where a launch had counted nothing.
    pub forgotten_share: Option<f64>,
    /// In all launches, memory that processes share counted at least as many requests as were
    /// answered, before the shot and after it.
    pub shared_survives: bool,
    /// Longest time without any answer after the shot, nanoseconds.
    pub gap_ns: Option<Interval>,
    /// From the shot until answers came as before, nanoseconds, in the launches in which they did;
    /// `None` with fewer than two of these. "As before" is at least 80 % of the median bin before
    /// the shot, in three bins in a row; 0 where no bin that begins within 50 ms of the shot has
    /// less.
    pub recovery_ns: Option<Interval>,
    /// Launches in which answers did not come as before within the time.
    pub unrecovered: usize,
    /// The control: launches in which the same rule, at a moment in the middle of the time before
    /// the shot, finds anything but 0. There nobody shot, so it is what else the machine did.
    pub noisy: usize,
    /// Answers bin by bin, of the launch with the median gap.
    pub timeline: Vec<Bin>,
    /// Why there is no more of it.
    pub failure: Option<Failure>,
}

/// Answers in a short time at a known distance from a shot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Which it is, from the one in which the shot was: 0.
    pub from_shot: i64,
    /// How wide it is, nanoseconds.
    pub width_ns: u64,
    /// Milliseconds from the shot to its middle.
    pub middle_ms: f64,
    /// Answers per second.
    pub per_s: f64,
}

/// A server with idle connections.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// How it divides its connections.
    pub shape: Shape,
    /// Memory per connection, bytes, from growing numbers of them.
    pub per_connection_bytes: Option<Interval>,
    /// Most connections that were held at once, and the memory that they took together, bytes:
    /// median of the launches, of which there may be one alone, so without an interval. None where
    /// launches held different numbers.
    pub most: Option<(u32, f64)>,
    /// Why no more than these were tried.
    pub capped: Option<String>,
    /// Why there is no more of it: of memory for each, and of ten thousand at once.
    pub failures: Vec<Failure>,
}

impl Load {
    /// Was it the client that kept answers back in the closed loop, so that the server may have
    /// more to give?
    #[must_use]
    pub fn client_is_the_limit(&self) -> bool {
        let shares = self.client_share.zip(self.server_share);
        shares.is_some_and(|(client, server)| client_is_the_limit(client.estimate, server.estimate))
    }
}

impl Servers {
    /// What the record says.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        // The full grid has every server of the default one too.
        let planned: Vec<Id> = loadings(Grid::Full).into_iter().map(|load| load.id).collect();
        let place = |id: &Id| planned.iter().position(|known| known == id);
        let mut servings: Vec<_> = record.servings.iter().collect();
        servings.sort_by_key(|serving| place(&serving.id).unwrap_or(planned.len()));
        let mut blasts: Vec<Blast> = record.crashes.iter().map(Blast::of).collect();
        blasts.sort_by_key(|blast| blast.shape);
        Servers {
            loads: servings
                .into_iter()
                .map(|serving| Load::of(serving, cpus(record, serving)))
                .collect(),
            blasts,
            held: Shape::ALL.iter().filter_map(|shape| Held::of(*shape, record)).collect(),
        }
    }
}

/// The interval of a rerun.
fn again(sampled: Interval) -> Interval {
    let moved = for_a_rerun(sampled, Drift::least("servers").times.deviation);
    Interval { low: moved.low.max(0.0), ..moved }
}

/// CPUs that a server under load may use: all of the run for loops per CPU, else one.
fn cpus(record: &Record, serving: &Serving) -> usize {
    match serving.shape {
        Shape::EpollPerCore => record.machine.cpus.len().max(1),
        _ => 1,
    }
}
