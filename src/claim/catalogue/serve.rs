//! What textbooks say of servers.

use super::STATE;
use crate::claim::{Band, CellDef, Claim, Estimand};

/// A cell per line: title, series, condition, and the experiment's id without its question.
macro_rules! ratios {
    ($($title:literal, $series:expr, $condition:literal, $experiment:literal;)+) => {
        &[$(CellDef {
            title: $title,
            series: $series,
            condition: $condition,
            experiment: concat!("servers/", $experiment),
            estimand: Estimand::Ratio,
        },)+]
    };
}

// As the sentence has them: the claim holds for one before the other.
const EVENTS: &str = "an event loop before threads";
const EVENTS_PAGES: &str = "an event loop before threads with 32 pages touched";
const EVENTS_EACH: &str = "an event loop before threads with a connection per request";
const THREADS: &str = "threads before processes";
const THREADS_PAGES: &str = "threads before processes with 32 pages touched";
const THREADS_EACH: &str = "threads before processes with a connection per request";

pub(super) const E3: Claim = Claim {
    id: "E3",
    topic: "Serve",
    sentence: "For many I/O-bound connections, consider an event loop before threads, and threads \
               before processes.",
    promise: "≥ 1.05×",
    source: STATE,
    quantity: "time per request of a pool of threads over that of one event loop, and of prefork \
               processes over that of the pool, with all connections busy, in pairs; client and \
               server have a CPU each",
    // Written before anything was measured: a twentieth is what would make one choose.
    band: Band { low: 1.05, high: f64::INFINITY },
    contrary: None,
    truth: "Where each connection has a thread, the kernel wakes one and switches to it for almost \
            every request; an event loop is told of all that came in meanwhile by one call, the \
            more at once the busier it is. Switches between processes change the address space \
            besides: once more of them take turns on a core than it keeps apart in its TLB (claim \
            B4), each finds its translations gone, and pays for every page that a request touches. \
            With one connection client and server wait for each other in turn, and there is \
            nothing to choose. With a connection per request much of the time goes into making and \
            ending it, which the kernel does alike for all.",
    exceptions: "An event loop's handler must not block: one slow request stalls every connection \
                 of its loop, where it holds up one thread or one process and nobody else. One \
                 loop uses one CPU; for more there must be more loops. The handler here does next \
                 to nothing: the more work a request is, the less it matters who does it. A \
                 process contains a crash (claim D1), which may be worth more than the difference.",
    cells: ratios! {
        "threads, 1 connection", EVENTS, "1 connection", "threads/c1";
        "threads, 4 connections", EVENTS, "4 connections", "threads/c4";
        "threads, 32 connections", EVENTS, "32 connections", "threads/c32";
        "threads, 128 connections", EVENTS, "128 connections", "threads/c128";
        "threads, 1 connection, 32 pages", EVENTS_PAGES, "1 connection", "threads/c1/32pages";
        "threads, 4 connections, 32 pages", EVENTS_PAGES, "4 connections", "threads/c4/32pages";
        "threads, 32 connections, 32 pages", EVENTS_PAGES, "32 connections", "threads/c32/32pages";
        "threads, 128 connections, 32 pages", EVENTS_PAGES, "128 connections",
            "threads/c128/32pages";
        "threads, a connection per request, 4", EVENTS_EACH, "4 at a time",
            "per-request/threads/c4";
        "threads, a connection per request, 32", EVENTS_EACH, "32 at a time",
            "per-request/threads/c32";
        "processes, 1 connection", THREADS, "1 connection", "processes/c1";
        "processes, 4 connections", THREADS, "4 connections", "processes/c4";
        "processes, 32 connections", THREADS, "32 connections", "processes/c32";
        "processes, 128 connections", THREADS, "128 connections", "processes/c128";
        "processes, 1 connection, 32 pages", THREADS_PAGES, "1 connection", "processes/c1/32pages";
        "processes, 4 connections, 32 pages", THREADS_PAGES, "4 connections",
            "processes/c4/32pages";
        "processes, 32 connections, 32 pages", THREADS_PAGES, "32 connections",
            "processes/c32/32pages";
        "processes, 128 connections, 32 pages", THREADS_PAGES, "128 connections",
            "processes/c128/32pages";
        "processes, a connection per request, 4", THREADS_EACH, "4 at a time",
            "per-request/processes/c4";
        "processes, a connection per request, 32", THREADS_EACH, "32 at a time",
            "per-request/processes/c32";
    },
};
