//! Criterion's benchmarks of memory: an iteration is one idle unit that is kept, and its value is
//! bytes.
//!
//! Criterion asks for as many iterations as its clock leads it to, at first for one. Of so few
//! units a reading shows the pages in stock for a CPU and little else, so a sample keeps some
//! hundreds in a fresh lab, whatever was asked for, and hands over their bytes per unit times the
//! iterations.

use super::guarded::{bench, configured, guarded};
use super::measured::{Measured, Unit};
use super::state;
use criterion::{Criterion, SamplingMode};
use process_vs_thread::plan::{Grid, Keeping};
use process_vs_thread::question::memory::plan as memory;
use process_vs_thread::record::{Arm, Failure, LabState, Result, Work};
use process_vs_thread::run::{Flags, Session, Wanted};
use process_vs_thread::sampler;
use std::time::Duration;

/// Samples of a benchmark: each is hundreds of units in a lab of its own, and one is much like the
/// next.
const SAMPLES: usize = 10;
/// What ten samples take at most here, so that Criterion asks for no more time.
const MEASURED: Duration = Duration::from_secs(10);
/// Fewest and most units of a sample: as many as a footprint's first reading has, if those are
/// within.
const UNITS: [u32; 2] = [256, 1_000];
/// Time between the last unit's check-in and the reading.
const SETTLE: Duration = Duration::from_millis(20);

/// Drives the benchmarks of memory.
pub(super) struct Kept<'s> {
    session: &'s mut Session,
    flags: &'s Flags,
    wanted: &'s Wanted,
    grid: Grid,
}

impl<'s> Kept<'s> {
    pub(super) fn new(
        session: &'s mut Session,
        flags: &'s Flags,
        wanted: &'s Wanted,
        grid: Grid,
    ) -> Self {
        Kept { session, flags, wanted, grid }
    }

    /// Runs every benchmark, then Criterion's summary.
    ///
    /// # Errors
    /// Criterion refuses the command line.
    pub(super) fn run(&mut self) -> Result<()> {
        let mut criterion = configured(Unit::Bytes, SAMPLES, MEASURED)?;
        let (all, grid) = (memory::keepings(), self.grid);
        for keeping in all.iter().filter(|keeping| memory::is_bench(keeping, grid)) {
            if self.wanted.matches(&keeping.id.to_string()) {
                self.bench(&mut criterion, keeping);
            }
        }
        if let Err(failure) = guarded("having Criterion sum up", || criterion.final_summary()) {
            state(self.session, "memory", "not reported whole", failure);
        }
        Ok(())
    }

    fn bench(&mut self, criterion: &mut Criterion<Measured>, keeping: &Keeping) {
        let id = keeping.id.to_string();
        let (group, name) = id.split_once('/').unwrap_or(("", &id));
        let mut benches = criterion.benchmark_group(group);
        benches.sampling_mode(SamplingMode::Flat);
        let (session, mut without) = (&*self.session, LabState::default());
        let (sampled, reported) = bench(&mut benches, name, |iterations| {
            let (bytes, state) = sample(session, keeping, iterations)?;
            without = state;
            Ok(bytes)
        });
        let done = guarded("having Criterion report the group", || benches.finish());
        match sampled {
            // When names are listed, or old samples compared.
            Ok(log) if log.is_empty() => {}
            Ok(log) => {
                let arm = Arm::new(&id, Work::Keeps);
                let row = log.row(&id, &arm, "bytes", &without, self.flags, SAMPLES);
                self.session.record_mut().benches.push(row);
            }
            Err(failure) => state(self.session, &id, "skipped", failure),
        }
        for failure in [reported, done].into_iter().filter_map(Result::err) {
            state(self.session, &id, "not reported whole", failure);
        }
    }
}

/// Bytes of as many units as there are iterations, and what the lab was without any.
fn sample(session: &Session, keeping: &Keeping, iterations: u64) -> Result<(f64, LabState)> {
    let least = keeping.units[0].clamp(UNITS[0], UNITS[1]);
    let units = iterations.clamp(least.into(), UNITS[1].into()) as u32;
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
