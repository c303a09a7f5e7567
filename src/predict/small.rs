//! The small parent of a run: everything that is predicted is counted from what it holds.

use super::source::WHOLE_RUN;
use super::sum::Absent;
use crate::question::creation::plan::{Axis, STALLS, stalled, stamped, sweep, way};
use crate::record::{Cell, Id, LabState, Record, Stop};
use serde::Serialize;

/// The primitive whose moments are stamped.
pub(super) const FORK: &str = "process/fork";
/// The same, as comparisons with a thread name it.
pub(super) const WAY: &str = "fork";
/// Of these at least one bigger parent is needed: every process holds them.
const NEEDED: [Axis; 3] = [Axis::Memory, Axis::Mappings, Axis::Descriptors];

/// What the small parent of a run holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SmallParent {
    /// Private memory, bytes.
    pub own_bytes: u64,
    /// Mappings that hold pages of their own.
    pub mappings: u64,
    /// Mappings that hold none.
    pub clean_mappings: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// A page, bytes: each mapping that was measured beyond these holds one.
    pub page_bytes: u64,
    /// Private memory that each idle thread which was measured holds, bytes: its stack.
    pub thread_bytes: u64,
}

impl SmallParent {
    /// As the run counted it.
    pub(super) fn of(record: &Record) -> Result<Self, Absent> {
        let id = stamped(FORK);
        let missing = |why: String| Absent::new(why, WHOLE_RUN);
        let cell = record.cell(&id).ok_or_else(|| missing(format!("the run has no {id}")))?;
        if let Stop::Failed(failure) = &cell.stop {
            return Err(Absent::for_good(format!("{id} failed: {failure}")));
        }
        let counted = |lab: &&LabState| lab.written_vmas > 0 && lab.vmas >= lab.written_vmas;
        let lab = forking(cell).filter(counted).ok_or_else(|| {
            missing("the run did not count what its small parent holds".to_owned())
        })?;
        let page_bytes = record.machine.page_bytes;
        let page_bytes = page_bytes
            .ok_or_else(|| missing("the run does not say how big a page is".to_owned()))?;
        Ok(SmallParent {
            own_bytes: lab.own_bytes,
            mappings: lab.written_vmas,
            clean_mappings: lab.vmas - lab.written_vmas,
            descriptors: lab.fds,
            threads: lab.threads,
            page_bytes,
            thread_bytes: thread_bytes(record),
        })
    }

    /// Memory of a parent that holds so many mappings and threads, and else what this one does.
    pub(super) fn bytes_with(&self, mappings: u64, threads: u64) -> u64 {
        let Self { own_bytes, page_bytes, thread_bytes, .. } = *self;
        let grown = own_bytes
            .saturating_add(mappings.saturating_sub(self.mappings).saturating_mul(page_bytes))
            .saturating_add(threads.saturating_sub(self.threads).saturating_mul(thread_bytes));
        grown.saturating_sub(self.mappings.saturating_sub(mappings).saturating_mul(page_bytes))
    }

    /// The least memory of a process that holds so many mappings and threads.
    pub(super) fn least_bytes(&self, mappings: u64, threads: u64) -> u64 {
        let stacks = threads.saturating_sub(self.threads).saturating_mul(self.thread_bytes);
        mappings.saturating_mul(self.page_bytes).saturating_add(stacks)
    }
}

/// The lab of the second arm, which forks.
fn forking(cell: &Cell) -> Option<&LabState> {
    cell.launches.first().map(|launch| &launch.states[1])
}

/// What each thread of the parent with most of them adds to its memory; 0 where that is unknown.
fn thread_bytes(record: &Record) -> u64 {
    let own_bytes = |id: &Id| forking(record.cell(id)?).map(|lab| lab.own_bytes);
    let most = Axis::Threads.points().last().copied().unwrap_or(1);
    let grown = own_bytes(&sweep(Axis::Threads, most)).zip(own_bytes(&way(WAY, 0)));
    grown.map_or(0, |(many, few)| many.saturating_sub(few) / u64::from(most))
}

/// What a run lacks to predict a fork by it, in words; nothing where it has enough.
#[must_use]
pub fn lacking(record: &Record) -> Option<String> {
    let kind = match &record.run {
        run if run.quick => "it is a quick run",
        run if run.filter.is_some() => "it is a part of a run",
        run if run.cut.is_some() => "it ended before it was through",
        _ => "it has not measured all",
    };
    let small = SmallParent::of(record).err().map(|absent| absent.why);
    let lacks = |axis: &Axis| {
        let points = STALLS.iter().filter(|(known, _)| known == axis);
        let mut points = points.flat_map(|(axis, points)| points.iter().map(|at| (*axis, *at)));
        !points.any(|(axis, at)| record.cell(&stalled(axis, at)).is_some_and(is_measured))
    };
    let bigger: Vec<&str> =
        NEEDED.iter().filter(|axis| lacks(axis)).map(|axis| axis.name()).collect();
    match (small, bigger.is_empty()) {
        (None, true) => None,
        (Some(why), _) => Some(format!("{kind}: {why}")),
        (None, false) => {
            Some(format!("{kind}: it has no fork of a parent with more {}", bigger.join(", ")))
        }
    }
}

fn is_measured(cell: &Cell) -> bool {
    !matches!(cell.stop, Stop::Failed(_)) && !cell.launches.is_empty()
}
