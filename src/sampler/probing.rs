//! Probes: the same yes-or-no experiment several times, every run in a lab of its own.

use super::{Bench, Budget, Job};
use crate::lab;
use crate::probe::{Entry, Mechanism};
use crate::record::{Probe, Row};

/// A probe on its way through its runs, which have to agree.
pub struct Probing {
    entry: &'static Entry,
    probe: Probe,
    planned: usize,
}

impl Probing {
    /// One that has not been run yet.
    #[must_use]
    pub fn new(entry: &'static Entry, budget: Budget) -> Self {
        let (id, statement) = (entry.id(), entry.statement.to_owned());
        let probe = Probe { id, statement, runs: Vec::new(), failure: None };
        Probing { entry, probe, planned: budget.readings(true) }
    }
}

impl Job for Probing {
    fn launches(&self, budget: Budget) -> usize {
        budget.readings(true)
    }

    fn is_done(&self) -> bool {
        self.probe.failure.is_some() || self.probe.runs.len() == self.planned
    }

    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        progress(&self.entry.id().to_string());
        match lab::probe(&bench.lab, &bench.reaper, self.entry, Mechanism::On) {
            Ok(run) => self.probe.runs.push(run),
            Err(failure) => self.probe.failure = Some(failure),
        }
    }

    fn is_sound(&self) -> bool {
        self.probe.failure.is_none()
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        vec![Row::Probe(self.probe)]
    }
}
