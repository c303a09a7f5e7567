//! The probes of a session.

use super::Session;
use crate::lab;
use crate::probe::{self, Entry, Mechanism};
use crate::record::Probe;
use crate::run::Wanted;
use crate::run::progress::Progress;
use crate::run::select::asked;
use crate::sampler::Budget;

/// Runs of a probe, which have to agree.
const RUNS: usize = 5;
/// As many in a quick run.
const QUICK_RUNS: usize = 3;

impl Session {
    /// The probes that a filter asks for. They are short: a quick run has them too.
    #[must_use]
    pub fn probes(&self, wanted: &Wanted) -> Vec<&'static Entry> {
        probe::ALL.iter().filter(|entry| asked(wanted, &entry.name())).collect()
    }

    /// Runs the probes, each a row of the record, every run in a lab of its own.
    pub fn probe(&mut self, entries: &[&Entry]) {
        let runs = match self.bench().budget {
            Budget::TEST => 1,
            Budget::QUICK => QUICK_RUNS,
            _ => RUNS,
        };
        let mut progress = Progress::over(entries.len());
        for entry in entries {
            progress.step(&entry.name());
            let probe = self.run_probe(entry, runs);
            self.record_mut().probes.push(probe);
        }
    }

    fn run_probe(&self, entry: &Entry, count: usize) -> Probe {
        let bench = self.bench();
        let (mut runs, mut failure) = (Vec::with_capacity(count), None);
        while runs.len() < count && failure.is_none() {
            match lab::probe(&bench.lab, &bench.keeper, entry, Mechanism::On) {
                Ok(run) => runs.push(run),
                Err(why) => failure = Some(why),
            }
        }
        Probe { id: entry.id.to_owned(), statement: entry.statement.to_owned(), runs, failure }
    }
}
