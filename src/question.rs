//! The questions, and the one list of them: each has its primitives or probes and its plan in a
//! folder of its own. The engine knows none of them.

mod catalogue;
mod choice;
mod claims;
pub mod communication;
pub mod contention;
pub mod creation;
mod face;
pub mod isolation;
pub mod memory;
mod primitives;
mod probes;
pub mod servers;
pub mod switching;
pub mod tlb;

pub use catalogue::{CATALOGUE, judge};
pub use claims::CLAIMS;
pub use face::{difference, drawing, explain, pages, rows, screen, splice};
pub use primitives::{PRIMITIVES, arm, described, primitive, primitives};
pub use probes::{PROBES, probe, probes};

use crate::plan::{Counted, Experiment, Grid};
use crate::record::{Arm, Policy};

/// The question that an experiment belongs to, which is also the bench target that measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What does it cost to create an actor?
    Creation,
    /// What does it cost to switch between actors?
    Switching,
    /// What does a switch of address space do to the TLB?
    Tlb,
    /// What does it cost to keep an actor?
    Memory,
    /// What does it cost to tell another actor something?
    Communication,
    /// What do actors cost each other that work at the same time?
    Contention,
    /// What does a server answer, by how it divides its connections among actors?
    Servers,
    /// What is shared, what is not, and who survives? Probes alone: they have no bench target of
    /// their own, the verdict makes them.
    Isolation,
}

impl Question {
    /// All questions.
    pub const ALL: [Question; 8] = [
        Question::Creation,
        Question::Switching,
        Question::Tlb,
        Question::Memory,
        Question::Communication,
        Question::Contention,
        Question::Servers,
        Question::Isolation,
    ];

    /// Name of the bench target, and first part of the ids of its experiments.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Question::Creation => "creation",
            Question::Switching => "switching",
            Question::Tlb => "tlb",
            Question::Memory => "memory",
            Question::Communication => "communication",
            Question::Contention => "contention",
            Question::Servers => "servers",
            Question::Isolation => "isolation",
        }
    }
}

/// The paired experiments, A/A comparisons first: they set the margin of the others.
///
/// `paired` is the policy of paired switches: `SCHED_FIFO` where it is permitted, with a twin under
/// `SCHED_OTHER`, which shows what programs get.
#[must_use]
pub fn experiments(paired: Policy, grid: Grid) -> Vec<Experiment> {
    let mut plan = creation::plan::experiments();
    plan.extend(switching::plan::experiments(paired));
    plan.extend(tlb::plan::experiments(paired, grid));
    plan.extend(communication::plan::experiments(paired));
    plan.extend(contention::plan::experiments());
    plan.extend(servers::plan::experiments(grid));
    plan
}

/// The arms of the counting pass: those of the benchmarks of creation and switching, and rings.
#[must_use]
pub fn counted(paired: Policy) -> Vec<Counted> {
    let one = |question: Question, arm| {
        let question = question.name();
        Counted { question, arm, launches: 1, headline: true }
    };
    let of = |question| benches(question).into_iter().map(move |arm| one(question, arm));
    let mut counted: Vec<Counted> =
        [Question::Creation, Question::Switching].into_iter().flat_map(of).collect();
    // The pages show what a switch takes from the TLB: 16 stay within any first-level TLB.
    let touching = |id| one(Question::Switching, arm(id).touching(16));
    counted.extend(["pipe/thread", "pipe/process"].map(touching));
    counted.extend(tlb::plan::counted(paired));
    counted
}

/// Every primitive as Criterion measures it, under `SCHED_OTHER`.
#[must_use]
pub fn benches(question: Question) -> Vec<Arm> {
    match question {
        Question::Creation => creation::plan::benches(),
        Question::Switching => switching::plan::benches(),
        Question::Tlb => tlb::plan::benches(),
        Question::Communication => communication::plan::benches(),
        Question::Contention => contention::plan::benches(),
        Question::Servers => servers::plan::benches(),
        // Measured in bytes, and probes.
        Question::Memory | Question::Isolation => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Coordinate, Id};
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_begin_with_their_question() {
        for policy in [Policy::Fifo, Policy::Other] {
            let plan = experiments(policy, Grid::Full);
            let ids: BTreeSet<String> = plan.iter().map(|e| e.id.to_string()).collect();
            assert_eq!(ids.len(), plan.len());
            let of_question = |id: &Id| id.to_string().starts_with(&format!("{}/", id.question()));
            assert!(plan.iter().all(|e| of_question(&e.id)));
        }
    }

    #[test]
    fn both_arms_of_a_pair_share_their_conditions_or_their_primitive() {
        for e in experiments(Policy::Fifo, Grid::Full) {
            let same = |arm: &Arm| {
                let Arm { placement, policy, parent, pages, order, huge, .. } = *arm;
                let Arm { amount, stamped, .. } = *arm;
                (placement, policy, parent, pages, order, huge, amount, stamped)
            };
            let alike = e.a.primitive == e.b.primitive;
            assert!(alike || same(&e.a) == same(&e.b), "{}", e.id);
        }
    }

    #[test]
    fn every_question_has_an_a_a_comparison_of_each_actor() {
        let plan = experiments(Policy::Fifo, Grid::Full);
        let questions: BTreeSet<&str> = plan.iter().map(|e| e.id.question()).collect();
        for question in questions {
            let alike = plan.iter().filter(|e| e.a == e.b);
            let ids: Vec<&Id> = alike.map(|e| &e.id).collect();
            assert!(Id::controls(question).iter().all(|id| ids.contains(&id)), "{ids:?}");
        }
    }

    #[test]
    fn without_fifo_there_is_no_twin_and_nothing_asks_for_it() {
        let plan = experiments(Policy::Other, Grid::Full);
        let twin = |id: &Id| id.point().contains(&Coordinate::Policy(Policy::Other));
        assert!(plan.iter().all(|e| e.a.policy == Policy::Other && !twin(&e.id)));
    }

    #[test]
    fn no_arm_is_listed_twice() {
        for question in Question::ALL {
            let arms = benches(question);
            assert_eq!(arms.iter().collect::<BTreeSet<_>>().len(), arms.len());
        }
        let counted: Vec<Arm> = counted(Policy::Fifo).into_iter().map(|c| c.arm).collect();
        assert_eq!(counted.iter().collect::<BTreeSet<_>>().len(), counted.len());
    }

    #[test]
    fn the_plan_names_registered_primitives_and_leaves_none_out() {
        let mut named: BTreeSet<String> = BTreeSet::new();
        named.extend(Question::ALL.into_iter().flat_map(benches).map(|arm| arm.primitive));
        named.extend(counted(Policy::Fifo).into_iter().map(|c| c.arm.primitive));
        for e in experiments(Policy::Fifo, Grid::Default) {
            named.extend([e.a.primitive, e.b.primitive]);
        }
        let registered: BTreeSet<String> = primitives().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
