//! Footprints: the memory of idle units, read without any and with more and more of them, in
//! several launches.

pub(super) mod cap;

use super::{Bench, Budget, Job};
use crate::cgroup::Group;
use crate::lab::{HoldSpec, HoldingLab, kind};
use crate::machine::{self, Books};
use crate::plan::Keeping;
use crate::record::{Footprint, FootprintLaunch, LabState, Limit, MemoryReading, Result, Row};
use cap::Plan;
use std::time::Duration;

/// What is done of it in a launch.
#[derive(Debug, Clone, Copy)]
struct Extent {
    launches: usize,
    /// Most units at each of two readings; `None` leaves the plan's.
    most: Option<[u32; 2]>,
    /// Time between the last unit's check-in and the reading, in which what was freed meanwhile is
    /// given back.
    settle: Duration,
}

impl Extent {
    fn of(keeping: &Keeping, budget: Budget) -> Self {
        let (quick, soon) = (Some([250, 1_000]), Duration::from_millis(20));
        let launches = budget.readings(keeping.headline);
        match budget {
            Budget::TEST => Extent { launches, most: Some([50, 200]), settle: soon },
            Budget::QUICK => Extent { launches, most: quick, settle: soon },
            _ => Extent { launches, most: None, settle: Duration::from_millis(40) },
        }
    }
}

/// Idle units on their way to a footprint.
pub struct Keep {
    keeping: Keeping,
    units: Vec<u32>,
    footprint: Footprint,
    extent: Extent,
}

impl Keep {
    /// As many units as the budget wants and the machine's limits leave.
    #[must_use]
    pub fn new(keeping: Keeping, budget: Budget, limits: &[Limit]) -> Self {
        let extent = Extent::of(&keeping, budget);
        let planned = planned(keeping.units, extent.most);
        let plan = kind(keeping.kind).and_then(|kind| cap::plan(&planned, kind.takes, limits));
        let (plan, failure) = match plan {
            Ok(plan) => (plan, None),
            Err(failure) => (Plan::default(), Some(failure)),
        };
        let footprint = Footprint {
            id: keeping.id.clone(),
            kind: keeping.kind.to_owned(),
            parent: keeping.parent,
            capped: plan.capped,
            launches: Vec::new(),
            failure,
        };
        Keep { keeping, units: plan.units, footprint, extent }
    }
}

impl Job for Keep {
    fn launches(&self, budget: Budget) -> usize {
        Extent::of(&self.keeping, budget).launches
    }

    fn is_done(&self) -> bool {
        let Footprint { launches, failure, .. } = &self.footprint;
        failure.is_some() || launches.len() == self.extent.launches
    }

    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        progress(&self.keeping.id.to_string());
        match launch(bench, &self.keeping, &self.units, self.extent.settle) {
            Ok((launch, _)) => self.footprint.launches.push(launch),
            Err(failure) => self.footprint.failure = Some(failure),
        }
    }

    fn is_sound(&self) -> bool {
        self.footprint.failure.is_none()
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        vec![Row::Footprint(self.footprint)]
    }
}

/// The plan's numbers of units, or fewer. The drill has as many workers as its text says.
fn planned(units: &[u32], most: Option<[u32; 2]>) -> Vec<u32> {
    match (units, most) {
        ([fewer, more], Some(most)) => vec![*fewer.min(&most[0]), *more.min(&most[1])],
        _ => units.to_vec(),
    }
}

/// One life of a lab that keeps units, in a control group of its own where there can be one, and
/// what the lab was without them. `settle` passes between the last unit's check-in and the reading.
///
/// # Errors
/// The lab's reason, or the memory cannot be read.
pub fn launch(
    bench: &Bench,
    keeping: &Keeping,
    units: &[u32],
    settle: Duration,
) -> Result<(FootprintLaunch, LabState)> {
    // It is removed when the lab has ended.
    let group = Group::make(&bench.reaper);
    let books = Books::of(&group);
    let mut lab = HoldingLab::launch(
        &bench.lab,
        &HoldSpec {
            kind: keeping.kind.to_owned(),
            parent: keeping.parent,
            cpu: bench.cores.main,
            group: group.as_ref().ok().map(|group| group.folder().to_owned()),
        },
    )?;
    let mut readings = Vec::with_capacity(1 + units.len());
    for units in std::iter::once(&0).chain(units) {
        let holding = lab.hold(*units)?;
        let read = read(&books, lab.pid(), &holding.processes, settle);
        let mut reading = read.map_err(|failure| lab.explained(failure))?;
        reading.units = holding.units;
        reading.max_rss_self_bytes = holding.max_rss_self_bytes;
        reading.max_rss_children_bytes = holding.max_rss_children_bytes;
        readings.push(reading);
    }
    // A child's is known when it has been waited for.
    let released = lab.hold(0)?;
    if let Some(last) = readings.last_mut() {
        last.max_rss_children_bytes = released.max_rss_children_bytes;
    }
    let source = books.source().clone();
    Ok((FootprintLaunch { pid: lab.pid(), source, readings }, lab.state().clone()))
}

/// Reads what they take when all have come to rest.
fn read(books: &Books, lab: i32, units: &[i32], settle: Duration) -> Result<MemoryReading> {
    machine::await_asleep(units, PATIENCE)?;
    crate::sys::clock::pause(settle);
    books.read(lab, units)
}

/// Time that processes have to come to rest.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_keeps_fewer_units_never_more() {
        assert_eq!(planned(&[1_000, 4_000], Some([250, 1_000])), [250, 1_000]);
        assert_eq!(planned(&[50, 200], Some([250, 1_000])), [50, 200]);
        assert_eq!(planned(&[1_000, 4_000], None), [1_000, 4_000]);
        assert_eq!(planned(&[10], Some([50, 200])), [10]);
    }
}
