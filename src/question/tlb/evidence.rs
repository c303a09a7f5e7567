//! What the cells of the TLB say together: the scan over address spaces with its cliffs and their
//! causes, and direct against indirect cost.

mod read;

use super::kept::Kept;
use crate::stats::Interval;

/// Everything that a record says of the TLB.
#[derive(Debug)]
pub struct Translation {
    /// Rings that touch nothing, by the number of actors.
    pub scan: Vec<Scan>,
    /// From one number of actors to the next.
    pub steps: Vec<Step>,
    /// Extra cycles per switch as a line over the pages, by the number of actors.
    pub lines: Vec<Line>,
    /// Address spaces whose translations the core keeps.
    pub kept: Kept,
    /// Address spaces that Linux's identifiers are enough for, as its tracepoint shows, or why it
    /// shows nothing.
    pub slots: Result<Kept, String>,
}

/// Rings that touch nothing.
#[derive(Debug)]
pub struct Scan {
    /// Actors on the core.
    pub actors: u32,
    /// What a switch costs more among processes than among threads, core cycles.
    pub process: Option<Interval>,
    /// The same among processes that share an address space.
    pub vm_process: Option<Interval>,
    /// As `process`, under `SCHED_OTHER`.
    pub process_other: Option<Interval>,
    /// Flushes per switch among processes, as the kernel's tracepoint counted them: one figure for
    /// each launch.
    pub flushed: Vec<f64>,
    /// Switches of the address space that kept the TLB, per switch, launch by launch.
    pub kept: Vec<f64>,
}

/// From K actors to K + 1, as time per switch with K + 1 over time with K.
#[derive(Debug)]
pub struct Step {
    /// K.
    pub from: u32,
    /// Among processes.
    pub process: Option<Interval>,
    /// Among threads: shows what one more actor costs that has nothing to do with address spaces.
    pub thread: Option<Interval>,
    /// Among processes that share an address space: the same.
    pub vm_process: Option<Interval>,
    /// The step of processes over the bigger of the two others.
    pub excess: Option<Interval>,
    /// Where the excess is certainly more than 2 %: what the other kinds of evidence say at this
    /// step.
    pub cause: Cause,
}

/// Why time steps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No cliff, or none measured.
    None,
    /// The kernel begins to flush: its tracepoint says so.
    Kernel,
    /// The walk begins to cost what it costs after a flush, though the kernel does not flush: the
    /// processor keeps fewer address spaces than the kernel has identifiers for.
    Processor,
    /// The walk begins to cost what it costs after a flush, and the tracepoint is missing.
    LostTranslations,
    /// Neither, though both were measured: something else than the translations of the pages.
    Unexplained,
    /// One of the two other kinds of evidence is missing, and what there is does not tell.
    Untold,
}

/// Extra cycles per switch, processes against threads, over the pages touched.
#[derive(Debug)]
pub struct Line {
    /// Actors on the core.
    pub actors: u32,
    /// Without pages: the direct cost.
    pub direct: Interval,
    /// What the pages add, with their number: the indirect cost.
    pub indirect: Vec<(u32, Interval)>,
}
