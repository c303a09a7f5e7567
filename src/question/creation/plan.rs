//! What does it cost to create an actor? The grids, and the ids that claims and pages refer to.

mod pairs;

pub use pairs::of_shape;
pub(in crate::question) use pairs::{benches, experiments};

use crate::plan::{BIG_PARENT_MIB, Figure, LONGEST_BATCH_NS, Protocol};
use crate::record::{Coordinate, Family, Id, Parent, Placement};

pub(super) const QUESTION: &str = "creation";

/// Two discarded operations wash a creation lab out after a big neighbour; at least four are timed
/// (in grids two), unless they take so long that one alone fills a batch.
pub const CREATION: Protocol = Protocol {
    discarded_ops: 2,
    least_ops: 4,
    batch_ns: 400_000,
    longest_ns: LONGEST_BATCH_NS,
    rest_ns: 0,
    pairs_per_launch: 15,
    precision_aim: 0.03,
    figure: Figure::Ratio,
    broad: true,
};

/// An A/A comparison that leaves ±5 % takes every verdict of the run: it is measured more exactly
/// than the others.
pub(super) const CREATION_CONTROL: Protocol =
    Protocol { pairs_per_launch: 30, precision_aim: 0.015, ..CREATION };

/// The grids of creation: bands of an order of magnitude do not need the precision of the
/// headlines.
pub(super) const CREATION_GRID: Protocol = Protocol {
    pairs_per_launch: 10,
    least_ops: 2,
    batch_ns: 250_000,
    precision_aim: 0.06,
    ..CREATION
};

/// The first creation after a rest, as of a program that forks now and then: caches, and the
/// processor itself, have turned to other things.
pub(super) const CREATION_RESTED: Protocol = Protocol {
    discarded_ops: 0,
    least_ops: 1,
    batch_ns: 1,
    longest_ns: 1,
    rest_ns: 10_000_000,
    ..CREATION_GRID
};

/// Parents of which a fork takes milliseconds.
pub(super) const CREATION_HEAVY: Protocol = Protocol { pairs_per_launch: 6, ..CREATION_GRID };

const fn family(name: &'static str, prefix: &'static str) -> Family {
    Family { question: QUESTION, name, prefix }
}

/// A thread against a way to create, over what the parent holds and over placements.
pub const WAY: Family = family("way", QUESTION);
/// All flags of a thread against each set.
pub const FLAGS: Family = family("flags", "creation/flags");
/// A thread's moments against those of each way.
pub const STAMPED: Family = family("stamped", "creation/stamped");
/// A small parent against a big one.
pub const FLATS: Family = family("flat", "creation/flat");
/// A fresh pool against a fork.
pub const POOL: Family = family("pool", "creation/pool");
/// Dispatch against creation.
pub const DISPATCH: Family = family("dispatch", "creation/dispatch");
/// The same core against other placements.
pub const PLACEMENT: Family = family("placed", "creation/placed");
/// Writing a page that nobody shares against writing one after a fork.
pub const WRITE: Family = family("write", "creation/write");

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

/// All ways to start a thread or a process. Each is a primitive that can stamp its moments.
pub const WAYS: [&str; 17] = [
    "clone/thread",
    "thread/pthread",
    "thread/pthread-fresh-stack",
    "thread/std",
    "thread/scoped",
    "clone/vm",
    "clone/vm-vfork",
    "clone/none",
    "process/fork",
    "process/vfork-exec-tiny",
    "process/spawn-tiny",
    "process/command-tiny",
    "process/fork-exec-tiny",
    "process/fork-exec-static",
    "process/fork-exec-dynamic",
    "process/spawn-dynamic",
    "process/fork-working",
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
    /// Memory in base pages, touched in any order, MiB.
    ScatteredMemory,
    /// Mappings of one touched page each.
    Mappings,
    /// Mappings that hold no page of their own.
    CleanMappings,
    /// Open file descriptors.
    Descriptors,
    /// Idle threads.
    Threads,
}

impl Axis {
    /// Those along which a fork is compared with a thread; of the others its call alone is asked
    /// for.
    pub const ALL: [Axis; 5] =
        [Axis::Memory, Axis::HugeMemory, Axis::Mappings, Axis::Descriptors, Axis::Threads];

    /// The points that are measured, besides nothing at all.
    #[must_use]
    pub fn points(self) -> &'static [u32] {
        match self {
            Axis::Memory => &[1, 16, 64, 256, 1024],
            Axis::HugeMemory => &[64, 256, 1024],
            Axis::ScatteredMemory | Axis::CleanMappings => &[],
            Axis::Mappings => &[200, 1_000, 5_000],
            Axis::Descriptors => &[100, 1_000, 10_000],
            Axis::Threads => &[10, 100, 1_000],
        }
    }

    /// What there is more and more of.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Axis::Memory => "memory",
            Axis::HugeMemory => "memory in huge pages",
            Axis::ScatteredMemory => "memory touched in any order",
            Axis::Mappings => "mappings",
            Axis::CleanMappings => "clean mappings",
            Axis::Descriptors => "descriptors",
            Axis::Threads => "threads",
        }
    }

    /// A point as it stands in an id.
    #[must_use]
    pub fn at(self, point: u32) -> Coordinate {
        match self {
            Axis::Memory => Coordinate::MemoryMib(point.into()),
            Axis::HugeMemory => Coordinate::HugeMemoryMib(point.into()),
            Axis::ScatteredMemory => Coordinate::ScatteredMemoryMib(point.into()),
            Axis::Mappings => Coordinate::Mappings(point),
            Axis::CleanMappings => Coordinate::CleanMappings(point),
            Axis::Descriptors => Coordinate::Descriptors(point),
            Axis::Threads => Coordinate::Threads(point),
        }
    }

    /// The parent at a point.
    #[must_use]
    pub fn parent(self, point: u32) -> Parent {
        let small = Parent::default();
        match self {
            Axis::Memory => Parent::of_mib(point.into()),
            Axis::HugeMemory => Parent::of_huge_mib(point.into()),
            Axis::ScatteredMemory => Parent::of_scattered_mib(point.into()),
            Axis::Mappings => Parent { mappings: point, ..small },
            Axis::CleanMappings => Parent { clean_mappings: point, ..small },
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

/// The one of them that is shown beside fork.
pub const SHOWN_FLAT: &str = "process/spawn-tiny";

/// Parents of which a fork's moments are stamped: what grows, and the points.
pub const STALLS: [(Axis, &[u32]); 5] = [
    (Axis::Memory, &[16, 64, 256, 1024]),
    (Axis::HugeMemory, &[1024]),
    (Axis::Mappings, &[1_000, 5_000]),
    (Axis::CleanMappings, &[1_000]),
    (Axis::Descriptors, &[1_000, 10_000]),
];

/// The same of a fork that comes after a rest: of each thing that is held, what the kernel keeps
/// about it has left the caches too.
pub const RESTED: [(Axis, &[u32]); 3] =
    [(Axis::ScatteredMemory, &[64, 256]), (Axis::Mappings, &[200]), (Axis::CleanMappings, &[200])];

/// Threads of a fresh pool.
pub const POOL_SIZES: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
/// Those of the races that no claim turns on.
pub const POOL_SIZES_BESIDE: [u32; 3] = [1, 8, 32];

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

/// What a wake-up elsewhere is measured by.
pub const WOKEN: &str = "futex/thread";

/// What is measured in every placement.
pub const PLACED: [&str; 5] =
    ["clone/thread", "thread/pthread", "process/fork", "process/fork-exec-dynamic", WOKEN];

/// Id of the comparison of a thread with a fork in a parent of this size.
#[must_use]
pub fn sweep(axis: Axis, point: u32) -> Id {
    way("fork", 0).and(axis.at(point))
}

/// Id of the comparison of a thread with a way to create: in a small parent, or in one that holds
/// this much memory.
#[must_use]
pub fn way(name: &str, parent_mib: u64) -> Id {
    held(WAY.named(name), parent_mib)
}

/// Id of the comparison of a set of flags with that of a thread.
#[must_use]
pub fn flags(set: &str, parent_mib: u64) -> Id {
    held(FLAGS.named(set), parent_mib)
}

/// Id of the comparison of a way's moments with those of a thread by pthread_create.
#[must_use]
pub fn stamped(primitive: &str) -> Id {
    STAMPED.at([named(primitive)])
}

/// Id of the same of a fork, in a parent that holds more.
#[must_use]
pub fn stalled(axis: Axis, point: u32) -> Id {
    stamped("process/fork").and(axis.at(point))
}

/// Id of the same of a fork that comes after a rest.
#[must_use]
pub fn rested() -> Id {
    stamped("process/fork").and(Coordinate::Kind("rested".to_owned()))
}

/// Id of the same in a parent that holds more.
#[must_use]
pub fn rested_at(axis: Axis, point: u32) -> Id {
    rested().and(axis.at(point))
}

/// Id of the comparison of a big parent with a small one, by a primitive that should not care.
#[must_use]
pub fn flat(primitive: &str, mebibytes: u32) -> Id {
    FLATS.at([named(primitive), Coordinate::MemoryMib(mebibytes.into())])
}

/// Id of the race of fork against a pool of this many threads.
#[must_use]
pub fn race(name: &str, threads: u32) -> Id {
    POOL.at([Coordinate::name(name), Coordinate::Actors(threads)])
}

/// Id of the comparison of dispatch with creation.
#[must_use]
pub fn dispatch(name: &str) -> Id {
    DISPATCH.named(name)
}

/// Id of the comparison of a placement with the same core.
#[must_use]
pub fn placed(primitive: &str, placement: Placement) -> Id {
    PLACEMENT.at([named(primitive), Coordinate::Placement(placement)])
}

/// Id of the comparison of a thread with a fork that may go to other cores.
#[must_use]
pub fn moving(placement: Placement) -> Id {
    way("fork", 0).and(Coordinate::Placement(placement))
}

/// Ids of the comparisons of writing a page right after a fork with writing one that nobody shares:
/// by the parent, and by the child.
#[must_use]
pub fn writes() -> [Id; 2] {
    ["parent", "child"].map(|who| WRITE.named(who))
}

/// Copy-on-write: what pages a fork shares, and who gets a copy.
pub const COPYING: Family = family("cow", "probe/cow");

/// A primitive within an id, whose parts are parted by slashes.
fn named(primitive: &str) -> Coordinate {
    Coordinate::Name(primitive.replace('/', "-"))
}

fn held(id: Id, parent_mib: u64) -> Id {
    if parent_mib > 0 { id.and(Coordinate::MemoryMib(parent_mib)) } else { id }
}
