//! What textbooks say of servers.

use crate::claim::{Band, CellDef, Claim, Estimand, Quantifier, STATE};
use crate::question::servers::plan::{PAGES, Race, race, race_each};
use crate::question::servers::sentences;

/// A cell per line: title, series, condition, and the experiment.
macro_rules! ratios {
    ($($title:literal, $series:expr, $condition:literal, $experiment:expr;)+) => {
        &[$(CellDef {
            title: $title,
            series: $series,
            condition: $condition,
            experiment: || $experiment,
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

pub(in crate::question) const E3: Claim = Claim {
    id: "E3",
    topic: "Serve",
    sentence: "For many I/O-bound connections, consider an event loop before threads, and threads \
               before processes.",
    short: "epoll before threads, processes",
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
    quantifier: Quantifier::Typical,
    stated: &[
        "threads, 32 connections",
        "threads, 128 connections",
        "processes, 32 connections",
        "processes, 128 connections",
    ],
    where_time_is_virtual: &[],
    say: sentences::e3,
    cells: ratios! {
        "threads, 1 connection", EVENTS, "1 connection", race(Race::Threads, 1, 0);
        "threads, 4 connections", EVENTS, "4 connections", race(Race::Threads, 4, 0);
        "threads, 32 connections", EVENTS, "32 connections", race(Race::Threads, 32, 0);
        "threads, 128 connections", EVENTS, "128 connections", race(Race::Threads, 128, 0);
        "threads, 1 connection, 32 pages", EVENTS_PAGES, "1 connection",
            race(Race::Threads, 1, PAGES);
        "threads, 4 connections, 32 pages", EVENTS_PAGES, "4 connections",
            race(Race::Threads, 4, PAGES);
        "threads, 32 connections, 32 pages", EVENTS_PAGES, "32 connections",
            race(Race::Threads, 32, PAGES);
        "threads, 128 connections, 32 pages", EVENTS_PAGES, "128 connections",
            race(Race::Threads, 128, PAGES);
        "threads, a connection per request, 4", EVENTS_EACH, "4 at a time",
            race_each(Race::Threads, 4);
        "threads, a connection per request, 32", EVENTS_EACH, "32 at a time",
            race_each(Race::Threads, 32);
        "processes, 1 connection", THREADS, "1 connection", race(Race::Processes, 1, 0);
        "processes, 4 connections", THREADS, "4 connections", race(Race::Processes, 4, 0);
        "processes, 32 connections", THREADS, "32 connections", race(Race::Processes, 32, 0);
        "processes, 128 connections", THREADS, "128 connections", race(Race::Processes, 128, 0);
        "processes, 1 connection, 32 pages", THREADS_PAGES, "1 connection",
            race(Race::Processes, 1, PAGES);
        "processes, 4 connections, 32 pages", THREADS_PAGES, "4 connections",
            race(Race::Processes, 4, PAGES);
        "processes, 32 connections, 32 pages", THREADS_PAGES, "32 connections",
            race(Race::Processes, 32, PAGES);
        "processes, 128 connections, 32 pages", THREADS_PAGES, "128 connections",
            race(Race::Processes, 128, PAGES);
        "processes, a connection per request, 4", THREADS_EACH, "4 at a time",
            race_each(Race::Processes, 4);
        "processes, a connection per request, 32", THREADS_EACH, "32 at a time",
            race_each(Race::Processes, 32);
    },
};
