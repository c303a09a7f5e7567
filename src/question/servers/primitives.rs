//! What a server answers, by how it divides its connections. The actor is who serves a connection:
//! an event loop hands none over to anybody.

use super::request;
use crate::primitive::Entry;
use crate::record::Work::Serves;
use crate::record::{Actor, Shape};

/// What the time leaves out of requests whose connections are kept.
const KEPT: &str = "starting the server, and the connections";
/// The same where each request has its own.
const EACH: &str = "starting the server; the connection's end, which the client makes a reset";

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        id: "request/prefork",
        name: "request to prefork processes",
        actor: Actor::Process,
        op: "one request answered on a kept connection, all connections busy, by as many \
             processes as connections",
        work: Serves(Shape::Prefork),
        excluded: KEPT,
        source: "accept(2), fork(2), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/thread-pool",
        name: "request to a thread pool",
        actor: Actor::Thread,
        op: "as request/prefork, by as many threads of one process",
        work: Serves(Shape::ThreadPool),
        excluded: KEPT,
        source: "accept(2), pthread_create(3), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/thread-per-connection",
        name: "request to a thread per connection",
        actor: Actor::Thread,
        op: "as request/prefork, by a thread that was started for the connection when it was \
             accepted",
        work: Serves(Shape::ThreadPerConnection),
        excluded: "starting the server, the connections, and their threads",
        source: "accept(2), pthread_create(3), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/epoll",
        name: "request to one event loop",
        actor: Actor::Alone,
        op: "as request/prefork, by one event loop over all connections",
        work: Serves(Shape::Epoll),
        excluded: KEPT,
        source: "epoll(7), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/epoll-per-core",
        name: "request to an event loop per CPU",
        actor: Actor::Alone,
        op: "as request/prefork, by an event loop on each CPU of the server's",
        work: Serves(Shape::EpollPerCore),
        excluded: KEPT,
        source: "epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "connection/prefork",
        name: "connection to prefork processes",
        actor: Actor::Process,
        op: "one connection with one request answered on it, as many at a time as there are \
             processes",
        work: Serves(Shape::Prefork),
        excluded: EACH,
        source: "connect(2), accept(2), fork(2), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/thread-pool",
        name: "connection to a thread pool",
        actor: Actor::Thread,
        op: "as connection/prefork, by as many threads of one process",
        work: Serves(Shape::ThreadPool),
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/thread-per-connection",
        name: "connection to a thread per connection",
        actor: Actor::Thread,
        op: "as connection/prefork, by a thread that is started for it: its start and end are \
             part of it",
        work: Serves(Shape::ThreadPerConnection),
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/epoll",
        name: "connection to one event loop",
        actor: Actor::Alone,
        op: "as connection/prefork, by one event loop over all connections",
        work: Serves(Shape::Epoll),
        excluded: EACH,
        source: "connect(2), epoll(7), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/epoll-per-core",
        name: "connection to an event loop per CPU",
        actor: Actor::Alone,
        op: "as connection/prefork, by an event loop on each CPU of the server's",
        work: Serves(Shape::EpollPerCore),
        excluded: EACH,
        source: "connect(2), epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: request::each,
    },
];
