//! What does it cost to create an actor?

use super::{BIG_PARENT_MIB, CONTROLS, Experiment, Question, Weight};
use crate::record::Arm;

/// The paired experiments.
pub(super) fn experiments() -> Vec<Experiment> {
    let pair = |id: &str, a: Arm, b: Arm| Experiment {
        id: format!("creation/{id}"),
        question: Question::Creation,
        weight: Weight::Headline,
        a,
        b,
    };
    let pthread = || Arm::new("thread/pthread");
    let mut plan = vec![
        pair(CONTROLS[0], pthread(), pthread()),
        pair(CONTROLS[1], Arm::new("process/fork"), Arm::new("process/fork")),
        pair("std", pthread(), Arm::new("thread/std")),
        pair("raw", pthread(), Arm::new("thread/raw")),
    ];
    for process in ["fork", "fork-exec-tiny", "fork-exec-dynamic"] {
        let arm = Arm::new(&format!("process/{process}"));
        plan.push(pair(process, pthread(), arm.clone()));
        plan.push(pair(
            &format!("{process}/{BIG_PARENT_MIB}MiB"),
            pthread().with_ballast_mib(BIG_PARENT_MIB),
            arm.with_ballast_mib(BIG_PARENT_MIB),
        ));
    }
    plan
}

/// The benchmarks.
pub(super) fn benches() -> Vec<Arm> {
    let small = [
        "thread/raw",
        "thread/pthread",
        "thread/std",
        "process/vfork",
        "process/raw-fork",
        "process/fork",
        "process/fork-exec-tiny",
        "process/fork-exec-dynamic",
        "process/spawn-tiny",
        "process/spawn-dynamic",
    ];
    let mut arms: Vec<Arm> = small.iter().map(|id| Arm::new(id)).collect();
    arms.push(Arm::new("process/fork").with_ballast_mib(BIG_PARENT_MIB));
    arms.push(Arm::new("process/spawn-tiny").with_ballast_mib(BIG_PARENT_MIB));
    arms
}
