//! What does it cost to switch between actors?

pub(in crate::question) mod baseline;
pub(in crate::question) mod condvar;
pub(in crate::question) mod futex;
pub(in crate::question) mod pipe;
pub mod plan;

use super::{Question, arm, counted_once};
use crate::claim::{Demands, USUAL};
use crate::plan::{Counted, Grid};
use crate::record::{Arm, Calls, Policy};

/// The question.
pub static QUESTION: Question = Question {
    name: "switching",
    experiments: |paired, _| plan::experiments(paired),
    benches: plan::benches,
    counted,
    demands: Demands { counts_switches: true, ..USUAL },
};

/// Those that Criterion measures, with their calls in line, and two that touch pages: these show
/// what a switch takes from the TLB. 16 stay within any first-level TLB.
fn counted(_: Policy, grid: Grid) -> Vec<Counted> {
    let touching = ["pipe/thread", "pipe/process"].map(|id| arm(id).touching(16));
    let inlined = |arm: Arm| Arm { calls: Calls::Inlined, ..arm };
    let mut arms: Vec<Arm> = Vec::new();
    for arm in plan::benches(grid).into_iter().map(inlined).chain(touching) {
        if !arms.contains(&arm) {
            arms.push(arm);
        }
    }
    counted_once("switching", arms)
}
