//! The counting pass: the same arms again with counters open, so that counting disturbs no time.

use super::Bench;
use crate::lab::{Lab, Spec};
use crate::record::{Arm, Count, Modes, Result};

/// Aimed length of a counted batch, nanoseconds: long enough that reading the counters is nothing beside it.
const BATCH_NS: f64 = 30e6;
/// Bounds on the operations of a counted batch.
const OPS: [f64; 2] = [50.0, 20_000.0];

/// Counts one arm, with the kernel and without it.
///
/// # Errors
/// A lab that could not be prepared or died. A counter that does not open is no failure but a reading with a reason.
pub fn count(bench: &Bench, arm: &Arm) -> Result<Vec<Count>> {
    let mut plain = Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, None)?)?;
    let trial = plain.batch(2, OPS[0] as u64)?.half;
    let ops = (BATCH_NS / trial.ns_per_op().max(1.0)).clamp(OPS[0], OPS[1]) as u64;
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
                ops,
                switches: counted.half.switches,
                disturbance: disturbance.is_finite().then_some(disturbance),
                readings: counted.readings,
            })
        })
        .collect()
}
