//! A session: the measuring part of a run, one process of it.

mod instruments;
mod keeping;
mod probing;
mod serving;

use super::Wanted;
use super::progress::Progress;
use super::select::select;
use super::steadiness::steadiness;
use crate::counters;
use crate::lab::{self, Cores};
use crate::machine;
use crate::plan::{self, Counted, Experiment, Grid, Question};
use crate::primitive;
use crate::record::{Fact, Failure, Policy, Record, Result, Run, SCHEMA};
use crate::sampler::{self, Budget};
use crate::sys::clock;
use crate::sys::memory::page_bytes;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Environment variable that asks for the full grids.
pub const FULL_VARIABLE: &str = "PROCESS_VS_THREAD_FULL";

/// What a run is asked to be.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The target, or `run`.
    pub target: String,
    /// Fewer launches and pairs.
    pub quick: bool,
    /// One pair of each, nothing kept.
    pub test: bool,
    /// Only the headlines, unless a filter asks for more.
    pub short: bool,
    /// A label for the folder.
    pub label: Option<String>,
    /// The name filter, for the record.
    pub filter: Option<String>,
    /// The lab's program as cargo names it.
    pub lab: Option<&'static str>,
}

/// The measuring part of a run.
#[derive(Debug)]
pub struct Session {
    bench: sampler::Bench,
    paired: Policy,
    short: bool,
    started: Instant,
    frequency_before: Option<f64>,
    record: Record,
}

impl Session {
    /// Looks at the machine, without measuring anything yet.
    ///
    /// # Errors
    /// The lab's program cannot be found, or /proc shows the processes of others.
    pub fn begin(setting: &Setting) -> Result<Self> {
        machine::own_processes()?;
        let started = Instant::now();
        let mut machine = machine::describe();
        let page = format!("{} KiB", page_bytes() >> 10);
        machine.facts.push(Fact { name: "page size".to_owned(), value: page });
        machine.facts.push(dynamic_program());
        machine.facts.push(counters_fact());
        let placed = machine::placement();
        let other = placed.other.ok_or_else(|| {
            placed
                .why_no_other
                .unwrap_or_else(|| Failure::new("finding a second core", "there is none"))
        });
        let budget = match (setting.test, setting.quick) {
            (true, _) => Budget::TEST,
            (_, true) => Budget::QUICK,
            _ => Budget::FULL,
        };
        let lab = lab::locate(setting.lab)?;
        let bench = sampler::Bench {
            keeper: lab.keeper(),
            lab,
            cores: Cores { main: placed.main, other, all: placed.all },
            budget,
        };
        let (paired, refused) = match lab::fifo_permitted() {
            Ok(policy) => (policy, None),
            Err(failure) => (Policy::Other, Some(failure)),
        };
        let run = run_of(setting, &machine.slug);
        let record = Record {
            schema: SCHEMA,
            run,
            machine,
            checks: Vec::new(),
            cells: Vec::new(),
            benches: Vec::new(),
            counts: Vec::new(),
            probes: Vec::new(),
            footprints: Vec::new(),
            servings: Vec::new(),
            crashes: Vec::new(),
            failures: refused.into_iter().collect(),
        };
        let short = setting.short;
        Ok(Session { bench, paired, short, started, frequency_before: None, record })
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

    /// The paired experiments that a filter asks for. Without a filter, a quick run is of the headlines only.
    #[must_use]
    pub fn experiments(&self, wanted: &Wanted) -> Vec<Experiment> {
        let grid = if self.record.run.full { Grid::Full } else { Grid::Default };
        select(plan::experiments(self.paired, grid), wanted, self.short(wanted))
    }

    /// The arms of the counting pass that a filter asks for, as `count/` and the arm.
    #[must_use]
    pub fn counted(&self, wanted: &Wanted) -> Vec<Counted> {
        let short = self.short(wanted);
        // Misses that rings count decide B1 as its cells do.
        let claimed = |c: &Counted| c.question == Question::Translation && wanted.matches("B1");
        let named = |c: &Counted| wanted.matches(&format!("count/{}", c.arm));
        let chosen = |c: &Counted| (named(c) || claimed(c)) && (c.headline || !short);
        plan::counted(self.paired).into_iter().filter(chosen).collect()
    }

    fn short(&self, wanted: &Wanted) -> bool {
        (self.short || self.record.run.quick) && matches!(wanted, Wanted::All)
    }

    /// Measures the experiments in rounds, each a cell of the record.
    pub fn pair(&mut self, experiments: &[Experiment]) {
        let experiments = &self.feasible(experiments);
        self.check_execs(experiments);
        let planned = self.bench.budget.launches;
        let mut progress = Progress::over(experiments.len() * planned);
        let cells =
            sampler::measure(&self.bench, experiments, &mut |experiment, launches, width| {
                let aim = experiment.protocol().precision_aim * 100.0;
                let width =
                    width.map_or(String::new(), |w| format!(" · ±{:.1} % (aim {aim})", w * 100.0));
                let of = planned.max(launches + 1);
                progress.step(&format!("{} · launch {}/{of}{width}", experiment.id, launches + 1));
            });
        self.record.add_checks(steadiness(&cells));
        self.record.cells.extend(cells);
    }

    /// Without huge pages to give to labs, hundreds of cells would each say so; here it is said once.
    fn feasible(&mut self, experiments: &[Experiment]) -> Vec<Experiment> {
        let (mut feasible, huge): (Vec<Experiment>, Vec<Experiment>) =
            experiments.iter().cloned().partition(|e| !e.a.huge);
        match machine::free_huge_pages() {
            Some(0) | None if !huge.is_empty() => {
                let tried = format!("measuring {} cells within huge pages", huge.len());
                let failure = Failure::new(tried, "the kernel's pool of huge pages is empty");
                let remedy = "reserve some before the run: sysctl vm.nr_hugepages=8";
                self.record.failures.push(failure.remedy(remedy));
            }
            _ => feasible.extend(huge),
        }
        feasible
    }

    /// Makes the counting pass over the arms.
    pub fn count(&mut self, counted: &[Counted]) {
        let mut progress = Progress::over(counted.len());
        for Counted { arm, launches, .. } in counted {
            progress.step(&format!("counting {arm}"));
            let counts = &mut self.record.counts;
            if let Err(failure) = sampler::count(&self.bench, arm, *launches, counts) {
                let tried = format!("counting {arm}: {}", failure.tried);
                self.record.failures.push(Failure { tried, ..failure });
            }
        }
    }

    /// Ends the session: looks at the core's clock again and takes the time.
    #[must_use]
    pub fn finish(mut self) -> Record {
        let drift = self.drift();
        self.record.add_checks(drift);
        self.record.run.duration_s += self.started.elapsed().as_secs_f64();
        self.record
    }
}

/// Which program an exec of a dynamic program runs, or why none.
fn dynamic_program() -> Fact {
    let value = primitive::dynamic_program().unwrap_or_else(|failure| failure.to_string());
    Fact { name: "dynamic program".to_owned(), value }
}

/// Which counters open here, and why the others do not.
fn counters_fact() -> Fact {
    let value = counters::survey().join("; ");
    Fact { name: "counters".to_owned(), value }
}

fn run_of(setting: &Setting, slug: &str) -> Run {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let now = clock::utc(since_epoch as i64);
    let label = setting.label.as_ref().map_or(String::new(), |label| format!("-{label}"));
    Run {
        id: format!("{}-{slug}{label}", now.compact()),
        started_utc: now.to_string(),
        duration_s: 0.0,
        command: super::as_typed(),
        version: super::VERSION.to_owned(),
        revision: super::revision(),
        quick: setting.quick,
        full: std::env::var_os(FULL_VARIABLE).is_some_and(|value| value == "1"),
        label: setting.label.clone(),
        filter: setting.filter.clone(),
        targets: vec![setting.target.clone()],
        criterion: None,
    }
}
