//! What textbooks say of servers.

use crate::claim::Hinge::{Cpus, Emulation, Hypervisor, Kernel, Processor};
use crate::claim::{Band, CellDef, Claim, Estimand, Quantifier, STATE};
use crate::question::servers::plan::{PAGES, Race, race, race_each};
use crate::question::servers::sentences;

/// A cell per line: title, series, condition, and the experiment.
macro_rules! ratios {
    ($($title:literal, $series:expr, $condition:literal, $experiment:expr;)+) => {
        &[$(CellDef::new($title, $series, $condition, || $experiment, Estimand::Ratio),)+]
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
    quantity: "time per request of a thread pool, divided by that of one event loop, and of \
               prefork, divided by that of the thread pool; all connections busy, in pairs, one \
               CPU each for client and server",
    // Written before anything was measured: a twentieth is what would make one choose.
    band: Band { low: 1.05, high: f64::INFINITY },
    contrary: None,
    truth: "With a thread per connection, the kernel wakes and switches to a thread for almost \
            every request. An event loop receives all pending requests with one call, and more of \
            them the busier it is. Switches between processes also change the address space. Once \
            a core runs more processes than its TLB can tell apart (claim B4), each request pays \
            for TLB misses. With one connection there is nothing to choose.",
    exceptions: "The handler of an event loop must not block: one slow request stalls every \
                 connection of its loop. One loop uses one CPU. The more work a request is, the \
                 less the model matters; the handler here does almost nothing. With a connection \
                 per request, the kernel's connection handling dominates. Crash containment (claim \
                 D1) may matter more than throughput.",
    quantifier: Quantifier::Typical,
    hinges_on: &[Emulation, Hypervisor, Cpus, Processor, Kernel],
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
