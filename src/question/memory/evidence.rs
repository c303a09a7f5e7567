//! What the footprints say together: what each kind of unit keeps, how many fit under the limits of
//! the machine, what ten thousand connections would take, and what the drill took at its peak.

mod bound;
mod connections;
mod drill;
mod unit;

pub use bound::{Bound, Bounds};
pub use connections::{CONNECTIONS, Serving};
pub use drill::DrillMemory;
pub use unit::UnitMemory;

use crate::question::memory::plan as memory;
use crate::record::{Footprint, Id, Record};
use bound::Demand;

/// A thread with the default stack, among the units of the plan.
pub(crate) const THREAD: &str = "thread";
/// A process forked by a small parent.
pub(crate) const FORK: &str = "fork";
/// A connection.
pub(crate) const CONNECTION: &str = "connection";

/// Everything that a record says of memory.
#[derive(Debug)]
pub struct Memory {
    /// What a unit of each kind keeps, in the order of the plan; the drill is not among them.
    pub units: Vec<UnitMemory>,
    /// Footprints that give no figure, by id, with the reason.
    pub missing: Vec<(Id, String)>,
    /// How many threads, and how many processes, fit under the limits of this machine.
    pub bounds: Vec<Bounds>,
    /// Ten thousand connections, one way to serve them after the other.
    pub servings: Vec<Serving>,
    /// The drill at its peak.
    pub drill: DrillMemory,
}

impl Memory {
    /// What the record says.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let mut units = Vec::new();
        let mut missing = Vec::new();
        let planned: Vec<Id> = memory::keepings().into_iter().map(|keep| keep.id).collect();
        let place = |id: &Id| planned.iter().position(|known| known == id);
        // Those of servers are read by `Servers`.
        let own = |footprint: &&Footprint| {
            footprint.id.question() != crate::question::servers::QUESTION.name
        };
        let mut footprints: Vec<_> = record.footprints.iter().filter(own).collect();
        footprints.sort_by_key(|footprint| place(&footprint.id).unwrap_or(planned.len()));
        for footprint in footprints {
            let drill = drill::NAMES.map(memory::units).contains(&footprint.id);
            match UnitMemory::of(footprint) {
                Err(reason) => missing.push((footprint.id.clone(), reason)),
                Ok(unit) if !drill => units.push(unit),
                Ok(_) => {}
            }
        }
        let demand = |name: &str| {
            let id = memory::units(name);
            Demand::of(units.iter().find(|unit| unit.id == id)?)
        };
        let limits = &record.machine.limits;
        let bounds = [("threads", THREAD), ("processes", FORK)];
        let bounds = bounds.map(|(units, id)| Some(Bounds { units, met: demand(id)?.met(limits) }));
        Memory {
            bounds: bounds.into_iter().flatten().collect(),
            servings: connections::servings(demand, limits),
            drill: DrillMemory::of(record),
            units,
            missing,
        }
    }

    /// What a unit of the footprint with this id keeps.
    #[must_use]
    pub fn unit(&self, id: &Id) -> Option<&UnitMemory> {
        self.units.iter().find(|unit| unit.id == *id)
    }
}
