//! The record of a run: the one thing that measuring writes and judging reads.
//!
//! A record holds what was measured. Intervals and verdicts are computed anew from the samples each
//! time a page is made; what was judged of a finished run stands at its head in short. The
//! *fragment* that one bench target writes is a record too, with that target's rows only;
//! [`Record::merge`] makes one run of them.

mod arm;
mod between;
mod cell;
mod columns;
mod count;
mod description;
mod fact;
mod failure;
pub mod file;
mod footprint;
mod head;
mod id;
mod machine;
mod probe;
mod redact;
mod row;
mod run;
mod schema5;
mod serving;
mod since;
mod store;
mod summary;

pub use arm::{Actor, Arm, Calls, Order, Parent, Placement, Policy};
pub use between::BetweenRuns;
pub use cell::{CPUID_NS, Cell, GETPPID_NS, Half, LabState, Launch, Pair, Stop};
pub use count::{Bench, Count, Modes, Outcome, Reading};
pub use description::{DRILL_WORKERS, Description, Work};
pub use fact::{Fact, Finding, Value};
pub use failure::{Failure, Result};
pub use footprint::{Footprint, FootprintLaunch, MemoryReading, MemorySource};
pub use head::{Head, read_head};
pub use id::{Coordinate, Family, Id};
pub use machine::{Check, CheckOutcome, Limit, Machine};
pub use probe::{Probe, ProbeRun, Seen};
pub use row::Row;
pub use run::{Cut, Run};
pub use serving::{Crash, CrashLaunch, LoadRun, Serving, ServingLaunch, Shape};
pub use since::{Moved, Reworded, Since};
pub use store::{packed, read, read_from, whole, write_new};
pub use summary::{CellSummary, ClaimSummary, LabShape, Summary};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Share by which the context switches of an operation may differ from those of another arm, or of
/// the plan.
pub const SWITCH_TOLERANCE: f64 = 0.02;

/// Version of the record's format. Of older ones only the one before is read.
pub const SCHEMA: u32 = 6;

/// Version of how is measured: to be raised with every change that moves a figure. Figures of
/// different protocols are not compared.
pub const PROTOCOL: u32 = 1;

/// One run, or what one bench target contributed to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Record {
    /// [`SCHEMA`], also where it was read in the format before.
    pub schema: u32,
    /// What was judged of a finished run; absent of the parts of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Summary>,
    /// What differs from the run of this machine before, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// By question, how far this run and earlier ones of this machine lie apart, where there were
    /// any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drift: BTreeMap<String, BetweenRuns>,
    /// When, how and with what the run was made.
    pub run: Run,
    /// The machine that was measured.
    pub machine: Machine,
    /// Instrument checks: can these figures be trusted?
    pub checks: Vec<Check>,
    /// The primitives of all rows, in words.
    pub primitives: Vec<Description>,
    /// Paired comparisons, with every sample.
    pub cells: Vec<Cell>,
    /// Benchmarks that Criterion drove, with every sample.
    pub benches: Vec<Bench>,
    /// The counting pass.
    pub counts: Vec<Count>,
    /// Yes-or-no experiments.
    pub probes: Vec<Probe>,
    /// What idle units keep of the memory.
    pub footprints: Vec<Footprint>,
    /// Servers under load.
    pub servings: Vec<Serving>,
    /// Servers of which a worker was shot.
    pub crashes: Vec<Crash>,
    /// What could not be done, each with its reason.
    pub failures: Vec<Failure>,
}

impl Record {
    /// Does it hold any measurement, be it of one launch?
    #[must_use]
    pub fn has_measured(&self) -> bool {
        let cells = self.cells.iter().any(|cell| !cell.launches.is_empty());
        let probes = self.probes.iter().any(|probe| !probe.runs.is_empty());
        let footprints = self.footprints.iter().any(|row| !row.launches.is_empty());
        let servings = self.servings.iter().any(|row| !row.launches.is_empty());
        let crashes = self.crashes.iter().any(|row| !row.launches.is_empty());
        let driven = !self.benches.is_empty() || !self.counts.is_empty();
        cells || probes || footprints || servings || crashes || driven
    }

    /// Why what was not measured was not, the first reason first.
    pub fn reasons(&self) -> impl Iterator<Item = &Failure> {
        let cells = self.cells.iter().filter_map(|cell| match &cell.stop {
            Stop::Failed(failure) => Some(failure),
            _ => None,
        });
        cells
            .chain(self.probes.iter().filter_map(|row| row.failure.as_ref()))
            .chain(self.footprints.iter().filter_map(|row| row.failure.as_ref()))
            .chain(self.servings.iter().filter_map(|row| row.failure.as_ref()))
            .chain(self.crashes.iter().filter_map(|row| row.failure.as_ref()))
            .chain(&self.failures)
            .filter(|failure| !failure.skipped)
    }

    /// Adds the rows of `fragment`, another part of the same run. What this record has already
    /// stays first.
    pub fn merge(&mut self, fragment: Record) {
        self.run.duration_s += fragment.run.duration_s;
        for target in fragment.run.targets {
            if !self.run.targets.contains(&target) {
                self.run.targets.push(target);
            }
        }
        self.run.criterion = self.run.criterion.take().or(fragment.run.criterion);
        self.run.cut = self.run.cut.or(fragment.run.cut);
        self.run.started_utc = self.run.started_utc.clone().min(fragment.run.started_utc);
        for primitive in fragment.primitives {
            if self.primitive(&primitive.id).is_none() {
                self.primitives.push(primitive);
            }
        }
        self.cells.extend(fragment.cells);
        self.benches.extend(fragment.benches);
        self.counts.extend(fragment.counts);
        self.probes.extend(fragment.probes);
        self.footprints.extend(fragment.footprints);
        self.servings.extend(fragment.servings);
        self.crashes.extend(fragment.crashes);
        for failure in fragment.failures {
            if !self.failures.contains(&failure) {
                self.failures.push(failure);
            }
        }
        self.add_checks(fragment.checks);
    }

    /// Adds checks. Where an instrument was checked before, the worse finding stands, and of equals
    /// the later.
    pub fn add_checks(&mut self, checks: impl IntoIterator<Item = Check>) {
        let badness = |outcome| match outcome {
            CheckOutcome::Failed => 2,
            CheckOutcome::NotMeasurable => 1,
            CheckOutcome::Passed | CheckOutcome::Informative => 0,
        };
        for check in checks {
            match self.checks.iter_mut().find(|known| known.id == check.id) {
                Some(known) if badness(check.outcome) < badness(known.outcome) => {}
                Some(known) => *known = check,
                None => self.checks.push(check),
            }
        }
    }

    /// The cell with this id, if it was measured or failed.
    #[must_use]
    pub fn cell(&self, id: &Id) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.id == *id)
    }

    /// The probe with this id.
    #[must_use]
    pub fn probe(&self, id: &Id) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.id == *id)
    }

    /// The footprint with this id.
    #[must_use]
    pub fn footprint(&self, id: &Id) -> Option<&Footprint> {
        self.footprints.iter().find(|footprint| footprint.id == *id)
    }

    /// The server under load with this id.
    #[must_use]
    pub fn serving(&self, id: &Id) -> Option<&Serving> {
        self.servings.iter().find(|serving| serving.id == *id)
    }

    /// The shot at a server with this id.
    #[must_use]
    pub fn crash(&self, id: &Id) -> Option<&Crash> {
        self.crashes.iter().find(|crash| crash.id == *id)
    }

    /// The instrument check with this id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Core cycles that pass in a tick of the architecture's counter, where both clocks passed
    /// their checks.
    #[must_use]
    pub fn cycles_per_tick(&self) -> Option<f64> {
        let ghz = |id| {
            let check = self.check(id).filter(|check| check.outcome == CheckOutcome::Passed)?;
            check.figure.filter(|ghz| *ghz > 0.0)
        };
        Some(ghz("core-frequency")? / ghz("tick-rate")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, outcome: CheckOutcome, figure: f64) -> Check {
        Check {
            id: id.into(),
            figure: Some(figure),
            unit: String::new(),
            outcome,
            detail: String::new(),
        }
    }

    fn record() -> Record {
        let run = Run {
            started_utc: "2026-01-02T00:00:00Z".into(),
            duration_s: 1.0,
            targets: vec!["verdict".into()],
            ..Run::default()
        };
        Record { schema: SCHEMA, run, ..Record::default() }
    }

    /// Where the schema of a record stands; with `UPDATE=1` in the environment it is written anew.
    const JSON_SCHEMA: &str = "docs/record.schema.json";

    #[test]
    fn the_json_schema_is_that_of_the_types() {
        let schema = schemars::schema_for!(Record);
        let now = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(JSON_SCHEMA);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == now, "{JSON_SCHEMA} is not that of the types: UPDATE=1 cargo test --lib");
    }

    #[test]
    fn the_worse_check_stands_and_of_equals_the_later() {
        let mut record = record();
        record.add_checks([
            check("clock", CheckOutcome::Failed, 1.0),
            check("drift", CheckOutcome::Passed, 1.0),
            check("clock", CheckOutcome::Passed, 2.0),
            check("drift", CheckOutcome::Passed, 2.0),
        ]);
        let found: Vec<_> =
            record.checks.iter().map(|c| (c.id.as_str(), c.outcome, c.figure)).collect();
        assert_eq!(
            found,
            [
                ("clock", CheckOutcome::Failed, Some(1.0)),
                ("drift", CheckOutcome::Passed, Some(2.0))
            ]
        );
    }

    #[test]
    fn a_fragment_adds_its_rows_once_and_its_time() {
        let (mut whole, mut fragment) = (record(), record());
        fragment.run.targets = vec!["creation".into()];
        fragment.run.started_utc = "2026-01-01T00:00:00Z".into();
        fragment.failures.push(Failure::new("one thing", "a reason"));
        whole.merge(fragment.clone());
        whole.merge(fragment);
        assert_eq!(whole.failures.len(), 1);
        assert_eq!(whole.run.targets, ["verdict", "creation"]);
        assert_eq!(
            (whole.run.duration_s, whole.run.started_utc.as_str()),
            (3.0, "2026-01-01T00:00:00Z")
        );
    }
}
