//! What the cells of creation say together: the spectrum of clone flags, the four times of every
//! way to start, what makes a fork dear, where fork and a fresh pool break even, what a pool saves,
//! and who pays for copy-on-write.

mod read;
mod trap;

pub(in crate::question) use trap::remark;

use crate::question::creation::plan::Axis;
use crate::record::Placement;
use crate::stats::Interval;

/// Everything that a record says of creation.
#[derive(Debug)]
pub struct Creation {
    /// The sets of clone flags in a small parent, from thread to process, in the order of the plan;
    /// those that were measured.
    pub flag_sets: Vec<FlagSet>,
    /// Every way to start, with its four times.
    pub ways: Vec<Way>,
    /// What makes a fork dear, axis by axis.
    pub sweeps: Vec<Sweep>,
    /// What should cost the same whatever the parent holds.
    pub flats: Vec<Flat>,
    /// Fork against pools, race by race.
    pub races: Vec<Race>,
    /// Dispatch against creation.
    pub dispatches: Vec<Dispatch>,
    /// The same on one core and elsewhere.
    pub placed: Vec<Placed>,
    /// Writing a page: who pays for a fork.
    pub writes: Vec<Write>,
}

/// One set of clone flags.
#[derive(Debug)]
pub struct FlagSet {
    /// Name of the set in the plan.
    pub name: &'static str,
    /// The flags in words.
    pub flags: &'static str,
    /// From the call to the actor reaped, nanoseconds.
    pub time_ns: Interval,
}

/// A way to start a thread or a process, with its four times, nanoseconds.
#[derive(Debug)]
pub struct Way {
    /// Id of the primitive.
    pub primitive: &'static str,
    /// Until the creating call returns.
    pub call_ns: Option<Interval>,
    /// Until the first instruction of what was created, where that can tell.
    pub first_ns: Option<Interval>,
    /// Until it is reaped.
    pub reaped_ns: Interval,
    /// What each page costs that the creator writes again afterwards.
    pub bill_ns_per_page: Option<Interval>,
    /// Time until reaped over that of a pthread, in pairs, without stamps where that was measured.
    pub ratio: Option<Interval>,
}

/// A fork in bigger and bigger parents.
#[derive(Debug)]
pub struct Sweep {
    /// What grows.
    pub axis: Axis,
    /// The points that were measured, the small parent (0) first.
    pub points: Vec<Point>,
    /// What a fork takes more for each unit of what grows: a page-table entry (of huge pages, an
    /// entry of theirs), a mapping, a descriptor, a thread; nanoseconds, where there is a line.
    pub ns_per_unit: Option<Interval>,
}

impl Sweep {
    /// Where a figure rises over `edge`, in the unit of the axis: between two points that may be
    /// concluded from, on the straight line that a copy page by page follows.
    #[must_use]
    pub fn reaches(&self, edge: f64, height: fn(&Point) -> f64) -> Option<f64> {
        let points: Vec<&Point> = self.points.iter().filter(|point| point.sound).collect();
        points.windows(2).find_map(|pair| {
            let [(x, before), (next, after)] =
                [pair[0], pair[1]].map(|point| (f64::from(point.at), height(point)));
            let share = (edge - before) / (after - before);
            (before < edge && after >= edge).then_some(x + share * (next - x))
        })
    }
}

/// A point of a sweep.
#[derive(Debug)]
pub struct Point {
    /// MiB, mappings, descriptors or threads.
    pub at: u32,
    /// Fork until reaped, nanoseconds.
    pub fork_ns: Interval,
    /// pthread_create until joined, nanoseconds.
    pub thread_ns: Interval,
    /// The one over the other, in pairs.
    pub ratio: Interval,
    /// It was measured to its end and in enough samples to conclude from.
    pub sound: bool,
}

/// A primitive that should not care what the parent holds.
#[derive(Debug)]
pub struct Flat {
    /// Id of the primitive.
    pub primitive: &'static str,
    /// MiB, and the time in the small parent and in the big one, nanoseconds.
    pub points: Vec<(u32, Interval, Interval)>,
}

/// Fork against a fresh pool.
#[derive(Debug)]
pub struct Race {
    /// Name in the plan.
    pub name: &'static str,
    /// The sizes of the pool that were measured, rising.
    pub points: Vec<RacePoint>,
    /// Threads from which on the fork is ready first.
    pub break_even: BreakEven,
}

/// A point of a race.
#[derive(Debug)]
pub struct RacePoint {
    /// Threads of the pool.
    pub threads: u32,
    /// Child over pool until ready, in pairs.
    pub ratio: Interval,
}

/// From how many threads on a fork is ready before a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BreakEven {
    /// Between two points.
    At(f64),
    /// Certainly more than the first and at most the second: sizes between them, where it may lie,
    /// were not measured.
    Between(u32, u32),
    /// From the smallest pool on.
    Always,
    /// Not up to this many threads.
    NotUpTo(u32),
    /// The points do not tell.
    Unknown,
}

/// A task for a worker that waits, against a worker for the task.
#[derive(Debug)]
pub struct Dispatch {
    /// Name in the plan.
    pub name: &'static str,
    /// There and back, nanoseconds.
    pub dispatch_ns: Interval,
    /// Created and reaped, nanoseconds.
    pub create_ns: Interval,
    /// Creation over dispatch, in pairs.
    pub ratio: Interval,
}

/// One thing in one placement.
#[derive(Debug)]
pub struct Placed {
    /// Id of the primitive.
    pub primitive: &'static str,
    /// Where.
    pub placement: Placement,
    /// On one core, nanoseconds.
    pub same_core_ns: Interval,
    /// There, nanoseconds.
    pub time_ns: Interval,
    /// There over one core, in pairs.
    pub ratio: Interval,
    /// It was measured to its end and in enough samples to conclude from.
    pub sound: bool,
}

/// Writing a page, nanoseconds each.
#[derive(Debug)]
pub struct Write {
    /// Who writes, and when.
    pub who: Writer,
    /// What a page costs.
    pub ns_per_page: Interval,
    /// It was measured to its end and in enough samples to conclude from.
    pub sound: bool,
}

/// Who writes a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// Nobody shares it.
    Alone,
    /// The parent after the child has left: the page is still marked read-only, but nobody else has
    /// it.
    ParentAfter,
    /// The parent while the child lives: the page is copied.
    ParentMeanwhile,
    /// The child while the parent lives: the page is copied.
    Child,
}
