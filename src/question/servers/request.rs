//! Requests to a server over loopback: on connections that are kept, or on one for each request.
//!
//! The server is none of the primitive's: the driver starts it and says where it listens. What
//! differs between the entries is the server alone, so they share everything here.

use crate::load::{Client, Settings};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Failure, Result, Shape, Work};
use std::io;
use std::thread::available_parallelism;

/// What the time leaves out of requests whose connections are kept.
const KEPT: &str = "starting the server, and the connections";

/// The same where each request has its own.
const EACH: &str = "starting the server; the connection's end, which the client makes a reset";

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "request/prefork",
        name: "request to prefork processes",
        actor: Actor::Process,
        op: "one request answered on a persistent connection, all connections busy, by as many \
             processes as connections",
        work: Work::Serves(Shape::Prefork),
        excluded: KEPT,
        source: "accept(2), fork(2), tcp(7)",
        start: kept,
    },
    Entry {
        id: "request/thread-pool",
        name: "request to a thread pool",
        actor: Actor::Thread,
        op: "as request/prefork, by as many threads of one process",
        work: Work::Serves(Shape::ThreadPool),
        excluded: KEPT,
        source: "accept(2), pthread_create(3), tcp(7)",
        start: kept,
    },
    Entry {
        id: "request/thread-per-connection",
        name: "request to a thread per connection",
        actor: Actor::Thread,
        op: "as request/prefork, by a thread that was started for the connection when it was \
             accepted",
        work: Work::Serves(Shape::ThreadPerConnection),
        excluded: "starting the server, the connections, and their threads",
        source: "accept(2), pthread_create(3), tcp(7)",
        start: kept,
    },
    Entry {
        id: "request/epoll",
        name: "request to one event loop",
        actor: Actor::Alone,
        op: "as request/prefork, by one event loop over all connections",
        work: Work::Serves(Shape::Epoll),
        excluded: KEPT,
        source: "epoll(7), tcp(7)",
        start: kept,
    },
    Entry {
        id: "request/epoll-per-core",
        name: "request to an event loop per CPU",
        actor: Actor::Alone,
        op: "as request/prefork, by an event loop on each CPU of the server's",
        work: Work::Serves(Shape::EpollPerCore),
        excluded: KEPT,
        source: "epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: kept,
    },
    Entry {
        id: "connection/prefork",
        name: "connection to prefork processes",
        actor: Actor::Process,
        op: "one connection with one request answered on it, as many at a time as there are \
             processes",
        work: Work::Serves(Shape::Prefork),
        excluded: EACH,
        source: "connect(2), accept(2), fork(2), tcp(7)",
        start: each,
    },
    Entry {
        id: "connection/thread-pool",
        name: "connection to a thread pool",
        actor: Actor::Thread,
        op: "as connection/prefork, by as many threads of one process",
        work: Work::Serves(Shape::ThreadPool),
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: each,
    },
    Entry {
        id: "connection/thread-per-connection",
        name: "connection to a thread per connection",
        actor: Actor::Thread,
        op: "as connection/prefork, by a thread that is started for it: its start and end are \
             part of it",
        work: Work::Serves(Shape::ThreadPerConnection),
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: each,
    },
    Entry {
        id: "connection/epoll",
        name: "connection to one event loop",
        actor: Actor::Alone,
        op: "as connection/prefork, by one event loop over all connections",
        work: Work::Serves(Shape::Epoll),
        excluded: EACH,
        source: "connect(2), epoll(7), tcp(7)",
        start: each,
    },
    Entry {
        id: "connection/epoll-per-core",
        name: "connection to an event loop per CPU",
        actor: Actor::Alone,
        op: "as connection/prefork, by an event loop on each CPU of the server's",
        work: Work::Serves(Shape::EpollPerCore),
        excluded: EACH,
        source: "connect(2), epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: each,
    },
];

struct Requests(Client);

impl Primitive for Requests {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        self.0.requests(ops)
    }

    fn busiest_ns(&self) -> u64 {
        self.0.busiest_ns()
    }
}

pub(crate) fn kept(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, false)
}

pub(crate) fn each(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, true)
}

fn start(setup: &Setup, per_request: bool) -> Result<Box<dyn Primitive>> {
    let Some(address) = setup.server else {
        let why = "its address is missing: the driver starts the server";
        return Err(Failure::new("asking a server", why));
    };
    let connections = setup.arm.actors.max(1);
    let threads = threads(connections)?;
    let settings = Settings { address, connections, per_request, threads, reopens: false };
    Ok(Box::new(Requests(Client::connect(&settings)?)))
}

/// One on a CPU of its own; else half of the CPUs that the client may use, so that on big machines
/// it is not the limit and the server has the others.
fn threads(connections: u32) -> Result<u32> {
    let cpus =
        available_parallelism().map_err(|e| Failure::os("counting the CPUs of a client", e))?;
    Ok(share(cpus.get(), connections))
}

fn share(cpus: usize, connections: u32) -> u32 {
    u32::try_from(cpus / 2).unwrap_or(u32::MAX).clamp(1, connections)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Arm, Work};

    #[test]
    fn a_client_has_half_of_the_cpus_and_no_thread_without_a_connection() {
        assert_eq!([1, 2, 3, 4, 64].map(|cpus| share(cpus, 128)), [1, 1, 1, 2, 32]);
        assert_eq!([1, 4, 32].map(|connections| share(64, connections)), [1, 4, 32]);
    }

    #[test]
    fn without_a_server_the_reason_says_who_starts_one() {
        for start in [kept, each] {
            let refused =
                start(&Setup::of(Arm::new("", Work::Creates))).err().expect("there is no server");
            assert!(refused.why.contains("the driver starts the server"), "{refused}");
        }
    }
}
