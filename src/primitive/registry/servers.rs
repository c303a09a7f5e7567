//! What a server answers, by how it divides its connections. The actor is who serves a connection:
//! an event loop hands none over to anybody.

use super::super::Switches::Varies;
use super::super::{Entry, request};
use crate::record::Actor;

/// What the time leaves out of requests whose connections are kept.
const KEPT: &str = "starting the server, and the connections";
/// The same where each request has its own.
const EACH: &str = "starting the server; the connection's end, which the client makes a reset";

pub(super) const ALL: &[Entry] = &[
    Entry {
        id: "request/prefork",
        actor: Actor::Process,
        op: "one request answered on a kept connection, all connections busy, by as many \
             processes as connections",
        switches: Varies,
        excluded: KEPT,
        source: "accept(2), fork(2), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/thread-pool",
        actor: Actor::Thread,
        op: "as request/prefork, by as many threads of one process",
        switches: Varies,
        excluded: KEPT,
        source: "accept(2), pthread_create(3), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/thread-per-connection",
        actor: Actor::Thread,
        op: "as request/prefork, by a thread that was started for the connection when it was \
             accepted",
        switches: Varies,
        excluded: "starting the server, the connections, and their threads",
        source: "accept(2), pthread_create(3), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/epoll",
        actor: Actor::Alone,
        op: "as request/prefork, by one event loop over all connections",
        switches: Varies,
        excluded: KEPT,
        source: "epoll(7), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "request/epoll-per-core",
        actor: Actor::Alone,
        op: "as request/prefork, by an event loop on each CPU of the server's",
        switches: Varies,
        excluded: KEPT,
        source: "epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: request::kept,
    },
    Entry {
        id: "connection/prefork",
        actor: Actor::Process,
        op: "one connection with one request answered on it, as many at a time as there are \
             processes",
        switches: Varies,
        excluded: EACH,
        source: "connect(2), accept(2), fork(2), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/thread-pool",
        actor: Actor::Thread,
        op: "as connection/prefork, by as many threads of one process",
        switches: Varies,
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/thread-per-connection",
        actor: Actor::Thread,
        op: "as connection/prefork, by a thread that is started for it: its start and end are \
             part of it",
        switches: Varies,
        excluded: EACH,
        source: "connect(2), accept(2), pthread_create(3), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/epoll",
        actor: Actor::Alone,
        op: "as connection/prefork, by one event loop over all connections",
        switches: Varies,
        excluded: EACH,
        source: "connect(2), epoll(7), tcp(7)",
        start: request::each,
    },
    Entry {
        id: "connection/epoll-per-core",
        actor: Actor::Alone,
        op: "as connection/prefork, by an event loop on each CPU of the server's",
        switches: Varies,
        excluded: EACH,
        source: "connect(2), epoll(7), EPOLLEXCLUSIVE in epoll_ctl(2), tcp(7)",
        start: request::each,
    },
];
