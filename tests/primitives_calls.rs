//! Calls in line and by the C library: the same work.

mod support;

use process_vs_thread::lab::fifo_permitted;
use process_vs_thread::question::arm;
use process_vs_thread::record::{Arm, Policy, Work};
use support::launch;

const CALLED: [&str; 14] = [
    "pipe/thread",
    "pipe/process",
    "pipe/alone",
    "futex/thread",
    "futex/process",
    "futex/alone",
    "eventfd/thread",
    "eventfd/process",
    "eventfd/alone",
    "socket/thread",
    "socket/process",
    "socket/alone",
    "ring/thread",
    "ring/process",
];

fn both(id: &str, policy: Policy) -> [Arm; 2] {
    let inlined = arm(id).under(policy);
    let actors = if inlined.work == Work::TakesTurns { 2 } else { 0 };
    let inlined = inlined.among(actors);
    [inlined.clone(), inlined.by_library()]
}

#[test]
fn either_way_does_the_same_operations_with_the_same_switches() {
    // Under another policy a wake-up may take the core or not, as the scheduler likes.
    let policy = fifo_permitted().unwrap_or(Policy::Other);
    for id in CALLED {
        let switches = both(id, policy).map(|arm| {
            let half = launch(&arm, None).unwrap().batch(16, 2_000).unwrap().half;
            assert_eq!(half.ops, 2_000, "{arm}");
            half.switches as f64 / half.ops as f64
        });
        let [inlined, library] = switches;
        let alike = (inlined - library).abs() < 0.1;
        assert!(alike || policy == Policy::Other, "{id}: {switches:?} switches an operation");
    }
}
