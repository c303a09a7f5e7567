//! Criterion drives labs: it asks for iterations, a lab does them and says how long they took.

use super::cycles::Cycles;
use super::kept::Kept;
use super::log::{Log, SAMPLES};
use criterion::measurement::{Measurement, WallTime};
use criterion::{Criterion, PlottingBackend, SamplingMode};
use process_vs_thread::lab::{Batch, Lab, Spec};
use process_vs_thread::plan::{self, Question};
use process_vs_thread::record::{Arm, Failure, Modes, Outcome, Placement, Result};
use process_vs_thread::run::{Flags, Mode, Session, Wanted};
use process_vs_thread::sys::clock;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Aimed length of a benchmark's measurement.
pub(super) const MEASURED: Duration = Duration::from_millis(1_000);
/// The same of servers, in samples of equal size ([`sampling`]).
const MEASURED_SERVERS: Duration = Duration::from_millis(500);

/// Drives the benchmarks of one question.
pub(super) struct Driver<'s> {
    session: &'s mut Session,
    question: Question,
    flags: &'s Flags,
    wanted: &'s Wanted,
}

/// How a benchmark's value is read off a batch.
struct Reading<'r, V> {
    unit: &'r str,
    counting: Option<Modes>,
    value: &'r dyn Fn(&Batch) -> Result<V>,
    number: &'r dyn Fn(&V) -> f64,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        session: &'s mut Session,
        question: Question,
        flags: &'s Flags,
        wanted: &'s Wanted,
    ) -> Self {
        Driver { session, question, flags, wanted }
    }

    /// Runs every benchmark of the question, then Criterion's summary.
    pub(super) fn run(&mut self) {
        let measured = match self.question {
            Question::Servers => MEASURED_SERVERS,
            _ => MEASURED,
        };
        let mut criterion = configured(WallTime, SAMPLES, measured);
        let nanoseconds = Reading {
            unit: "ns",
            counting: None,
            value: &|batch| Ok(Duration::from_nanos(batch.half.elapsed_ns)),
            number: &|time: &Duration| time.as_nanos() as f64,
        };
        self.each(
            &mut criterion,
            self.question.name(),
            &plan::benches(self.question),
            &nanoseconds,
        );
        criterion.final_summary();
        match self.question {
            Question::Switching => self.cycles_per_switch(),
            Question::Memory => Kept::new(self.session, self.flags, self.wanted).run(),
            _ => {}
        }
    }

    /// Cycles per switch: counted where the event opens, else ticks of the invariant counter, called what they are.
    fn cycles_per_switch(&mut self) {
        let arms: Vec<Arm> = ["pipe", "futex", "condvar"]
            .iter()
            .flat_map(|kind| {
                ["thread", "process"].map(|actor| Arm::new(&format!("{kind}/{actor}")))
            })
            .collect();
        let counted = self.cycles_open();
        if counted {
            let value = |batch: &Batch| per_switch(batch, counted_cycles(batch)?);
            let counting = Some(Modes::UserKernel);
            let reading =
                Reading { unit: "cycles", counting, value: &value, number: &|v: &f64| *v };
            let mut criterion = configured(Cycles { unit: "cycles" }, SAMPLES, MEASURED);
            self.each(&mut criterion, "cycles-per-switch", &arms, &reading);
            criterion.final_summary();
        } else if clock::ticks() > 0 {
            let value = |batch: &Batch| per_switch(batch, batch.half.elapsed_ticks as f64);
            let unit = "reference cycles";
            let reading = Reading { unit, counting: None, value: &value, number: &|v: &f64| *v };
            let mut criterion = configured(Cycles { unit }, SAMPLES, MEASURED);
            self.each(&mut criterion, "reference-cycles-per-switch", &arms, &reading);
            criterion.final_summary();
        }
    }

    /// Does the cycles event open in a lab, kernel included?
    fn cycles_open(&self) -> bool {
        let probe = self.launch(&Arm::new("baseline/getppid"), Some(Modes::UserKernel));
        probe.and_then(|mut lab| counted_cycles(&lab.batch(0, 10_000)?)).is_ok()
    }

    fn each<M, V>(
        &mut self,
        criterion: &mut Criterion<M>,
        group: &str,
        arms: &[Arm],
        reading: &Reading<'_, V>,
    ) where
        M: Measurement<Value = V> + 'static,
    {
        let mut benches = criterion.benchmark_group(group);
        benches.sampling_mode(sampling(self.question));
        for arm in arms {
            let name = name(arm);
            let id = format!("{group}/{name}");
            if !self.wanted.matches(&id) {
                continue;
            }
            let lab = match self.flags.mode {
                // Nothing runs when names are listed.
                Mode::List => None,
                _ => match self.launch(arm, reading.counting) {
                    Ok(lab) => Some(lab),
                    Err(failure) => {
                        self.skip(&id, failure);
                        continue;
                    }
                },
            };
            let state = lab.as_ref().map(|lab| lab.state().clone()).unwrap_or_default();
            let (lab, log, failed) =
                (RefCell::new(lab), RefCell::new(Log::default()), RefCell::new(None));
            let routine = |iterations| {
                let asked = lab.borrow_mut().as_mut().map(|lab| lab.batch(0, iterations));
                let value = asked.and_then(|batch| match batch.and_then(|b| (reading.value)(&b)) {
                    Ok(value) => Some(value),
                    Err(failure) => failed.replace(Some(failure)).and(None),
                });
                // Criterion takes no errors from a benchmark: this one ends here, the target goes on.
                let Some(value) = value else { std::panic::resume_unwind(Box::new(())) };
                log.borrow_mut().add(iterations, (reading.number)(&value));
                value
            };
            let ran = catch_unwind(AssertUnwindSafe(|| {
                benches.bench_function(&*name, |bencher| bencher.iter_custom(routine));
            }));
            match (ran, failed.into_inner()) {
                (_, Some(failure)) => self.skip(&id, failure),
                (Err(panic), None) => std::panic::resume_unwind(panic),
                (Ok(()), None) => {
                    let row = log.borrow().row(&id, arm, reading.unit, &state, self.flags, SAMPLES);
                    self.session.record_mut().benches.push(row);
                }
            }
        }
        benches.finish();
    }

    fn launch(&self, arm: &Arm, counting: Option<Modes>) -> Result<Lab> {
        let bench = self.session.bench();
        Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, counting)?)
    }

    fn skip(&mut self, id: &str, failure: Failure) {
        eprintln!("{id} skipped: {failure}");
        let tried = format!("{id}: {}", failure.tried);
        self.session.record_mut().failures.push(Failure { tried, ..failure });
    }
}

/// Criterion's samples grow from a few iterations on. Of a few requests to each of many connections, most of the time is
/// that in which connections run out of them: so there all samples are of one size.
fn sampling(question: Question) -> SamplingMode {
    match question {
        Question::Servers => SamplingMode::Flat,
        _ => SamplingMode::Auto,
    }
}

/// Short enough that a whole run stays within its minutes; set here and not on groups, whose settings would win over
/// the user's flags.
pub(super) fn configured<M: Measurement + 'static>(
    measurement: M,
    samples: usize,
    measured: Duration,
) -> Criterion<M> {
    Criterion::default()
        .with_measurement(measurement)
        .sample_size(samples)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(measured)
        .nresamples(10_000)
        .plotting_backend(PlottingBackend::Plotters)
        .configure_from_args()
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
        None => Err(Failure::new("counting cycles", "the lab did not try")),
    }
}

/// The total that makes Criterion's division by iterations a division by switches.
fn per_switch(batch: &Batch, total: f64) -> Result<f64> {
    match batch.half.switches {
        0 => Err(Failure::new("dividing by context switches", "there were none")),
        switches => Ok(total * batch.half.ops as f64 / switches as f64),
    }
}
