//! What one unit of a kind keeps: its memory in use, part by part, and the address space it takes.

use crate::claim::footprint::{per_unit, source};
use crate::record::{Footprint, Id, MemoryReading, MemorySource, Parent};
use crate::stats::Interval;

/// What memory in use is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Kernel stacks.
    KernelStack,
    /// Page tables.
    PageTables,
    /// Structures of the kernel.
    Slab,
    /// Private pages of the programs: stacks, heaps, written data.
    Anonymous,
    /// Buffers of sockets.
    Sockets,
    /// The total without the five. Less than nothing where the parts are those of the whole machine
    /// and the total is a group's, and others gave memory back in the meantime.
    Other,
}

impl Part {
    /// All parts, in the order in which they are shown.
    pub const ALL: [Part; 6] = [
        Part::KernelStack,
        Part::PageTables,
        Part::Slab,
        Part::Anonymous,
        Part::Sockets,
        Part::Other,
    ];

    /// Bytes of it in a reading.
    fn bytes(self, reading: &MemoryReading) -> f64 {
        let booked = |part: Part| match part {
            Part::KernelStack => reading.kernel_stack_bytes as f64,
            Part::PageTables => reading.page_table_bytes as f64,
            Part::Slab => reading.slab_bytes as f64,
            Part::Anonymous => reading.anonymous_bytes as f64,
            Part::Sockets => reading.socket_bytes as f64,
            Part::Other => 0.0,
        };
        match self {
            Part::Other => {
                reading.total_bytes as f64 - Part::ALL.into_iter().map(booked).sum::<f64>()
            }
            part => booked(part),
        }
    }
}

/// What one unit of a kind keeps, bytes.
#[derive(Debug)]
pub struct UnitMemory {
    /// Id of the footprint.
    pub id: Id,
    /// The kind of unit.
    pub kind: String,
    /// What the process that creates them holds besides its own.
    pub parent: Parent,
    /// Most units that lived at once.
    pub units: u32,
    /// Launches that it was read in.
    pub launches: usize,
    /// All that is in use for it, kernel memory included.
    pub total_bytes: Interval,
    /// What that is made of, in the order of [`Part::ALL`].
    pub parts: Vec<(Part, Interval)>,
    /// Address space of the creating process that it takes.
    pub virtual_bytes: Interval,
    /// Resident memory of the creating process that it takes.
    pub resident_bytes: Interval,
    /// Its proportional share: pages that several processes share are counted once.
    pub proportional_bytes: Interval,
    /// Address space of the creating process without any unit: a forked one has as much.
    pub creator_virtual_bytes: u64,
    /// Who kept the books; none where launches differ in that.
    pub source: Option<MemorySource>,
    /// Why there were fewer units than planned, where that is so.
    pub capped: Option<String>,
    /// Why there are fewer launches than planned, where that is so.
    pub failure: Option<String>,
}

impl UnitMemory {
    /// What the footprint says, or why it says nothing.
    pub(super) fn of(footprint: &Footprint) -> Result<Self, String> {
        let launches = &footprint.launches;
        let readings = || launches.iter().flat_map(|launch| &launch.readings);
        let first = launches.iter().filter_map(|launch| launch.readings.first());
        let failure = footprint.failure.as_ref().map(ToString::to_string);
        let figures = || {
            let total_bytes = per_unit(footprint, |reading| reading.total_bytes as f64)?;
            let part =
                |part: Part| Some((part, per_unit(footprint, |reading| part.bytes(reading))?));
            Some(UnitMemory {
                id: footprint.id.clone(),
                kind: footprint.kind.clone(),
                parent: footprint.parent,
                units: readings().map(|reading| reading.units).max()?,
                launches: launches.len(),
                total_bytes,
                parts: Part::ALL.into_iter().map(part).collect::<Option<_>>()?,
                virtual_bytes: per_unit(footprint, |reading| reading.virtual_bytes as f64)?,
                resident_bytes: per_unit(footprint, |reading| reading.resident_bytes as f64)?,
                proportional_bytes: per_unit(footprint, |r| r.proportional_bytes as f64)?,
                creator_virtual_bytes: first.map(|reading| reading.virtual_bytes).max()?,
                source: source(footprint).cloned(),
                capped: footprint.capped.clone(),
                failure: failure.clone(),
            })
        };
        figures().ok_or_else(|| match (failure.clone(), launches.len()) {
            (Some(reason), _) => reason,
            (None, launches @ 0..=1) => format!("no interval: launches: {launches}"),
            (None, launches) => {
                format!(
                    "no interval: {launches} launches, of which some have fewer than two readings"
                )
            }
        })
    }

    /// Address space over memory in use; none where one of the two may be nothing.
    #[must_use]
    pub fn space_over_memory(&self) -> Option<Interval> {
        let both = [self.virtual_bytes, self.total_bytes];
        let known = both.iter().all(|interval| interval.low > 0.0);
        known.then(|| self.virtual_bytes.over(self.total_bytes))
    }
}
