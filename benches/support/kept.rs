//! Criterion's benchmarks of memory: an iteration is one idle unit that is kept, and its value is bytes.
//!
//! Criterion asks for as many iterations as its clock leads it to, at first for one. Of so few units a reading shows
//! the pages in stock for a CPU and little else, so a sample keeps some hundreds in a fresh lab, whatever was asked
//! for, and hands over their bytes per unit times the iterations.

use super::bytes::Bytes;
use super::criterion_bench::configured;
use super::log::Log;
use criterion::{Criterion, SamplingMode};
use process_vs_thread::plan::memory::{self, Keeping};
use process_vs_thread::record::{Arm, Failure, LabState, Result};
use process_vs_thread::run::{Flags, Mode, Session, Wanted};
use process_vs_thread::sampler;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Samples of a benchmark: each is hundreds of units in a lab of its own, and one is much like the next.
const SAMPLES: usize = 10;
/// Units of a sample.
const UNITS: [u64; 2] = [256, 1_000];
/// Time between the last unit's check-in and the reading.
const SETTLE: Duration = Duration::from_millis(20);

/// Drives the benchmarks of memory.
pub(super) struct Kept<'s> {
    session: &'s mut Session,
    flags: &'s Flags,
    wanted: &'s Wanted,
}

impl<'s> Kept<'s> {
    pub(super) fn new(session: &'s mut Session, flags: &'s Flags, wanted: &'s Wanted) -> Self {
        Kept { session, flags, wanted }
    }

    /// Runs every benchmark, then Criterion's summary.
    pub(super) fn run(&mut self) {
        let mut criterion = configured(Bytes, SAMPLES);
        for keeping in memory::keepings().iter().filter(|keeping| keeping.is_bench()) {
            if self.wanted.matches(&keeping.id) {
                self.bench(&mut criterion, keeping);
            }
        }
        criterion.final_summary();
    }

    fn bench(&mut self, criterion: &mut Criterion<Bytes>, keeping: &Keeping) {
        let (group, name) = keeping.id.split_once('/').unwrap_or(("", &keeping.id));
        let (log, kept) = (RefCell::new(Log::default()), RefCell::new(Ok(LabState::default())));
        let session = &*self.session;
        let routine = |iterations| match sample(session, keeping, iterations) {
            Ok((bytes, state)) => {
                log.borrow_mut().add(iterations, bytes);
                *kept.borrow_mut() = Ok(state);
                bytes
            }
            Err(failure) => {
                *kept.borrow_mut() = Err(failure);
                // Criterion takes no errors from a benchmark: this one ends here, the target goes on.
                std::panic::resume_unwind(Box::new(()))
            }
        };
        let mut benches = criterion.benchmark_group(group);
        benches.sampling_mode(SamplingMode::Flat);
        let ran = catch_unwind(AssertUnwindSafe(|| {
            benches.bench_function(name, |bencher| bencher.iter_custom(routine));
        }));
        benches.finish();
        let record = match (ran, kept.into_inner()) {
            (_, Err(failure)) => {
                eprintln!("{} skipped: {failure}", keeping.id);
                let tried = format!("{}: {}", keeping.id, failure.tried);
                return self.session.record_mut().failures.push(Failure { tried, ..failure });
            }
            (Err(panic), Ok(_)) => std::panic::resume_unwind(panic),
            (Ok(()), Ok(_)) if self.flags.mode == Mode::List => return,
            (Ok(()), Ok(state)) => {
                let arm = Arm::new(&keeping.id);
                log.borrow().row(&keeping.id, &arm, "bytes", &state, self.flags, SAMPLES)
            }
        };
        self.session.record_mut().benches.push(record);
    }
}

/// Bytes of as many units as there are iterations, and what the lab was without any.
fn sample(session: &Session, keeping: &Keeping, iterations: u64) -> Result<(f64, LabState)> {
    let units = iterations.clamp(UNITS[0], UNITS[1]) as u32;
    let (launch, state) = sampler::launch(session.bench(), keeping, &[units], SETTLE)?;
    let [none, all] = launch.readings.as_slice() else {
        return Err(Failure::new("reading memory", "it was not read twice"));
    };
    let bytes = all.total_bytes as f64 - none.total_bytes as f64;
    match bytes > 0.0 {
        true => Ok((bytes / f64::from(units) * iterations as f64, state)),
        false => {
            let why = format!("there were {bytes} bytes more with {units} units than without");
            Err(Failure::new("reading memory", why))
        }
    }
}
