//! Criterion drives labs: it asks for iterations, a lab does them and says how long they took.

use super::guarded::{bench, configured, guarded};
use super::kept::Kept;
use super::log::SAMPLES;
use super::measured::Unit;
use super::state;
use criterion::SamplingMode;
use process_vs_thread::lab::{Batch, Lab, Spec};
use process_vs_thread::plan::Grid;
use process_vs_thread::question::switching::plan as switching;
use process_vs_thread::question::{Question, arm};
use process_vs_thread::record::{Arm, Failure, Modes, Outcome, Placement, Result};
use process_vs_thread::run::{self, Flags, Mode, Session, Wanted};
use process_vs_thread::sys::clock;
use std::time::Duration;

/// Aimed length of a benchmark's measurement.
pub(super) const MEASURED: Duration = Duration::from_millis(600);
/// The same of servers, in samples of equal size ([`sampling`]).
const MEASURED_SERVERS: Duration = Duration::from_millis(500);

/// Drives the benchmarks of one question.
pub(super) struct Driver<'s> {
    session: &'s mut Session,
    question: &'static Question,
    flags: &'s Flags,
    wanted: &'s Wanted,
    grid: Grid,
}

/// How a benchmark's value is read off a batch.
struct Reading<'r> {
    unit: Unit,
    counting: Option<Modes>,
    value: &'r dyn Fn(&Batch) -> Result<f64>,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        session: &'s mut Session,
        question: &'static Question,
        flags: &'s Flags,
        wanted: &'s Wanted,
    ) -> Self {
        // What is asked for by name, or with a filter, is measured whole.
        let whole =
            session.record().run.full || run::asked_for(question.name) || flags.filter.is_some();
        let grid = if whole { Grid::Full } else { Grid::Default };
        Driver { session, question, flags, wanted, grid }
    }

    /// Runs every benchmark of the question, then Criterion's summary.
    ///
    /// # Errors
    /// Criterion refuses the command line.
    pub(super) fn run(&mut self) -> Result<()> {
        let measured = match self.question.name {
            "servers" => MEASURED_SERVERS,
            _ => MEASURED,
        };
        let value = |batch: &Batch| Ok(batch.half.elapsed_ns as f64);
        let nanoseconds = Reading { unit: Unit::Time, counting: None, value: &value };
        let benches = (self.question.benches)(self.grid);
        self.each(measured, self.question.name, &benches, &nanoseconds)?;
        match self.question.name {
            "switching" => self.cycles_per_switch(),
            "memory" => Kept::new(self.session, self.flags, self.wanted, self.grid).run(),
            _ => Ok(()),
        }
    }

    /// Cycles per switch: counted where the event opens, else ticks of the invariant counter,
    /// called what they are.
    fn cycles_per_switch(&mut self) -> Result<()> {
        let mut arms = switching::usual();
        // A condition variable is a futex with more around it.
        arms.retain(|arm| self.grid == Grid::Full || !arm.primitive.starts_with("condvar"));
        if self.cycles_open() {
            let value = |batch: &Batch| per_switch(batch, counted_cycles(batch)?);
            let (unit, counting) = (Unit::Cycles("cycles"), Some(Modes::UserKernel));
            let reading = Reading { unit, counting, value: &value };
            return self.each(MEASURED, "cycles-per-switch", &arms, &reading);
        }
        if clock::ticks() > 0 {
            let value = |batch: &Batch| per_switch(batch, batch.half.elapsed_ticks as f64);
            let unit = Unit::Cycles("reference cycles");
            let reading = Reading { unit, counting: None, value: &value };
            return self.each(MEASURED, "reference-cycles-per-switch", &arms, &reading);
        }
        Ok(())
    }

    /// Does the cycles event open in a lab, kernel included?
    fn cycles_open(&self) -> bool {
        let probe = self.launch(&arm("baseline/getppid"), Some(Modes::UserKernel));
        probe.and_then(|mut lab| counted_cycles(&lab.batch(0, 10_000)?)).is_ok()
    }

    fn each(
        &mut self,
        measured: Duration,
        group: &str,
        arms: &[Arm],
        reading: &Reading<'_>,
    ) -> Result<()> {
        let mut criterion = configured(reading.unit, SAMPLES, measured)?;
        let mut benches = criterion.benchmark_group(group);
        benches.sampling_mode(sampling(self.question));
        for arm in arms {
            let name = name(arm);
            let id = format!("{group}/{name}");
            if !self.wanted.matches(&id) || self.session.is_cut() {
                continue;
            }
            let mut lab = match self.flags.mode {
                // Nothing runs when names are listed.
                Mode::List => None,
                _ => match self.launch(arm, reading.counting) {
                    Ok(lab) => Some(lab),
                    Err(failure) => {
                        state(self.session, &id, "skipped", failure);
                        continue;
                    }
                },
            };
            let before = lab.as_ref().map(|lab| lab.state().clone()).unwrap_or_default();
            let (sampled, reported) = bench(&mut benches, &name, |iterations| match &mut lab {
                Some(lab) => (reading.value)(&lab.batch(0, iterations)?),
                None => Err(Failure::new("taking a sample", "there is no lab")),
            });
            match sampled {
                // When names are listed, or old samples compared.
                Ok(log) if log.is_empty() => {}
                Ok(log) => {
                    let unit = reading.unit.name();
                    let row = log.row(&id, arm, unit, &before, self.flags, SAMPLES);
                    self.session.record_mut().benches.push(row);
                }
                Err(failure) => state(self.session, &id, "skipped", failure),
            }
            if let Err(failure) = reported {
                state(self.session, &id, "not reported whole", failure);
            }
        }
        let done = guarded("having Criterion report the group", || benches.finish());
        let summed = guarded("having Criterion sum up", || criterion.final_summary());
        for failure in [done, summed].into_iter().filter_map(Result::err) {
            state(self.session, group, "not reported whole", failure);
        }
        Ok(())
    }

    fn launch(&self, arm: &Arm, counting: Option<Modes>) -> Result<Lab> {
        let bench = self.session.bench();
        Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, counting)?)
    }
}

/// Criterion's samples grow from a few iterations on. Of a few requests to each of many
/// connections, most of the time is that in which connections run out of them: so there all samples
/// are of one size.
fn sampling(question: &'static Question) -> SamplingMode {
    match question.name {
        "servers" => SamplingMode::Flat,
        _ => SamplingMode::Auto,
    }
}

/// The benchmark's name within its group: the primitive, and what is not as usual.
fn name(arm: &Arm) -> String {
    let mut name = arm.primitive.replace('/', "-");
    if arm.actors > 0 {
        name.push_str(&format!("/x{}", arm.actors));
    }
    if arm.pages > 0 {
        name.push_str(&format!("/{}pages", arm.pages));
    }
    if arm.parent.memory_bytes > 0 {
        name.push_str(&format!("/{}MiB", arm.parent.mebibytes()));
    }
    if arm.amount > 0 {
        name.push_str(&format!("/{}", arm.amount));
    }
    // Of what the C library can call as well, as programs do.
    if switching::inlined().contains(arm) {
        name.push_str("/inlined");
    }
    if arm.placement != Placement::SameCore {
        name.push_str(&format!("/{}", arm.placement));
    }
    name
}

fn counted_cycles(batch: &Batch) -> Result<f64> {
    let cycles = batch.readings.iter().find(|reading| reading.event == "cycles");
    match cycles.map(|reading| &reading.outcome) {
        Some(Outcome::Counted { count, .. }) => Ok(*count),
        Some(Outcome::Missing { reason }) => Err(Failure::new("counting cycles", reason)),
        None => Err(Failure::new("counting cycles", "the benchmark process did not count")),
    }
}

/// The total that makes Criterion's division by iterations a division by switches.
fn per_switch(batch: &Batch, total: f64) -> Result<f64> {
    match batch.half.switches {
        0 => Err(Failure::new("dividing by context switches", "there were none")),
        switches => Ok(total * batch.half.ops as f64 / switches as f64),
    }
}
