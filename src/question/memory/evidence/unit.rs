//! What one unit of a kind keeps: its memory in use, and the address space it takes.

use crate::claim::footprint::per_unit;
use crate::record::{Footprint, Id, Parent};
use crate::stats::Interval;

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
    /// All that is in use for it, kernel memory included.
    pub total_bytes: Interval,
    /// Address space of the creating process that it takes.
    pub virtual_bytes: Interval,
    /// Address space of the creating process without any unit: a forked one has as much.
    pub creator_virtual_bytes: u64,
}

impl UnitMemory {
    /// What the footprint says, or why it says nothing.
    pub(super) fn of(footprint: &Footprint) -> Result<Self, String> {
        let launches = &footprint.launches;
        let readings = || launches.iter().flat_map(|launch| &launch.readings);
        let first = launches.iter().filter_map(|launch| launch.readings.first());
        let figures = || {
            Some(UnitMemory {
                id: footprint.id.clone(),
                kind: footprint.kind.clone(),
                parent: footprint.parent,
                units: readings().map(|reading| reading.units).max()?,
                total_bytes: per_unit(footprint, |reading| reading.total_bytes as f64)?,
                virtual_bytes: per_unit(footprint, |reading| reading.virtual_bytes as f64)?,
                creator_virtual_bytes: first.map(|reading| reading.virtual_bytes).max()?,
            })
        };
        figures().ok_or_else(|| match (&footprint.failure, launches.len()) {
            (Some(reason), _) => reason.to_string(),
            (None, launches @ 0..=1) => format!("no interval: launches: {launches}"),
            (None, launches) => {
                format!(
                    "no interval: {launches} launches, of which some have fewer than two readings"
                )
            }
        })
    }
}
