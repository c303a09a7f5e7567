//! What does it cost to switch between two actors?

use crate::plan::{Experiment, Figure, LONGEST_BATCH_NS, Protocol, Weight, twin};
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
    let pair = |id, a: &str, b: &str, policy| Experiment {
        id,
        weight: Weight::Headline,
        protocol: SWITCHING,
        a: arm(a).under(policy),
        b: arm(b).under(policy),
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

/// The benchmarks.
pub(in crate::question) fn benches() -> Vec<Arm> {
    let baselines = ["baseline/null", "baseline/clock", "baseline/batch", "baseline/getppid"];
    let mut arms: Vec<Arm> = baselines.iter().map(|id| arm(id)).collect();
    for mechanism in ["pipe", "futex", "condvar"] {
        for actor in ["thread", "process"] {
            let arm = arm(&format!("{mechanism}/{actor}"));
            arms.push(arm.clone());
            if mechanism == "pipe" {
                arms.push(arm.clone().at(Placement::TwoCores));
                arms.push(arm.at(Placement::Free));
            }
        }
    }
    arms.extend(["condvar/thread-shared", "pipe/alone", "futex/alone"].map(arm));
    arms
}
