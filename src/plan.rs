//! The plan: which pairs are measured, which arms are counted. Data only; the ids are what claims
//! refer to.

pub mod communication;
pub mod contention;
pub mod creation;
pub mod isolation;
pub mod memory;
pub mod servers;
pub mod state;
pub mod switching;
pub mod translation;

use crate::primitive::arm;
use crate::record::{Arm, Coordinate, Id, Policy};

/// The question that an experiment belongs to, which is also the bench target that measures it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// What does it cost to create an actor?
    Creation,
    /// What does it cost to switch between actors?
    Switching,
    /// What does a switch of address space do to the TLB?
    Translation,
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
        Question::Translation,
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
            Question::Translation => "tlb",
            Question::Memory => "memory",
            Question::Communication => "communication",
            Question::Contention => "contention",
            Question::Servers => "servers",
            Question::Isolation => "isolation",
        }
    }
}

/// How batches of an experiment are sized and when its sampling stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protocol {
    /// Operations at the start of each visit that wash out the other arm's traces and are not timed
    /// with the batch.
    pub discarded_ops: u64,
    /// Fewest operations of a timed batch.
    pub least_ops: u64,
    /// Aimed length of a timed batch, nanoseconds.
    pub batch_ns: u64,
    /// Longest timed batch, nanoseconds: of operations so long, there are fewer than
    /// [`Protocol::least_ops`].
    pub longest_ns: u64,
    /// Most pairs of a launch.
    pub pairs_per_launch: usize,
    /// Aimed half-width of the figure's 95 % interval.
    pub precision_aim: f64,
    /// The figure that sampling is to make precise.
    pub figure: Figure,
    /// It is judged by bands of an order of magnitude, or a tenth: fewer launches do.
    pub broad: bool,
}

/// The figure of a cell that sampling is to make precise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Time of the second arm over time of the first.
    Ratio,
    /// Time until the second arm is ready over time until the first is.
    ReadyRatio,
    /// Refill of the second arm over refill of the first.
    RefillFraction,
}

/// What a cell is good for, and so how much of it is measured and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A point of a curve: fewer launches and pairs, never judged.
    Chart,
    /// Decides a claim, or takes a claim's verdict away.
    Verdict,
    /// As [`Weight::Verdict`], and measured in short runs too.
    Headline,
}

/// How much of the grids is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// What fits into the minutes of a usual run.
    Default,
    /// Everything (`PROCESS_VS_THREAD_FULL=1`): some ten minutes more.
    Full,
}

/// Most batches of this length see no preemption.
const LONGEST_BATCH_NS: u64 = 10_000_000;

/// Two discarded operations wash a creation lab out after a big neighbour; at least four are timed
/// (in grids two), unless they take so long that one alone fills a batch.
pub const CREATION: Protocol = Protocol {
    discarded_ops: 2,
    least_ops: 4,
    batch_ns: 400_000,
    longest_ns: LONGEST_BATCH_NS,
    pairs_per_launch: 15,
    precision_aim: 0.03,
    figure: Figure::Ratio,
    broad: true,
};

/// An A/A comparison that leaves ±5 % takes every verdict of the run: it is measured more exactly
/// than the others.
const CREATION_CONTROL: Protocol =
    Protocol { pairs_per_launch: 30, precision_aim: 0.015, ..CREATION };

/// The grids of creation: bands of an order of magnitude do not need the precision of the
/// headlines.
const CREATION_GRID: Protocol = Protocol {
    pairs_per_launch: 10,
    least_ops: 2,
    batch_ns: 250_000,
    precision_aim: 0.06,
    ..CREATION
};

/// Parents of which a fork takes milliseconds.
const CREATION_HEAVY: Protocol = Protocol { pairs_per_launch: 6, ..CREATION_GRID };

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

/// Half a millisecond: there are many cells, and a pair is as good with half the hops.
const TRANSLATION: Protocol = Protocol {
    discarded_ops: 8,
    least_ops: 16,
    batch_ns: 500_000,
    longest_ns: LONGEST_BATCH_NS,
    pairs_per_launch: 42,
    precision_aim: 0.015,
    figure: Figure::Ratio,
    broad: false,
};

/// Where the walk is compared with the walk after a forced flush: the fraction is judged at 0.3 and
/// 0.8.
const REFILL: Protocol =
    Protocol { precision_aim: 0.06, figure: Figure::RefillFraction, ..TRANSLATION };

/// What actors on two cores do to each other: a wake-up takes as long as fifty switches.
pub const TOGETHER: Protocol = Protocol {
    discarded_ops: 4,
    least_ops: 4,
    batch_ns: 1_000_000,
    longest_ns: LONGEST_BATCH_NS,
    pairs_per_launch: 20,
    precision_aim: 0.02,
    figure: Figure::Ratio,
    broad: true,
};

/// One comparison to measure in pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its family at a point.
    pub id: Id,
    /// What it is good for.
    pub weight: Weight,
    /// How it is sampled.
    pub protocol: Protocol,
    /// First arm; by convention the thread.
    pub a: Arm,
    /// Second arm; by convention the process.
    pub b: Arm,
}

/// Size of the bigger parent in the creation experiments, MiB.
pub const BIG_PARENT_MIB: u64 = 64;

/// Id of the twin of an experiment that runs under `SCHED_OTHER`.
#[must_use]
pub fn twin(id: Id) -> Id {
    id.and(Coordinate::Policy(Policy::Other))
}

/// The paired experiments, A/A comparisons first: they set the margin of the others.
///
/// `paired` is the policy of paired switches: `SCHED_FIFO` where it is permitted, with a twin under
/// `SCHED_OTHER`, which shows what programs get.
#[must_use]
pub fn experiments(paired: Policy, grid: Grid) -> Vec<Experiment> {
    let mut plan = creation::experiments();
    plan.extend(switching::experiments(paired));
    plan.extend(translation::experiments(paired, grid));
    plan.extend(communication::experiments(paired));
    plan.extend(contention::experiments());
    plan.extend(servers::experiments(grid));
    plan
}

/// An arm of the counting pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// What it belongs to.
    pub question: Question,
    /// What is counted.
    pub arm: Arm,
    /// In how many launches, each a row of its own: where launches differ, their average would hide
    /// it.
    pub launches: usize,
    /// Counted in short runs too.
    pub headline: bool,
}

/// The arms of the counting pass: those of the benchmarks of creation and switching, and rings.
#[must_use]
pub fn counted(paired: Policy) -> Vec<Counted> {
    let one = |question, arm| Counted { question, arm, launches: 1, headline: true };
    let of = |question| benches(question).into_iter().map(move |arm| one(question, arm));
    let mut counted: Vec<Counted> =
        [Question::Creation, Question::Switching].into_iter().flat_map(of).collect();
    // The pages show what a switch takes from the TLB: 16 stay within any first-level TLB.
    let touching = |id| one(Question::Switching, arm(id).touching(16));
    counted.extend(["pipe/thread", "pipe/process"].map(touching));
    counted.extend(translation::counted(paired));
    counted
}

/// Every primitive as Criterion measures it, under `SCHED_OTHER`.
#[must_use]
pub fn benches(question: Question) -> Vec<Arm> {
    match question {
        Question::Creation => creation::benches(),
        Question::Switching => switching::benches(),
        Question::Translation => translation::benches(),
        Question::Communication => communication::benches(),
        Question::Contention => contention::benches(),
        Question::Servers => servers::benches(),
        // Measured in bytes, and probes.
        Question::Memory | Question::Isolation => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive;
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
        let registered: BTreeSet<String> =
            primitive::all().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
