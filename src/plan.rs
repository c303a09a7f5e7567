//! The plan: which pairs are measured, which arms are counted. Data only; the ids are what claims refer to.

use crate::record::{Arm, Placement, Policy};

/// The question that an experiment belongs to, which is also the bench target that measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What does it cost to create an actor?
    Creation,
    /// What does it cost to switch between actors?
    Switching,
}

impl Question {
    /// All questions.
    pub const ALL: [Question; 2] = [Question::Creation, Question::Switching];

    /// Name of the bench target, and first part of the ids of its experiments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Question::Creation => "creation",
            Question::Switching => "switching",
        }
    }
}

/// How batches of an experiment are sized and when its sampling stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protocol {
    /// Operations at the start of each visit that wash out the other arm's traces and are not timed with the batch.
    pub discarded_ops: u64,
    /// Fewest operations of a timed batch.
    pub least_ops: u64,
    /// Aimed length of a timed batch, nanoseconds.
    pub batch_ns: u64,
    /// Aimed half-width of the ratio's 95 % interval.
    pub precision_aim: f64,
}

/// Two discarded operations wash a creation lab out after a big neighbour; at least four are timed.
const CREATION: Protocol =
    Protocol { discarded_ops: 2, least_ops: 4, batch_ns: 400_000, precision_aim: 0.03 };

/// A millisecond holds several hundred switches, and most batches of that length see no preemption.
const SWITCHING: Protocol =
    Protocol { discarded_ops: 16, least_ops: 64, batch_ns: 1_000_000, precision_aim: 0.015 };

/// One comparison to measure in pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Unique id: the question's name, a slash, the rest.
    pub id: String,
    /// What it belongs to.
    pub question: Question,
    /// First arm; by convention the thread.
    pub a: Arm,
    /// Second arm; by convention the process.
    pub b: Arm,
}

impl Experiment {
    /// How it is sampled.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self.question {
            Question::Creation => CREATION,
            Question::Switching => SWITCHING,
        }
    }
}

/// Size of the bigger parent in the creation experiments, MiB.
pub const BIG_PARENT_MIB: u64 = 64;

/// What stands behind the slash in the ids of the A/A comparisons, one for each kind of actor.
pub const CONTROLS: [&str; 2] = ["aa-thread", "aa-process"];

/// The question that an experiment's id begins with.
#[must_use]
pub fn question(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

/// Id of the twin of a switching experiment that runs under `SCHED_OTHER`.
#[must_use]
pub fn twin(id: &str) -> String {
    format!("{id}-other")
}

/// The paired experiments behind the headline claims, A/A comparisons first: they set the margin of the others.
///
/// `paired` is the policy of the paired switching experiments: `SCHED_FIFO` where it is permitted, each with a twin
/// under `SCHED_OTHER`, which shows what programs get.
#[must_use]
pub fn experiments(paired: Policy) -> Vec<Experiment> {
    let mut plan = creation();
    plan.extend(switching(paired));
    plan
}

fn creation() -> Vec<Experiment> {
    let pair = |id: &str, a: Arm, b: Arm| Experiment {
        id: format!("creation/{id}"),
        question: Question::Creation,
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

fn switching(paired: Policy) -> Vec<Experiment> {
    let pair = |id: String, a: &str, b: &str, policy| Experiment {
        id,
        question: Question::Switching,
        a: Arm::new(a).under(policy),
        b: Arm::new(b).under(policy),
    };
    let mut plan = vec![
        pair(format!("switching/{}", CONTROLS[0]), "futex/thread", "futex/thread", paired),
        pair(format!("switching/{}", CONTROLS[1]), "futex/process", "futex/process", paired),
    ];
    for mechanism in ["futex", "pipe"] {
        let (a, b) = (format!("{mechanism}/thread"), format!("{mechanism}/process"));
        let id = format!("switching/{mechanism}");
        plan.push(pair(id.clone(), &a, &b, paired));
        if paired == Policy::Fifo {
            plan.push(pair(twin(&id), &a, &b, Policy::Other));
        }
    }
    plan
}

/// The arms of the counting pass: every benchmark's, and two that touch pages.
#[must_use]
pub fn counted() -> Vec<(Question, Arm)> {
    let of = |question| benches(question).into_iter().map(move |arm| (question, arm));
    let mut arms: Vec<(Question, Arm)> = Question::ALL.into_iter().flat_map(of).collect();
    // The pages show what a switch takes from the TLB: 16 stay within any first-level TLB.
    let touching = |id| (Question::Switching, Arm::new(id).touching(16));
    arms.extend(["pipe/thread", "pipe/process"].map(touching));
    arms
}

/// Every primitive as Criterion measures it, under `SCHED_OTHER`.
#[must_use]
pub fn benches(question: Question) -> Vec<Arm> {
    match question {
        Question::Creation => {
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
        Question::Switching => {
            let baselines =
                ["baseline/null", "baseline/clock", "baseline/batch", "baseline/getppid"];
            let mut arms: Vec<Arm> = baselines.iter().map(|id| Arm::new(id)).collect();
            for mechanism in ["pipe", "futex", "condvar"] {
                for actor in ["thread", "process"] {
                    let arm = Arm::new(&format!("{mechanism}/{actor}"));
                    arms.push(arm.clone());
                    if mechanism == "pipe" {
                        arms.push(arm.clone().at(Placement::TwoCores));
                        arms.push(arm.at(Placement::Free));
                    }
                }
            }
            arms.extend(["condvar/thread-shared", "pipe/alone", "futex/alone"].map(Arm::new));
            arms
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_begin_with_their_question() {
        for policy in [Policy::Fifo, Policy::Other] {
            let plan = experiments(policy);
            let ids: BTreeSet<&str> = plan.iter().map(|e| e.id.as_str()).collect();
            assert_eq!(ids.len(), plan.len());
            assert!(plan.iter().all(|e| e.id.starts_with(&format!("{}/", e.question.name()))));
        }
    }

    #[test]
    fn both_arms_of_a_pair_share_their_conditions() {
        for e in experiments(Policy::Fifo) {
            let same = |arm: &Arm| (arm.placement, arm.policy, arm.ballast_bytes, arm.pages);
            assert_eq!(same(&e.a), same(&e.b), "{}", e.id);
        }
    }

    #[test]
    fn every_question_has_an_a_a_comparison_of_each_actor() {
        for question in Question::ALL {
            let plan = experiments(Policy::Fifo);
            let alike = plan.iter().filter(|e| e.question == question && e.a == e.b);
            let ids: Vec<&str> = alike.map(|e| e.id.as_str()).collect();
            assert_eq!(ids, CONTROLS.map(|control| format!("{}/{control}", question.name())));
        }
    }

    #[test]
    fn without_fifo_there_is_no_twin_and_nothing_asks_for_it() {
        let plan = experiments(Policy::Other);
        assert!(plan.iter().all(|e| e.a.policy == Policy::Other && !e.id.ends_with("-other")));
    }

    #[test]
    fn no_arm_is_listed_twice() {
        for question in Question::ALL {
            let arms = benches(question);
            assert_eq!(arms.iter().collect::<BTreeSet<_>>().len(), arms.len());
        }
        let counted: Vec<Arm> = counted().into_iter().map(|(_, arm)| arm).collect();
        assert_eq!(counted.iter().collect::<BTreeSet<_>>().len(), counted.len());
    }
}
