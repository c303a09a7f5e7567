//! What the cells of creation say together: the spectrum of clone flags, the four times of every
//! way to start, what makes a fork dear, where fork and a fresh pool break even, what a pool saves,
//! and who pays for copy-on-write.

mod read;
mod trap;

pub use trap::Trap;
pub(in crate::question) use trap::remark;

use crate::question::creation::plan::Axis;
use crate::record::{Placement, Probe};
use crate::stats::Interval;

/// Everything that a record says of creation.
#[derive(Debug)]
pub struct Creation {
    /// The sets of clone flags, from thread to process, for each size of parent.
    pub spectra: Vec<Spectrum>,
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
    /// What trapped CPUIDs take of an exec, program by program.
    pub traps: Vec<Trap>,
    /// What the probes of copy-on-write saw.
    pub probes: Vec<Probe>,
}

/// The sets of clone flags in a parent of one size.
#[derive(Debug)]
pub struct Spectrum {
    /// Memory of the parent, MiB.
    pub parent_mib: u64,
    /// From thread to process, in the order of the plan; those that were measured.
    pub sets: Vec<FlagSet>,
    /// What the flags buy, one step of sharing less after the other.
    pub steps: Vec<FlagStep>,
    /// Both A/A controls have passed: without them no step is judged.
    pub comparable: bool,
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
    /// Over the time of all flags of a thread, in pairs; none for that set itself.
    pub ratio: Option<Interval>,
}

/// From one set to one that shares less.
#[derive(Debug)]
pub struct FlagStep {
    /// The set that shares more.
    pub from: &'static str,
    /// The set that shares less.
    pub to: &'static str,
    /// What is no longer shared, or what is added, in words.
    pub without: &'static str,
    /// Time of the one that shares less over time of the other.
    pub ratio: Interval,
    /// What that is, nanoseconds.
    pub extra_ns: Interval,
    /// Does the order contradict the kernel's work: does sharing less certainly cost less, beyond
    /// the margin? None where that was not judged: the A/A controls did not pass, or a set was not
    /// measured far enough.
    pub contradicts: Option<bool>,
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
    /// What the small parent holds of it, where the record says; in the unit of the axis.
    pub small: Option<f64>,
    /// The points that were measured, the small parent (0) first.
    pub points: Vec<Point>,
    /// The fork over what grows, or why there is no line.
    pub fork: Result<Slope, &'static str>,
    /// The thread beside it.
    pub thread: Option<Slope>,
    /// Where the fork crosses a millisecond, in the unit of the axis; with the interval's ends
    /// where they are within what was measured.
    pub one_ms_at: Option<Interval>,
    /// Points that were tried and not measured, with the reason.
    pub missing: Vec<(u32, String)>,
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

/// A line through the points of a sweep (Theil and Sen: the median of the slopes between all pairs
/// of points).
#[derive(Debug)]
pub struct Slope {
    /// Nanoseconds for each unit: a page-table entry (of huge pages, an entry of theirs), a
    /// mapping, a descriptor, a thread.
    pub ns_per_unit: Interval,
    /// At nothing, nanoseconds.
    pub base_ns: f64,
    /// Correlation of the points with the line (R); 0 where they are all of one height, none where
    /// there are two points, which lie on any line.
    pub correlation: Option<f64>,
}

/// A primitive that should not care what the parent holds.
#[derive(Debug)]
pub struct Flat {
    /// Id of the primitive.
    pub primitive: &'static str,
    /// MiB, time in the small parent, in the big one (nanoseconds), and the one over the other in
    /// pairs.
    pub points: Vec<(u32, Interval, Interval, Interval)>,
    /// Is it flat: all ratios within the margin (`Some(true)`), one certainly beyond
    /// (`Some(false)`), or neither?
    pub flat: Option<bool>,
}

impl Flat {
    /// Does every interval contain 1, so that no change is seen, however wide it is?
    #[must_use]
    pub fn unchanged(&self) -> bool {
        self.points.iter().all(|(.., ratio)| ratio.low <= 1.0 && 1.0 <= ratio.high)
    }
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
    /// The pool until all have checked in, nanoseconds.
    pub pool_ready_ns: Interval,
    /// The child until it is ready, nanoseconds.
    pub child_ready_ns: Interval,
    /// The pool until all are joined, nanoseconds.
    pub pool_total_ns: Interval,
    /// The child until it is reaped, nanoseconds.
    pub child_total_ns: Interval,
    /// Child over pool until ready, in pairs.
    pub ratio: Interval,
}

/// From how many threads on a fork is ready before a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BreakEven {
    /// Between the points, with the interval's ends as far as they were measured.
    At(Interval),
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
    /// Tasks for each worker from which on the pool has paid for itself: creating a worker once and
    /// dispatching n times costs less than creating n; none where dispatch is not the cheaper one.
    pub paid_after: Option<Interval>,
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

impl Creation {
    /// Was nothing of it measured?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spectra.is_empty()
            && self.ways.is_empty()
            && self.sweeps.is_empty()
            && self.flats.is_empty()
            && self.races.is_empty()
            && self.dispatches.is_empty()
            && self.placed.is_empty()
            && self.writes.is_empty()
            && self.traps.is_empty()
            && self.probes.is_empty()
    }
}
