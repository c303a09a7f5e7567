//! From the samples of a record to what they say of creation.

mod beside;
mod pool;
mod spectrum;
mod sweep;
mod way;

use super::{Creation, Trap};
use crate::claim::{Evidence, Judged};
use crate::question::creation::claims::RACE;
use crate::question::creation::plan::COPYING;
use crate::record::{Cell, Id, Probe, Record, Stop};
use std::collections::BTreeMap;

/// A ratio within this factor of one is no difference: the least margin of creation.
const MARGIN: f64 = 1.1;

/// A record with what its samples say.
struct View<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<Id, Evidence>,
    /// Both A/A comparisons of creation have passed: a ratio may be called a difference, or none.
    comparable: bool,
}

impl Creation {
    /// Of the races the judged cells are read: their gates say what may decide a break-even.
    #[must_use]
    pub fn of(record: &Record, judged: &Judged) -> Self {
        let evidence = &judged.evidence;
        let passed =
            |id| judged.controls.iter().any(|control| control.id == id && control.passed());
        let comparable =
            Id::controls(crate::question::creation::QUESTION.name).into_iter().all(passed);
        let view = View { record, evidence, comparable };
        let copying = |probe: &&Probe| probe.id.is_of(COPYING);
        Creation {
            spectra: view.spectra(),
            ways: view.ways(),
            sweeps: view.sweeps(),
            flats: view.flats(),
            races: view.races(judged.cells(RACE)),
            dispatches: view.dispatches(),
            placed: view.placed(),
            writes: view.writes(),
            traps: Trap::all(record, evidence),
            probes: record.probes.iter().filter(copying).cloned().collect(),
        }
    }
}

impl<'r> View<'r> {
    fn evidence(&self, id: &Id) -> Option<&'r Evidence> {
        self.evidence.get(id)
    }

    /// The experiment, where it was measured to its end and in enough samples: what may be
    /// concluded from.
    fn sound(&self, id: &Id) -> Option<&'r Cell> {
        let shown = self.evidence(id)?.samples.are_shown();
        let cell = self.record.cell(id)?;
        (shown && !matches!(cell.stop, Stop::Failed(_))).then_some(cell)
    }
}
