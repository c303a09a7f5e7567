//! What the cells of the TLB say together: the scan over address spaces with its cliffs, the refill
//! over pages, direct against indirect cost, and where three kinds of evidence agree.

mod read;

use super::kept::Kept;
use super::plan::{Kind, Without};
use crate::stats::Interval;

/// Everything that a record says of the TLB.
#[derive(Debug)]
pub struct Translation {
    /// Rings that touch nothing, by the number of actors.
    pub scan: Vec<Scan>,
    /// From one number of actors to the next.
    pub steps: Vec<Step>,
    /// Walks in rings, against the walk after a forced flush.
    pub refills: Vec<Refill>,
    /// Walks after what should flush nothing, or little, against the walk after a forced flush.
    pub controls: Vec<(Without, u32, Interval)>,
    /// Extra cycles per switch as a line over the pages, by the number of actors.
    pub lines: Vec<Line>,
    /// Misses counted beside misses inferred from time.
    pub misses: Vec<Miss>,
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
    /// The excess is certainly more than 2 %.
    pub cliff: bool,
    /// What the other kinds of evidence say at this step.
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

/// Walks in a ring.
#[derive(Debug)]
pub struct Refill {
    /// Whose ring.
    pub kind: Kind,
    /// Actors on the core.
    pub actors: u32,
    /// Pages that each walks.
    pub pages: u32,
    /// What a page costs more right after the switch, core cycles.
    pub cycles_per_page: Option<Interval>,
    /// The same after a forced flush, core cycles.
    pub flushed_cycles_per_page: Option<Interval>,
    /// Phi: the one over the other, pair by pair.
    pub fraction: Interval,
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
    /// Core cycles that each page adds: the slope between none and the most.
    pub per_page: Option<Interval>,
    /// Pages between which the line lies in 1,000 to 2,000 cycles, ends included; estimates.
    pub textbook_pages: Option<(f64, f64)>,
}

/// Misses of the TLB, counted and inferred.
#[derive(Debug)]
pub struct Miss {
    /// Actors on the core.
    pub actors: u32,
    /// Misses per page that a PMU counted, or why none.
    pub counted: Result<Interval, String>,
    /// Page walks per page, inferred from time: phi.
    pub inferred: Option<Interval>,
    /// Do both say flushed, or both kept? `None` where one of them says neither.
    pub agree: Option<bool>,
}

impl Translation {
    /// Was nothing of it measured?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let timed = !(self.scan.is_empty() && self.refills.is_empty() && self.steps.is_empty());
        !timed && self.misses.iter().all(|miss| miss.counted.is_err())
    }
}
