//! What do actors cost each other that work at the same time? The drill is one of the answers.

use crate::plan::{Experiment, Grid, Protocol, TOGETHER};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Family, Id, Placement};

const QUESTION: &str = "contention";
/// Threads against processes that do the same, one on each CPU.
pub const AGAINST: Family = Family { question: QUESTION, name: "against", prefix: QUESTION };
/// One worker against one on each CPU.
pub const ALONE: Family = Family { question: QUESTION, name: "one", prefix: "contention/one" };
/// Ten threads against ten processes.
pub const DRILLS: Family = Family { question: QUESTION, name: "drill", prefix: "contention/drill" };
/// Ten threads with a counter each against ten with one for all.
pub const DRILL_ATOMIC: Family =
    Family { question: QUESTION, name: "drill-atomic", prefix: "contention/drill-atomic" };

pub use crate::record::DRILL_WORKERS;

/// Numbers that each worker of the drill counts to. The last takes too long for more than a few
/// pairs, and for the usual grid.
pub const DRILL_TURNS: [u64; 4] = [1_000, 100_000, LONG, LONGEST];
/// A drill of so many takes a good part of a second.
pub const LONG: u64 = 10_000_000;
const LONGEST: u64 = 100_000_000;

/// To what workers count that have one counter for all: ten of them take turns at it.
pub const ATOMIC_TURNS: u64 = 100_000;

/// What the workers do in user space, on words that are their own or shared by intent: there is
/// nothing in it that threads share and processes do not. A mutex that is taken has those who wait
/// for it enter the kernel, to sleep.
pub const USER_KINDS: [&str; 5] = ["private", "padded", "same-line", "same-word", "mutex"];

/// What they do through what an address space, a table of files or an allocator keeps.
pub const KERNEL_KINDS: [&str; 5] = ["mmap", "fault", "read", "open", "malloc"];

/// The user-space kinds in which workers get in each other's way.
const CONTENDED: [&str; 2] = ["same-line", "same-word"];

/// The kind that must cost threads and processes the same: nothing in it is shared, and nothing is
/// asked of the kernel. The kinds of [`KERNEL_KINDS`] are judged only where it is seen to.
pub const NEGATIVE_CONTROL: &str = "private";

/// Drills are long; what is judged of them differs by a tenth and more.
const DRILL: Protocol =
    Protocol { discarded_ops: 1, least_ops: 1, pairs_per_launch: 10, ..TOGETHER };

/// Where an operation takes a good part of a second.
const DRILL_LONG: Protocol = Protocol { discarded_ops: 0, pairs_per_launch: 2, ..DRILL };

/// Which actors work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// Threads of one process.
    Threads,
    /// Forked processes and their creator.
    Processes,
}

impl Workers {
    fn name(self) -> &'static str {
        match self {
            Workers::Threads => "thread",
            Workers::Processes => "process",
        }
    }
}

/// To what the workers of a drill count; nothing of what is none.
#[must_use]
pub fn drilled(id: &Id) -> Option<u64> {
    let is_drill = id.is_of(DRILLS) || id.is_of(DRILL_ATOMIC);
    id.point().iter().filter(|_| is_drill).find_map(|coordinate| match coordinate {
        Coordinate::Turns(turns) => Some(*turns),
        _ => None,
    })
}

/// One worker on each CPU.
#[must_use]
pub fn company(kind: &str, workers: Workers) -> Arm {
    arm(&format!("together/{kind}-{}", workers.name())).at(Placement::AllCores)
}

/// Id of processes against threads: its ratio is the time of threads over that of processes.
#[must_use]
pub fn against(kind: &str) -> Id {
    AGAINST.named(kind)
}

/// Id of one worker against one on each CPU: its ratio is what the company costs.
#[must_use]
pub fn alone(kind: &str, workers: Workers) -> Id {
    ALONE.at([Coordinate::name(kind), Coordinate::Kind(workers.name().to_owned())])
}

/// The kinds of which one worker alone is measured too.
pub fn with_one() -> impl Iterator<Item = &'static str> {
    KERNEL_KINDS.into_iter().chain(CONTENDED)
}

/// Id of ten threads against ten processes.
#[must_use]
pub fn drill(turns: u64) -> Id {
    DRILLS.at([Coordinate::Turns(turns)])
}

/// Id of ten threads with a counter each against ten with one for all.
#[must_use]
pub fn drill_atomic() -> Id {
    DRILL_ATOMIC.at([Coordinate::Turns(ATOMIC_TURNS)])
}

fn pair(id: Id, a: Arm, b: Arm) -> Experiment {
    Experiment::new(id, TOGETHER, a, b)
}

/// Workers of the drill, wherever the scheduler puts them.
fn counting(primitive: &str, turns: u64) -> Arm {
    arm(primitive).of(turns).at(Placement::Free)
}

/// The paired experiments.
pub(in crate::question) fn experiments(grid: Grid) -> Vec<Experiment> {
    let actors = [Workers::Threads, Workers::Processes];
    let mut plan: Vec<Experiment> = Id::controls(QUESTION)
        .into_iter()
        .zip(actors)
        .map(|(control, workers)| {
            let arm = company("padded", workers);
            pair(control, arm.clone(), arm)
        })
        .collect();
    let kinds = KERNEL_KINDS.into_iter().chain(USER_KINDS);
    plan.extend(kinds.map(|kind| {
        let [threads, processes] = actors.map(|workers| company(kind, workers));
        pair(against(kind), processes, threads)
    }));
    plan.extend(with_one().flat_map(|kind| {
        actors.map(|workers| {
            let all = company(kind, workers);
            pair(alone(kind, workers), all.clone().among(1), all)
        })
    }));
    let turns = DRILL_TURNS.into_iter().filter(|turns| *turns < LONGEST || grid == Grid::Full);
    plan.extend(turns.map(|turns| {
        let arms = ["drill/threads", "drill/processes"].map(|id| counting(id, turns));
        let [a, b] = arms;
        let protocol = if turns >= LONG { DRILL_LONG } else { DRILL };
        Experiment { protocol, ..pair(drill(turns), a, b) }
    }));
    let [a, b] = ["drill/threads", "drill/shared-atomic"].map(|id| counting(id, ATOMIC_TURNS));
    let atomic = pair(drill_atomic(), a, b);
    plan.push(Experiment { protocol: DRILL, ..atomic });
    plan
}

/// The benchmarks.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    let actors = [Workers::Threads, Workers::Processes];
    let together = |kind: &str| actors.map(|workers| company(kind, workers));
    let mut arms: Vec<Arm> = together("mmap").into();
    if grid == Grid::Full {
        arms.extend(["same-word", "read"].into_iter().flat_map(together));
        let drills = ["drill/threads", "drill/processes", "drill/shared-atomic"];
        arms.extend(drills.map(|id| counting(id, 1_000)));
    }
    arms
}
