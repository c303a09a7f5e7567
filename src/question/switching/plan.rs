//! What does it cost to switch between two actors?

use crate::plan::{Experiment, Figure, Grid, LONGEST_BATCH_NS, Protocol, twin};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Family, Id, Placement, Policy};

/// A millisecond holds several hundred switches, and most batches of that length see no preemption.
pub const SWITCHING: Protocol = Protocol {
    discarded_ops: 16,
    least_ops: 64,
    batch_ns: 1_000_000,
    longest_ns: LONGEST_BATCH_NS,
    rest_ns: 0,
    pairs_per_launch: 42,
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

/// Id of the same with the calls in line: the floor.
#[must_use]
pub fn floor(mechanism: &str) -> Id {
    ping_pong(mechanism).and(Coordinate::Kind("inlined".to_owned()))
}

/// The paired experiments.
pub(in crate::question) fn experiments(paired: Policy) -> Vec<Experiment> {
    let pair = |id, a: &str, b: &str, policy| {
        let [a, b] = [a, b].map(|id| arm(id).under(policy));
        Experiment::new(id, SWITCHING, a, b)
    };
    let programs =
        |one: Experiment| Experiment { a: one.a.by_library(), b: one.b.by_library(), ..one };
    let [threads, processes] = Id::controls(QUESTION);
    let mut plan = vec![
        programs(pair(threads, "futex/thread", "futex/thread", paired)),
        programs(pair(processes, "futex/process", "futex/process", paired)),
    ];
    for mechanism in ["futex", "pipe"] {
        let (a, b) = (format!("{mechanism}/thread"), format!("{mechanism}/process"));
        let id = ping_pong(mechanism);
        plan.push(programs(pair(id.clone(), &a, &b, paired)));
        plan.push(pair(floor(mechanism), &a, &b, paired));
        if paired == Policy::Fifo {
            plan.push(programs(pair(twin(id), &a, &b, Policy::Other)));
        }
    }
    plan
}

/// Threads and processes that wake each other, as Criterion measures them: by the C library, as a
/// condition variable always is.
#[must_use]
pub fn usual() -> Vec<Arm> {
    let condvar = ["condvar/thread", "condvar/process"].map(arm);
    inlined().into_iter().map(Arm::by_library).chain(condvar).collect()
}

/// The same with the calls in line.
#[must_use]
pub fn inlined() -> Vec<Arm> {
    let both =
        |mechanism: &str| ["thread", "process"].map(|who| arm(&format!("{mechanism}/{who}")));
    ["pipe", "futex"].into_iter().flat_map(both).collect()
}

/// The benchmarks.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    let mut arms = vec![arm("baseline/getppid")];
    arms.extend(usual());
    if grid == Grid::Full {
        arms.extend(["baseline/null", "baseline/clock", "baseline/batch"].map(arm));
        for pipe in ["pipe/thread", "pipe/process"] {
            let places = [Placement::TwoCores, Placement::Free];
            arms.extend(places.map(|place| arm(pipe).by_library().at(place)));
        }
        arms.push(arm("condvar/thread-shared"));
        arms.extend(["pipe/alone", "futex/alone"].map(|calls| arm(calls).by_library()));
        arms.extend(inlined());
    }
    arms
}
