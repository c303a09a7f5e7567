//! Servers under load: what they answer, how late, and what a crash takes.

use super::{Failure, Id};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a server divides its connections among actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Processes forked beforehand, each of which accepts on the one listening socket and serves a
    /// connection at a time.
    Prefork,
    /// Threads started beforehand that do the same in one process.
    ThreadPool,
    /// A thread for each connection, started when it is accepted.
    ThreadPerConnection,
    /// One event loop over all connections (epoll(7)).
    Epoll,
    /// An event loop on each CPU of the server's. Under loads, shots and idle connections it has
    /// all CPUs of the run, one of which it shares with the client; the other shapes have one CPU,
    /// which is not the client's.
    EpollPerCore,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Shape; 5] = [
        Shape::Prefork,
        Shape::ThreadPool,
        Shape::ThreadPerConnection,
        Shape::Epoll,
        Shape::EpollPerCore,
    ];

    /// Its name on the command line and in ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Shape::Prefork => "prefork",
            Shape::ThreadPool => "thread-pool",
            Shape::ThreadPerConnection => "thread-per-connection",
            Shape::Epoll => "epoll",
            Shape::EpollPerCore => "epoll-per-core",
        }
    }

    /// The shape of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Shape::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// Does each of its actors serve one connection at a time, so that there must be as many as
    /// connections?
    #[must_use]
    pub fn has_workers(self) -> bool {
        matches!(self, Shape::Prefork | Shape::ThreadPool)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One server under load, launch by launch. The client has a CPU of its own, unless the server has
/// a loop on each ([`Shape::EpollPerCore`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Serving {
    /// Its family at a point.
    #[serde(flatten)]
    pub id: Id,
    /// How the server divides its connections.
    pub shape: Shape,
    /// Connections of the client.
    pub connections: u32,
    /// Private pages of a connection that each of its requests touches.
    pub pages: u32,
    /// Each a server and a client of its own.
    pub launches: Vec<ServingLaunch>,
    /// Why there are no more launches, where one could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One life of a server and of its client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServingLaunch {
    /// Process ids of the server's master and of the client.
    pub pids: [i32; 2],
    /// Each connection sends its next request when its last one is answered.
    pub closed: LoadRun,
    /// Requests are due at a fixed rate, whatever the server does.
    pub open: LoadRun,
}

/// One stretch of load.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LoadRun {
    /// Requests that were answered with 200; of a closed loop those until its time was over. What
    /// was under way then has a latency too, so that these may be fewer than the latencies.
    pub answered: u64,
    /// Requests that were not, or otherwise.
    pub failed: u64,
    /// Time in which they came, nanoseconds: of a closed loop how long it was to last, of a fixed
    /// rate from the first request's due time to the last answer.
    pub elapsed_ns: u64,
    /// Requests per second that were due; 0 where none were, as each waited for an answer.
    pub due_per_s: f64,
    /// Requests that were due and never sent, because the stretch ended first: the server cannot
    /// keep up.
    pub unsent: u64,
    /// Connections that were opened again because the server had ended them between two answers. A
    /// server that is measured ends none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub reopened: u64,
    /// Requests among the answered that were sent twice: the connection ended instead of an answer.
    #[serde(default, skip_serializing_if = "is_none")]
    pub resent: u64,
    /// CPU time of the busiest thread of the client for all that have a latency, nanoseconds.
    pub client_cpu_ns: u64,
    /// CPU time of all processes of the server, the master aside, for all that have a latency;
    /// nanoseconds. Absent, and here 0, where it was not measured: of a server that others run.
    #[serde(default, skip_serializing_if = "is_none")]
    pub server_cpu_ns: u64,
    /// Latencies as pairs of nanoseconds (the highest of a bucket one percent wide) and how many
    /// requests had it. Of a fixed rate from when the request was due, else from when it was sent.
    pub latencies: Vec<[u64; 2]>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl LoadRun {
    /// Answers per second.
    #[must_use]
    pub fn answered_per_s(&self) -> f64 {
        self.answered as f64 * 1e9 / self.elapsed_ns.max(1) as f64
    }

    /// Answers that have a latency: of a closed loop also those that came when its time was over.
    #[must_use]
    pub fn timed(&self) -> u64 {
        self.latencies.iter().map(|[_, count]| count).sum()
    }

    /// The latency that this share of the answers did not exceed, nanoseconds; `None` without
    /// answers.
    #[must_use]
    pub fn latency_ns(&self, share: f64) -> Option<u64> {
        let rank = ((self.timed() as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        self.latencies.iter().find_map(|[ns, count]| {
            seen += count;
            (seen >= rank).then_some(*ns)
        })
    }
}

/// A server of which one worker is shot under load, launch by launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Crash {
    /// Its family at a point.
    #[serde(flatten)]
    pub id: Id,
    /// How the server divides its connections.
    pub shape: Shape,
    /// Connections of the client, besides the one that shoots.
    pub connections: u32,
    /// Each a server and a client of its own.
    pub launches: Vec<CrashLaunch>,
    /// Why there are no more launches, where one could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// One shot: a request that makes the worker which serves it die of a segmentation fault.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CrashLaunch {
    /// Process ids of the server's master and of the client.
    pub pids: [i32; 2],
    /// Width of a bin of `answered`, nanoseconds.
    pub bin_ns: u64,
    /// When the shot was sent, from the start of the first bin; nanoseconds.
    pub shot_ns: u64,
    /// Requests answered in each bin until the load ended. Not those of the connection that shoots,
    /// which takes part in the load until it does.
    pub answered: Vec<u32>,
    /// Requests of other connections that were sent and never answered.
    pub failed: u64,
    /// Other connections that ended though nobody had asked for it.
    pub dropped: u64,
    /// New connections that were refused, or ended before they were answered anything.
    pub refused: u64,
    /// Longest time without any answer, from the shot on until the load ended; nanoseconds.
    pub gap_ns: u64,
    /// Processes of the server that were there before the shot and not after.
    pub died: u32,
    /// Requests that the server's processes had counted in memory of their own before the shot,
    /// those of the connection that shoots among them.
    pub counted: u64,
    /// How many of these the processes had counted that are gone.
    pub forgotten: u64,
    /// Requests counted in memory that all processes share, before any load and when all was over.
    /// What was counted before the shot is still there if it has grown by no less than was
    /// `answered`.
    pub shared: [u64; 2],
}
