//! A row of the record: what one measurement came to.

use super::{Cell, Count, Crash, Failure, Footprint, Id, Probe, Record, Serving, Stop};
use serde::Serialize;

/// What one measurement came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A paired comparison.
    Cell(Cell),
    /// An arm in the counting pass.
    Count(Count),
    /// What idle units keep of the memory.
    Footprint(Footprint),
    /// A server under load.
    Serving(Serving),
    /// A server of which a worker was shot.
    Crash(Crash),
    /// A yes-or-no experiment.
    Probe(Probe),
    /// What has no row of its own because it could not be done.
    Failed(Failure),
}

impl Row {
    /// Why it was not measured, or not to its end.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Row::Cell(cell) => match &cell.stop {
                Stop::Failed(failure) => Some(failure),
                _ => None,
            },
            Row::Count(_) => None,
            Row::Footprint(footprint) => footprint.failure.as_ref(),
            Row::Serving(serving) => serving.failure.as_ref(),
            Row::Crash(crash) => crash.failure.as_ref(),
            Row::Probe(probe) => probe.failure.as_ref(),
            Row::Failed(failure) => Some(failure),
        }
    }
}

impl Record {
    /// Why a measurement that has a row failed, if it did.
    #[must_use]
    pub fn failure(&self, id: &Id) -> Option<&Failure> {
        let of_cell = || match &self.cell(id)?.stop {
            Stop::Failed(failure) => Some(failure),
            _ => None,
        };
        of_cell()
            .or_else(|| self.footprint(id)?.failure.as_ref())
            .or_else(|| self.serving(id)?.failure.as_ref())
            .or_else(|| self.crash(id)?.failure.as_ref())
            .or_else(|| self.probe(id)?.failure.as_ref())
    }

    /// Adds a row to those of its kind.
    pub fn add(&mut self, row: Row) {
        match row {
            Row::Cell(cell) => self.cells.push(cell),
            Row::Count(count) => self.counts.push(count),
            Row::Footprint(footprint) => self.footprints.push(footprint),
            Row::Serving(serving) => self.servings.push(serving),
            Row::Crash(crash) => self.crashes.push(crash),
            Row::Probe(probe) => self.probes.push(probe),
            Row::Failed(failure) => self.failures.push(failure),
        }
    }
}
