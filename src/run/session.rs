//! A session: the measuring part of a run, one process of it.

mod feasible;
mod instruments;

use super::Wanted;
use super::ahead::Ahead;
use super::planned::{self, Planned};
use super::progress::{Progress, Watch};
use super::select::select;
use super::steadiness::steadiness;
use crate::counters;
use crate::lab;
use crate::machine;
use crate::plan::Grid;
use crate::primitive;
use crate::question;
use crate::record::{Fact, Failure, Finding, PROTOCOL, Policy, Record, Result, Run, SCHEMA, Value};
use crate::sampler::{self, Budget, Heard, Until};
use crate::sys::clock;
use crate::variables;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Environment variable that asks for the full grids.
pub const FULL_VARIABLE: &str = variables::FULL;

/// What a run is asked to be.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The target, or `run`.
    pub target: String,
    /// Fewer launches and pairs.
    pub quick: bool,
    /// The full grids, also where the environment does not ask for them.
    pub full: bool,
    /// One pair of each, nothing kept.
    pub test: bool,
    /// Only what decides claims, unless a filter asks for more.
    pub short: bool,
    /// The verdict's target goes on with what this one begins.
    pub goes_on: bool,
    /// A label for the folder.
    pub label: Option<String>,
    /// The name filter, for the record.
    pub filter: Option<String>,
    /// The lab's program as cargo names it.
    pub lab: Option<&'static str>,
    /// When it ends before it is through.
    pub until: Until,
    /// It ends after this time at the latest.
    pub time: Option<Duration>,
    /// What is shown while it goes on.
    pub watch: Watch,
}

/// The measuring part of a run.
#[derive(Debug)]
pub struct Session {
    bench: sampler::Bench,
    paired: Policy,
    short: bool,
    watch: Watch,
    started: Instant,
    time: Option<Duration>,
    frequency_before: Option<f64>,
    record: Record,
}

impl Session {
    /// Looks at the machine, without measuring anything yet.
    ///
    /// # Errors
    /// The lab's program cannot be found, /proc shows the processes of others, or the CPUs that may
    /// be used are unknown.
    pub fn begin(setting: &Setting) -> Result<Self> {
        // Before anything is started, which would inherit it.
        let settled = machine::settle();
        machine::own_processes()?;
        let full = setting.full || variables::full()?;
        let started = Instant::now();
        let mut machine = machine::describe()?;
        machine.facts.push(Fact::words("inherited state", settled.words()));
        machine.warnings.extend(settled.warning());
        machine.facts.push(dynamic_program());
        machine.facts.push(counters_fact());
        // What is asked for by name is all there is to measure: it gets verdicts.
        let chosen = full || setting.filter.is_some();
        let whole = if chosen { Budget::FULL_GRID } else { Budget::FULL };
        let budget = match (setting.test, setting.quick) {
            (true, _) => Budget::TEST,
            (_, true) => Budget::QUICK,
            _ if setting.goes_on => whole.early(),
            _ => whole,
        };
        let lab = lab::locate(setting.lab)?;
        let bench = sampler::Bench {
            reaper: lab.reaper(),
            lab,
            cores: machine::placement()?,
            budget,
            until: setting.until.at_most(setting.time),
        };
        let (paired, refused) = match lab::fifo_permitted() {
            Ok(policy) => (policy, None),
            Err(failure) => (Policy::Other, Some(failure)),
        };
        let run = run_of(setting, &machine.slug, full);
        let record = Record {
            schema: SCHEMA,
            run,
            machine,
            failures: refused.into_iter().collect(),
            ..Record::default()
        };
        let short = setting.short;
        Ok(Session {
            bench,
            paired,
            short,
            watch: setting.watch,
            started,
            time: setting.time,
            frequency_before: None,
            record,
        })
    }

    /// What is known so far.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What is known so far, to add to.
    pub fn record_mut(&mut self) -> &mut Record {
        &mut self.record
    }

    /// What every measurement of the run shares.
    #[must_use]
    pub fn bench(&self) -> &sampler::Bench {
        &self.bench
    }

    /// Goes on with a run that was cut short: what it has is not measured again.
    ///
    /// # Errors
    /// It is of another machine, another version, or was asked for something else: its figures do
    /// not belong beside those to come.
    pub fn go_on_with(&mut self, earlier: Record) -> Result<()> {
        let (then, now) = (&earlier.run, &self.record.run);
        let tried = || format!("going on with {}", then.id);
        let asked = |run: &Run| (run.quick, run.full, run.filter.clone());
        let (made, make) = (
            (&then.version, &then.revision, earlier.schema),
            (&now.version, &now.revision, self.record.schema),
        );
        if earlier.machine.slug != self.record.machine.slug {
            let why = format!("it is of another machine: {}", earlier.machine.slug);
            return Err(Failure::new(tried(), why).remedy("begin a new run"));
        }
        if made != make {
            let why = format!("another build made it: version {}", then.version);
            return Err(Failure::new(tried(), why).remedy("begin a new run"));
        }
        if asked(then) != asked(now) {
            let (then, now) = (extent(then), extent(now));
            let why = format!("it was asked for something else: {then}; this run is of {now}");
            return Err(Failure::new(tried(), why).remedy("add --resume to the words of that run"));
        }
        let mut earlier = earlier;
        self.record.run.resumed = Some(earlier.run.id.clone());
        earlier.run.cut = None;
        self.record.merge(earlier);
        Ok(())
    }

    /// What a filter asks for. Without one, a quick run is of what decides claims only.
    #[must_use]
    pub fn planned(&self, wanted: &Wanted) -> Vec<Planned> {
        let grid = if self.record.run.full { Grid::Full } else { Grid::Default };
        let short = (self.short || self.record.run.quick) && matches!(wanted, Wanted::All);
        select(Planned::all(self.paired, grid), wanted, short)
    }

    /// Measures it kind by kind, each in rounds; everything is a row of the record.
    pub fn measure(&mut self, planned: &[Planned]) {
        self.measure_in_turn(&[planned]);
    }

    /// The same of several parts, one after the other.
    pub fn measure_in_turn(&mut self, parts: &[&[Planned]]) {
        let parts: Vec<Vec<Planned>> = parts.iter().map(|part| self.feasible(part)).collect();
        let (budget, most) = (self.bench.budget, self.time);
        let most = most.map(|most| most.saturating_sub(self.started.elapsed()));
        let mut ahead = Ahead::of(parts.iter().flatten(), budget, most);
        for of_a_kind in parts.iter().flat_map(|part| part.chunk_by(planned::of_a_kind)) {
            if self.is_cut() {
                return;
            }
            ahead.begin(of_a_kind, budget);
            self.measure_kind(of_a_kind, &ahead);
        }
    }

    fn measure_kind(&mut self, of_a_kind: &[Planned], ahead: &Ahead) {
        let creation = |one: &Planned| one.question() == crate::question::creation::QUESTION.name;
        let pairs = matches!(of_a_kind, [Planned::Pair(_), ..]);
        if pairs && of_a_kind.iter().any(creation) {
            self.check_execs();
        }
        let jobs = planned::jobs(of_a_kind, &self.bench, &mut self.record.cells);
        let launches = jobs.iter().map(|job| job.launches(self.bench.budget)).sum();
        let mut progress = Progress::over(launches, self.watch).within(ahead.clone());
        let rows = sampler::rounds(jobs, &self.bench, &mut |heard| match heard {
            Heard::Launch(what) => progress.step(what),
            Heard::Row(row) => progress.row(row),
        });
        let cells = self.record.cells.len();
        rows.into_iter().for_each(|row| self.record.add(row));
        let steadiness = steadiness(&self.record.cells[cells..]);
        self.record.add_checks(steadiness);
        self.is_cut();
    }

    /// Is it to end before it is through? The record says why, from then on.
    pub fn is_cut(&mut self) -> bool {
        self.record.run.cut = self.record.run.cut.or(self.bench.until.cut());
        self.record.run.cut.is_some()
    }

    /// Measures one thing, of which nothing is kept, and says why it could not.
    pub fn test(&mut self, one: &Planned) -> Option<Failure> {
        let rows = planned::measure(std::slice::from_ref(one), &self.bench, &mut |_| {});
        rows.iter().find_map(|row| row.failure().cloned())
    }

    /// Ends the session: looks at the core's clock again and takes the time.
    #[must_use]
    pub fn finish(mut self) -> Record {
        let drift = self.drift();
        self.record.add_checks(drift);
        self.record.run.duration_s += self.started.elapsed().as_secs_f64();
        self.record.primitives = question::described(&self.record);
        self.record
    }
}

/// What a run is of, in words.
fn extent(run: &Run) -> String {
    let grid = match (run.quick, run.full) {
        (true, _) => ", quick",
        (_, true) => ", in full",
        _ => "",
    };
    let of = run.filter.as_ref().map_or("everything".to_owned(), |filter| format!("'{filter}'"));
    of + grid
}

/// Which program an exec of a dynamic program runs, or why none.
fn dynamic_program() -> Fact {
    let found = primitive::dynamic_program().map(Value::Text);
    let value = Finding::from(found.map_err(|failure| failure.to_string()));
    Fact { name: "dynamic program".to_owned(), value }
}

/// Which counters open here, and why the others do not.
fn counters_fact() -> Fact {
    Fact::words("counters", counters::survey().join("; "))
}

fn run_of(setting: &Setting, slug: &str, full: bool) -> Run {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let now = clock::utc(since_epoch as i64);
    let label = setting.label.as_ref().map_or(String::new(), |label| format!("-{label}"));
    Run {
        id: format!("{}-{slug}{label}", now.compact()),
        started_utc: now.to_string(),
        duration_s: 0.0,
        command: super::as_typed(),
        version: super::VERSION.to_owned(),
        protocol: Some(PROTOCOL),
        revision: super::revision(),
        quick: setting.quick,
        full,
        label: setting.label.clone(),
        filter: setting.filter.clone(),
        targets: vec![setting.target.clone()],
        criterion: None,
        cut: None,
        resumed: None,
    }
}
