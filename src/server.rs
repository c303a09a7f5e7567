//! Servers: five shapes around one handler, as web servers have them, HTTP/1.1 over loopback.
//!
//! A server is a master, which has the listening socket and starts again what dies, and processes
//! that accept on that socket and serve: many with one thread each, or one with threads or event
//! loops. What a request does (`http`, `handler`) knows nothing of the shape.

mod accept;
mod answer;
mod blocking;
mod event;
mod handler;
mod http;
mod master;

pub use master::{Account, Master};

use crate::record::Shape;
use serde::{Deserialize, Serialize};

/// What a server is to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// How it divides its connections.
    pub shape: Shape,
    /// Processes or threads started beforehand, of shapes that have them ([`Shape::has_workers`]).
    pub workers: u32,
    /// Private pages that each connection gets, and each of its requests touches.
    pub pages: u32,
    /// CPUs that it may use; empty leaves it where it is. [`Shape::EpollPerCore`] has a loop pinned
    /// to each of them, or as many loops as there are CPUs.
    pub cpus: Vec<usize>,
    /// A request for `/crash` kills the process that serves it, and requests are counted, in its
    /// own memory and in memory that all processes share: `/state` says how many. Else neither is
    /// found (404), and nothing is counted.
    pub crashable: bool,
}
