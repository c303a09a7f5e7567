//! What does it cost to create an actor? The grids, and the ids that claims and pages refer to.

mod pairs;

pub(super) use pairs::{benches, experiments};

use super::BIG_PARENT_MIB;
use crate::record::{Parent, Placement};

/// Sets of clone flags from thread to process: name, and flags in words. All share one primitive,
/// `clone/` and the name.
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

/// All ways to start a thread or a process, with their names for people. Each is a primitive that
/// can stamp its moments.
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

/// Primitives that should cost the same whatever the parent holds, and the memories in MiB at which
/// that is tried.
pub const FLAT: [(&str, &[u32]); 3] = [
    ("thread/pthread", &[64, 1024]),
    ("clone/vm-vfork", &[64, 1024]),
    ("process/spawn-tiny", &[64, 1024]),
];

/// Threads of a fresh pool.
pub const POOL_SIZES: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// What a forked child does before it counts as ready, against a pool whose threads have all
/// checked in.
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

/// Ids of the comparisons of writing a page right after a fork with writing one that nobody shares:
/// by the parent, and by the child.
pub const WRITES: [&str; 2] = ["creation/write/parent", "creation/write/child"];

/// Ids of the probes of copy-on-write: what pages a fork shares, and who gets a copy.
pub const COPYING: [&str; 3] = ["cow/shared", "cow/split", "cow/code"];

fn held(parent_mib: u64) -> String {
    if parent_mib > 0 { format!("/{parent_mib}MiB") } else { String::new() }
}
