//! What does it cost to switch between two actors?

use crate::plan::{Experiment, Figure, Grid, LONGEST_BATCH_NS, Protocol, twin};
use crate::question::arm;
use crate::record::{Arm, Family, Id, Placement, Policy};

/// A millisecond holds several hundred switches, and most batches of that length see no preemption.
pub const SWITCHING: Protocol = Protocol {
    discarded_ops: 16,
    least_ops: 64,
    batch_ns: 1_000_000,
    longest_ns: LONGEST_BATCH_NS,
    pairs_per_launch: 60,
    precision_aim: 0.015,
    figure: Figure::Ratio,
    broad: false,
};

const QUESTION: &str = "switching";
const PING_PONG: Family = Family { question: QUESTION, name: "ping-pong", prefix: QUESTION };

/// Id of processes against threads that wake each other by this mechanism.
#[must_use]
pub fn ping_pong(mechanism: &str) -> Id {
    PING_PONG.named(mechanism)
}

/// The paired experiments.
pub(in crate::question) fn experiments(paired: Policy) -> Vec<Experiment> {
    let pair = |id, a: &str, b: &str, policy| {
        Experiment::new(id, SWITCHING, arm(a).under(policy), arm(b).under(policy))
    };
    let [threads, processes] = Id::controls(QUESTION);
    let mut plan = vec![
        pair(threads, "futex/thread", "futex/thread", paired),
        pair(processes, "futex/process", "futex/process", paired),
    ];
    for mechanism in ["futex", "pipe"] {
        let (a, b) = (format!("{mechanism}/thread"), format!("{mechanism}/process"));
        let id = ping_pong(mechanism);
        plan.push(pair(id.clone(), &a, &b, paired));
        if paired == Policy::Fifo {
            plan.push(pair(twin(id), &a, &b, Policy::Other));
        }
    }
    plan
}

/// Threads and processes that wake each other, as Criterion measures them.
#[must_use]
pub fn usual() -> Vec<Arm> {
    let both =
        |mechanism: &str| ["thread", "process"].map(|who| arm(&format!("{mechanism}/{who}")));
    ["pipe", "futex", "condvar"].into_iter().flat_map(both).collect()
}

/// The benchmarks.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    let mut arms = vec![arm("baseline/getppid")];
    arms.extend(usual());
    if grid == Grid::Full {
        arms.extend(["baseline/null", "baseline/clock", "baseline/batch"].map(arm));
        for pipe in ["pipe/thread", "pipe/process"] {
            arms.extend([Placement::TwoCores, Placement::Free].map(|place| arm(pipe).at(place)));
        }
        arms.extend(["condvar/thread-shared", "pipe/alone", "futex/alone"].map(arm));
    }
    arms
}
