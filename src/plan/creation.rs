//! What does it cost to create an actor?

use super::{BIG_PARENT_MIB, CONTROLS, Experiment, Question, Weight};
use crate::record::{Arm, Parent, Placement};

/// Sets of clone flags from thread to process: name, and flags in words. All share one primitive, `clone/` and the name.
pub const FLAG_SETS: [(&str, &str); 8] = [
    ("thread", "all flags of a thread"),
    ("vm-fs-files-sighand", "VM | FS | FILES | SIGHAND"),
    ("vm-files", "VM | FILES"),
    ("vm", "VM"),
    ("vm-vfork", "VM | VFORK"),
    ("fs-files", "FS | FILES"),
    ("files", "FILES"),
    ("none", "none"),
];

/// All ways to start a thread or a process, with their names for people. Each is a primitive that can stamp its moments.
pub const WAYS: [(&str, &str); 17] = [
    ("clone/thread", "raw clone of a thread"),
    ("thread/pthread", "pthread_create, cached stack"),
    ("thread/pthread-fresh-stack", "pthread_create, new stack"),
    ("thread/std", "std::thread::spawn"),
    ("thread/scoped", "std::thread::scope"),
    ("clone/vm", "clone with CLONE_VM"),
    ("clone/vm-vfork", "vfork"),
    ("clone/none", "raw fork (clone without flags)"),
    ("process/fork", "fork"),
    ("process/vfork-exec-tiny", "vfork + exec, 130 bytes without libc"),
    ("process/spawn-tiny", "posix_spawn, the same program"),
    ("process/command-tiny", "std::process::Command, the same program"),
    ("process/fork-exec-tiny", "fork + exec, the same program"),
    ("process/fork-exec-static", "fork + exec, static libc"),
    ("process/fork-exec-dynamic", "fork + exec, dynamic libc"),
    ("process/spawn-dynamic", "posix_spawn, dynamic libc"),
    ("process/fork-working", "fork, child writes 16 pages first"),
];

/// Private pages that a stamped creation has its creator write again afterwards.
pub const BILLED_PAGES: u32 = 64;

/// What a parent is made bigger by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Memory in base pages, MiB.
    Memory,
    /// Memory in transparent huge pages, MiB.
    HugeMemory,
    /// Mappings of one touched page each.
    Mappings,
    /// Open file descriptors.
    Descriptors,
    /// Idle threads.
    Threads,
}

impl Axis {
    /// All axes.
    pub const ALL: [Axis; 5] =
        [Axis::Memory, Axis::HugeMemory, Axis::Mappings, Axis::Descriptors, Axis::Threads];

    /// The points that are measured, besides nothing at all.
    #[must_use]
    pub fn points(self) -> &'static [u32] {
        match self {
            Axis::Memory => &[1, 16, 64, 256, 1024],
            Axis::HugeMemory => &[64, 256, 1024],
            Axis::Mappings => &[200, 1_000, 5_000],
            Axis::Descriptors => &[100, 1_000, 10_000],
            Axis::Threads => &[10, 100, 1_000],
        }
    }

    /// What stands behind a point in an id.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Axis::Memory => "MiB",
            Axis::HugeMemory => "MiB-huge",
            Axis::Mappings => "mappings",
            Axis::Descriptors => "descriptors",
            Axis::Threads => "threads",
        }
    }

    /// The parent at a point.
    #[must_use]
    pub fn parent(self, point: u32) -> Parent {
        let small = Parent::default();
        match self {
            Axis::Memory => Parent::of_mib(point.into()),
            Axis::HugeMemory => Parent::of_huge_mib(point.into()),
            Axis::Mappings => Parent { mappings: point, ..small },
            Axis::Descriptors => Parent { descriptors: point, ..small },
            Axis::Threads => Parent { threads: point, ..small },
        }
    }
}

/// Primitives that should cost the same whatever the parent holds, and the memories in MiB at which that is tried.
pub const FLAT: [(&str, &[u32]); 3] = [
    ("thread/pthread", &[64, 1024]),
    ("clone/vm-vfork", &[64, 1024]),
    ("process/spawn-tiny", &[64, 1024]),
];

/// Threads of a fresh pool.
pub const POOL_SIZES: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// What a forked child does before it counts as ready, against a pool whose threads have all checked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// It writes 16 pages of its parent's memory.
    Working,
    /// It becomes a program of 130 bytes.
    Exec,
}

/// The races of fork against a pool: name, rival, the parent's memory in MiB, placement.
pub const RACES: [(&str, Rival, u64, Placement); 5] = [
    ("small", Rival::Working, 0, Placement::SameCore),
    ("small-exec", Rival::Exec, 0, Placement::SameCore),
    ("64MiB", Rival::Working, BIG_PARENT_MIB, Placement::SameCore),
    ("64MiB-exec", Rival::Exec, BIG_PARENT_MIB, Placement::SameCore),
    ("small-free", Rival::Working, 0, Placement::Free),
];

/// Dispatch to a worker that waits, against creating one: name, dispatch, creation.
pub const DISPATCHES: [(&str, &str, &str); 6] = [
    ("futex-process/fork", "futex/process", "process/fork"),
    ("futex-process/fork-exec-dynamic", "futex/process", "process/fork-exec-dynamic"),
    ("pipe-process/fork", "pipe/process", "process/fork"),
    ("pipe-process/fork-exec-dynamic", "pipe/process", "process/fork-exec-dynamic"),
    ("futex-thread/pthread", "futex/thread", "thread/pthread"),
    ("pipe-thread/pthread", "pipe/thread", "thread/pthread"),
];

/// What is measured in every placement.
pub const PLACED: [&str; 5] =
    ["clone/thread", "thread/pthread", "process/fork", "process/fork-exec-dynamic", "futex/thread"];

/// Id of the comparison of a thread with a fork in a parent of this size.
#[must_use]
pub fn sweep(axis: Axis, point: u32) -> String {
    format!("creation/fork/{point}{}", axis.unit())
}

/// Id of the comparison of a set of flags with that of a thread.
#[must_use]
pub fn flags(set: &str, parent_mib: u64) -> String {
    format!("creation/flags/{set}{}", held(parent_mib))
}

/// Id of the comparison of a way's moments with those of a thread by pthread_create.
#[must_use]
pub fn stamped(primitive: &str) -> String {
    format!("creation/stamped/{}", primitive.replace('/', "-"))
}

/// Id of the comparison of a big parent with a small one, by a primitive that should not care.
#[must_use]
pub fn flat(primitive: &str, mebibytes: u32) -> String {
    format!("creation/flat/{}/{mebibytes}MiB", primitive.replace('/', "-"))
}

/// Id of the race of fork against a pool of this many threads.
#[must_use]
pub fn race(name: &str, threads: u32) -> String {
    format!("creation/pool/{name}/x{threads}")
}

/// Id of the comparison of dispatch with creation.
#[must_use]
pub fn dispatch(name: &str) -> String {
    format!("creation/dispatch/{name}")
}

/// Id of the comparison of a placement with the same core.
#[must_use]
pub fn placed(primitive: &str, placement: Placement) -> String {
    format!("creation/placed/{}/{placement}", primitive.replace('/', "-"))
}

/// Id of the comparison of a thread with a fork that may go to other cores.
#[must_use]
pub fn moving(placement: Placement) -> String {
    format!("creation/fork/{placement}")
}

/// Ids of the comparisons of writing a page right after a fork with writing one that nobody shares: by the parent, and
/// by the child.
pub const WRITES: [&str; 2] = ["creation/write/parent", "creation/write/child"];

fn held(parent_mib: u64) -> String {
    if parent_mib > 0 { format!("/{parent_mib}MiB") } else { String::new() }
}

fn pair(weight: Weight, id: String, a: Arm, b: Arm) -> Experiment {
    Experiment { id, question: Question::Creation, weight, a, b }
}

fn pthread() -> Arm {
    Arm::new("thread/pthread")
}

/// The paired experiments.
pub(super) fn experiments() -> Vec<Experiment> {
    let mut plan = headlines();
    plan.extend(sweeps());
    plan.extend(ways());
    plan.extend(flag_sets());
    plan.extend(flats());
    plan.extend(moments());
    plan.extend(races());
    plan.extend(dispatches());
    plan.extend(placements());
    plan.extend(writes());
    plan
}

/// Does this arm fork a parent for milliseconds?
pub(super) fn heavy(arm: &Arm) -> bool {
    let Arm { primitive, parent, .. } = arm;
    let flat = FLAT.iter().any(|(id, _)| id == primitive) || primitive.starts_with("clone/vm");
    !flat && ((parent.mebibytes() >= BIG_PARENT_MIB && !parent.huge) || parent.mappings >= 5_000)
}

/// What a quick run measures too.
fn headlines() -> Vec<Experiment> {
    let headline =
        |id: &str, a: Arm, b: Arm| pair(Weight::Headline, format!("creation/{id}"), a, b);
    let mut plan = vec![
        headline(CONTROLS[0], pthread(), pthread()),
        headline(CONTROLS[1], Arm::new("process/fork"), Arm::new("process/fork")),
        headline("std", pthread(), Arm::new("thread/std")),
        headline("raw", pthread(), Arm::new("clone/thread")),
    ];
    for process in ["fork", "fork-exec-tiny", "fork-exec-dynamic"] {
        let arm = Arm::new(&format!("process/{process}"));
        plan.push(headline(process, pthread(), arm.clone()));
        let big = Parent::of_mib(BIG_PARENT_MIB);
        let id = format!("{process}/{BIG_PARENT_MIB}MiB");
        plan.push(headline(&id, pthread().in_parent(big), arm.in_parent(big)));
    }
    plan
}

/// A thread against a fork, both in the same bigger parent.
fn sweeps() -> Vec<Experiment> {
    let points =
        Axis::ALL.into_iter().flat_map(|axis| axis.points().iter().map(move |p| (axis, *p)));
    let more = points.filter(|at| *at != (Axis::Memory, BIG_PARENT_MIB as u32));
    more.map(|(axis, point)| {
        let parent = axis.parent(point);
        let arms = [pthread(), Arm::new("process/fork")].map(|arm| arm.in_parent(parent));
        let [a, b] = arms;
        pair(Weight::Verdict, sweep(axis, point), a, b)
    })
    .collect()
}

/// A thread against the ways to make a process that the headlines leave out.
fn ways() -> Vec<Experiment> {
    let ways = ["fork-exec-static", "spawn-tiny", "vfork-exec-tiny", "command-tiny"];
    let way = |name: &str| {
        let b = Arm::new(&format!("process/{name}"));
        pair(Weight::Verdict, format!("creation/{name}"), pthread(), b)
    };
    ways.into_iter().map(way).collect()
}

/// All flags of a thread against each set.
fn flag_sets() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for parent_mib in [0, BIG_PARENT_MIB] {
        let parent = Parent::of_mib(parent_mib);
        plan.extend(FLAG_SETS.iter().skip(1).map(|(set, _)| {
            let arm = |set: &str| Arm::new(&format!("clone/{set}")).in_parent(parent);
            pair(Weight::Verdict, flags(set, parent_mib), arm(FLAG_SETS[0].0), arm(set))
        }));
    }
    plan
}

/// The same in a small parent and in a big one.
fn flats() -> Vec<Experiment> {
    let points = FLAT.iter().flat_map(|(id, points)| points.iter().map(move |p| (*id, *p)));
    points
        .map(|(id, point)| {
            let big = Arm::new(id).in_parent(Axis::Memory.parent(point));
            pair(Weight::Verdict, flat(id, point), Arm::new(id), big)
        })
        .collect()
}

/// Every way with its moments stamped.
fn moments() -> Vec<Experiment> {
    let arm = |id: &str| Arm::new(id).stamped().touching(BILLED_PAGES);
    let way =
        |(id, _): &(&str, _)| pair(Weight::Verdict, stamped(id), arm("thread/pthread"), arm(id));
    WAYS.iter().map(way).collect()
}

/// A fresh pool against one fork.
fn races() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for (name, rival, parent_mib, placement) in RACES {
        let primitive = match rival {
            Rival::Working => "process/fork-working",
            Rival::Exec => "process/fork-exec-tiny",
        };
        let set = |arm: Arm| arm.in_parent(Parent::of_mib(parent_mib)).at(placement).stamped();
        plan.extend(POOL_SIZES.into_iter().map(|threads| {
            let weight = match (name, threads) {
                ("small", 1 | 8) => Weight::Headline,
                _ => Weight::Verdict,
            };
            let pool = set(Arm::new("thread/pool").among(threads));
            pair(weight, race(name, threads), pool, set(Arm::new(primitive)))
        }));
    }
    plan
}

/// A task for a worker that waits against a worker for each task.
fn dispatches() -> Vec<Experiment> {
    let one = |(name, worker, created): (&str, &str, &str)| {
        let first = name == DISPATCHES[0].0;
        let weight = if first { Weight::Headline } else { Weight::Verdict };
        pair(weight, dispatch(name), Arm::new(worker), Arm::new(created))
    };
    DISPATCHES.into_iter().map(one).collect()
}

/// The same on one core and elsewhere, and threads against forks elsewhere.
fn placements() -> Vec<Experiment> {
    let mut plan = Vec::new();
    for placement in [Placement::TwoCores, Placement::Free] {
        let fork = Arm::new("process/fork").at(placement);
        plan.push(pair(Weight::Verdict, moving(placement), pthread().at(placement), fork));
        plan.extend(PLACED.iter().map(|id| {
            let arm = Arm::new(id);
            pair(Weight::Chart, placed(id, placement), arm.clone(), arm.at(placement))
        }));
    }
    plan
}

/// A page written after a fork against one that nobody shares.
fn writes() -> Vec<Experiment> {
    let arm = |id: &str| Arm::new(id).stamped().touching(BILLED_PAGES);
    let own = || arm("process/write-own");
    vec![
        pair(Weight::Chart, WRITES[0].to_owned(), own(), arm("process/write-parent")),
        pair(Weight::Chart, WRITES[1].to_owned(), own(), arm("process/write-child")),
    ]
}

/// The benchmarks.
pub(super) fn benches() -> Vec<Arm> {
    let ways = WAYS.iter().map(|(id, _)| *id).filter(|id| *id != "process/fork-working");
    let mut arms: Vec<Arm> = ways.map(Arm::new).collect();
    let big = Parent::of_mib(BIG_PARENT_MIB);
    arms.extend(["process/fork", "process/spawn-tiny"].map(|id| Arm::new(id).in_parent(big)));
    arms.push(Arm::new("thread/pool").among(8));
    arms
}
