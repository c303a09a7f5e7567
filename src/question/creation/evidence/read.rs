//! From the samples of a record to what they say of creation.

mod beside;
mod pool;
mod spectrum;
mod sweep;
mod way;

use super::Creation;
use crate::claim::{Evidence, Judged};
use crate::question::creation::claims::RACE;
use crate::record::{Cell, Id, Record, Stop};
use std::collections::BTreeMap;

/// A record with what its samples say.
struct View<'r> {
    record: &'r Record,
    evidence: &'r BTreeMap<Id, Evidence>,
}

impl Creation {
    /// Of the races the judged cells are read: their gates say what may decide a break-even.
    #[must_use]
    pub fn of(record: &Record, judged: &Judged) -> Self {
        let evidence = &judged.evidence;
        let view = View { record, evidence };
        Creation {
            flag_sets: view.flag_sets(),
            ways: view.ways(),
            sweeps: view.sweeps(),
            flats: view.flats(),
            races: view.races(judged.cells(RACE)),
            dispatches: view.dispatches(),
            placed: view.placed(),
            writes: view.writes(),
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
