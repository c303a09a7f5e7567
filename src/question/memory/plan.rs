//! What does it cost to keep an actor? The kinds of idle units whose memory is read.

use crate::plan::{BIG_PARENT_MIB, Grid, Keeping};
use crate::record::{Coordinate, DRILL_WORKERS, Family, Id, Parent};

/// Idle units of a kind.
const UNITS: Family = Family { question: "memory", name: "units", prefix: "memory" };

/// How much address space there is.
pub const SPACE: Family = Family { question: "memory", name: "space", prefix: "probe/space" };

/// Id of the probe of this property of address spaces.
#[must_use]
pub fn space(name: &str) -> Id {
    SPACE.named(name)
}

/// Id of the memory of these units.
#[must_use]
pub fn units(name: &str) -> Id {
    UNITS.named(name)
}

/// Id of the memory of forked processes of a parent that holds more.
#[must_use]
pub fn forks_of_big() -> Id {
    units("fork").and(Coordinate::MemoryMib(BIG_PARENT_MIB))
}

/// Enough that pages in stock for a CPU do not count; two, so that what does not grow with them
/// cancels.
const MANY: &[u32] = &[250, 1_000];
/// Of programs, which take a millisecond to start.
const PROGRAMS: &[u32] = &[50, 200];
/// Of units of a quarter of a megabyte and more, which take milliseconds to make and to look
/// through, still fewer.
const HEAVY: &[u32] = &[25, 100];
/// The workers of twenty drills at once: a control group is charged in steps of 64 pages, which are
/// as much as one takes.
const DRILL: &[u32] = &[20 * DRILL_WORKERS];

/// Is it a benchmark of Criterion's too? Workers of the drill come in one number, and what is heavy
/// takes too long.
#[must_use]
pub fn is_bench(keeping: &Keeping, grid: Grid) -> bool {
    match grid {
        Grid::Default => keeping.kind == "thread" && keeping.units == MANY,
        Grid::Full => keeping.units == MANY,
    }
}

/// Everything that is kept.
#[must_use]
pub fn keepings() -> Vec<Keeping> {
    let small = Parent::default();
    let keep = |name: &str, kind, parent, numbers, headline| Keeping {
        id: units(name),
        kind,
        parent,
        units: numbers,
        headline,
    };
    let big = Parent::of_mib(BIG_PARENT_MIB);
    let forks = Keeping { id: forks_of_big(), ..keep("", "fork", big, HEAVY, false) };
    vec![
        keep("thread", "thread", small, MANY, true),
        keep("thread-64KiB", "thread-64KiB", small, MANY, false),
        keep("thread-huge", "thread-huge", small, HEAVY, false),
        keep("vm-process", "vm-process", small, MANY, false),
        keep("fork", "fork", small, MANY, true),
        forks,
        keep("exec-dynamic", "exec-dynamic", small, PROGRAMS, true),
        keep("connection", "connection", small, MANY, false),
        keep("drill-threads", "drill-thread", small, DRILL, true),
        keep("drill-processes", "drill-process", small, DRILL, true),
    ]
}
