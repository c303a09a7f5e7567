//! The log of a benchmark: what each call of Criterion's closure came to.

use process_vs_thread::record::{Arm, Bench, LabState};
use process_vs_thread::run::Flags;

/// Samples of a benchmark. With Criterion's hundred, which grow, a fork would be made 5,050 times.
pub(super) const SAMPLES: usize = 50;
/// Samples with `--quick`.
const QUICK_SAMPLES: usize = 2;

/// Iterations and totals of every call, warm-up included.
#[derive(Debug, Default)]
pub struct Log(Vec<(u64, f64)>);

impl Log {
    pub(super) fn add(&mut self, iterations: u64, measured: f64) {
        self.0.push((iterations, measured));
    }

    /// Was nothing measured?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row of the record. Criterion's samples are its last calls; those before warmed up.
    pub(super) fn row(
        &self,
        id: &str,
        arm: &Arm,
        unit: &str,
        lab: &LabState,
        flags: &Flags,
        usual_samples: usize,
    ) -> Bench {
        let samples = match flags.quick {
            true => QUICK_SAMPLES,
            false => flags.sample_size.unwrap_or(usual_samples),
        };
        let kept = &self.0[self.0.len().saturating_sub(samples)..];
        Bench {
            id: id.to_owned(),
            arm: arm.clone(),
            unit: unit.to_owned(),
            iterations: kept.iter().map(|(iterations, _)| *iterations).collect(),
            measured: kept.iter().map(|(_, measured)| *measured).collect(),
            lab: lab.clone(),
        }
    }
}
