//! The counting pass: the same arms again with counters open, so that counting disturbs no time.

use super::Bench;
use crate::lab::{Lab, Spec};
use crate::record::{Arm, Count, Modes, Result};

/// Aimed length of a counted batch, nanoseconds: long enough that reading the counters is nothing beside it.
const BATCH_NS: f64 = 30e6;
/// Fewest operations of a counted batch.
const LEAST_OPS: u64 = 50;
/// Operations of the first trial, for primitives of nanoseconds.
const MORE_OPS: u64 = 100_000;

/// Counts one arm, with the kernel and without it.
///
/// # Errors
/// A lab that could not be prepared or died. A counter that does not open is no failure but a reading with a reason.
pub fn count(bench: &Bench, arm: &Arm, _launches: usize) -> Result<Vec<Count>> {
    let mut plain = Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, None)?)?;
    let mut trial = plain.batch(2, LEAST_OPS)?.half;
    if trial.ns_per_op() < 1_000.0 {
        trial = plain.batch(0, MORE_OPS)?.half;
    }
    let ops = ((BATCH_NS / trial.ns_per_op().max(0.1)) as u64).max(LEAST_OPS);
    let uncounted = plain.batch(2, ops)?.half;
    drop(plain);
    [Modes::UserKernel, Modes::User]
        .into_iter()
        .map(|modes| {
            let mut lab = Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, Some(modes))?)?;
            let counted = lab.batch(2, ops)?;
            let disturbance = counted.half.ns_per_op() / uncounted.ns_per_op();
            Ok(Count {
                arm: arm.clone(),
                launch: 0,
                ops,
                switches: counted.half.switches,
                lab: lab.state().clone(),
                disturbance: disturbance.is_finite().then_some(disturbance),
                readings: counted.readings,
            })
        })
        .collect()
}
