//! The questions, and the one list of them: each has its primitives or probes and its plan in a
//! folder of its own. The engine knows none of them.

mod catalogue;
mod choice;
mod claims;
pub mod communication;
pub mod contention;
pub mod creation;
mod details;
mod face;
pub mod isolation;
pub mod memory;
mod primitives;
mod probes;
mod roles;
pub mod servers;
pub mod switching;
pub mod tlb;

pub use catalogue::{CATALOGUE, judge};
pub use claims::CLAIMS;
pub use face::{
    contrast_json, contrast_page, contrast_screen, drawing, every, explain, markdown, pages, rows,
    screen, splice,
};
pub use primitives::{PRIMITIVES, arm, described, primitive, primitives};
pub use probes::{PROBES, probe, probes};

use crate::claim::{Demands, USUAL};
use crate::plan::{Counted, Experiment, Grid};
use crate::record::{Arm, Policy};

/// A question, which is also the bench target that measures it.
#[derive(Debug)]
pub struct Question {
    /// Name of the bench target, and first part of the ids of its experiments.
    pub name: &'static str,
    /// Its paired experiments, A/A comparisons first: they set the margin of the others.
    ///
    /// Paired switches run under the policy: `SCHED_FIFO` where it is permitted, with a twin under
    /// `SCHED_OTHER`, which shows what programs get.
    pub experiments: fn(Policy, Grid) -> Vec<Experiment>,
    /// Its primitives as Criterion measures them, under `SCHED_OTHER`: those that people compare
    /// with theirs, or all.
    pub benches: fn(Grid) -> Vec<Arm>,
    /// Its arms of the counting pass.
    pub counted: fn(Policy, Grid) -> Vec<Counted>,
    /// What it asks of its samples before a verdict is given.
    pub demands: Demands,
}

impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Question {}

/// The list of questions.
pub static QUESTIONS: [&Question; 8] = [
    &creation::QUESTION,
    &switching::QUESTION,
    &tlb::QUESTION,
    &memory::QUESTION,
    &communication::QUESTION,
    &contention::QUESTION,
    &servers::QUESTION,
    &isolation::QUESTION,
];

/// Of a question that is not measured in pairs, by Criterion, or by counters.
const UNPAIRED: Question = Question {
    name: "",
    experiments: |_, _| Vec::new(),
    benches: |_| Vec::new(),
    counted: |_, _| Vec::new(),
    demands: USUAL,
};

/// The paired experiments of all questions.
#[must_use]
pub fn experiments(paired: Policy, grid: Grid) -> Vec<Experiment> {
    let all = QUESTIONS.iter().flat_map(|question| (question.experiments)(paired, grid));
    all.map(roles::with_role).collect()
}

/// The arms of the counting pass.
#[must_use]
pub fn counted(paired: Policy, grid: Grid) -> Vec<Counted> {
    QUESTIONS.iter().flat_map(|question| (question.counted)(paired, grid)).collect()
}

/// Each of these arms, counted in one launch, in short runs too.
fn counted_once(question: &'static str, arms: Vec<Arm>) -> Vec<Counted> {
    let one = |arm| Counted { question, arm, launches: 1, headline: true };
    arms.into_iter().map(one).collect()
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
        for question in QUESTIONS {
            let arms = (question.benches)(Grid::Full);
            assert!((question.benches)(Grid::Default).iter().all(|usual| arms.contains(usual)));
            assert_eq!(arms.iter().collect::<BTreeSet<_>>().len(), arms.len());
        }
        let counted: Vec<Arm> =
            counted(Policy::Fifo, Grid::Full).into_iter().map(|c| c.arm).collect();
        assert_eq!(counted.iter().collect::<BTreeSet<_>>().len(), counted.len());
    }

    #[test]
    fn the_plan_names_registered_primitives_and_leaves_none_out() {
        let mut named: BTreeSet<String> = BTreeSet::new();
        let benches = QUESTIONS.iter().flat_map(|question| (question.benches)(Grid::Full));
        named.extend(benches.map(|arm| arm.primitive));
        named.extend(counted(Policy::Fifo, Grid::Full).into_iter().map(|c| c.arm.primitive));
        for e in experiments(Policy::Fifo, Grid::Full) {
            named.extend([e.a.primitive, e.b.primitive]);
        }
        let registered: BTreeSet<String> = primitives().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
