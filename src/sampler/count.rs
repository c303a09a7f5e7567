//! The counting pass: the same arms again with counters open, so that counting disturbs no time.

use super::{Bench, Budget, Job};
use crate::counters::EVENTS;
use crate::lab::{Lab, Spec};
use crate::plan::Counted;
use crate::record::{Arm, Count, Failure, Modes, Outcome, Reading, Result, Row};

/// Aimed length of a counted batch, nanoseconds: long enough that reading the counters is nothing
/// beside it.
const BATCH_NS: f64 = 30e6;
/// Fewest operations of a counted batch.
const LEAST_OPS: u64 = 20;
/// Operations of the first trial, for primitives of nanoseconds.
const MORE_OPS: u64 = 100_000;

/// An arm on its way through the counting pass, in as many launches as it is planned in, each with
/// the kernel and, in another lab, without it.
///
/// Several, because what a switch does to the TLB can differ from launch to launch and stay so
/// within one. How long a batch is and what it takes uncounted is found once, in a lab without
/// counters. A counter that does not open is no failure but a reading with a reason.
pub struct Counting {
    counted: Counted,
    counts: Vec<Count>,
    failure: Option<Failure>,
    done: bool,
}

impl Counting {
    /// One that has counted nothing yet.
    #[must_use]
    pub fn new(counted: Counted) -> Self {
        Counting { counted, counts: Vec::new(), failure: None, done: false }
    }

    /// All launches, right after what they are compared with. Where no hardware event opens, the
    /// first launch has said so: then none follows in user mode, nor of what walks pages, which is
    /// counted for its misses.
    fn count(&mut self, bench: &Bench) -> Result<()> {
        let arm = &self.counted.arm;
        let (ops, uncounted_ns_per_op) = uncounted(bench, arm)?;
        let mut hardware = false;
        for launch in 0..self.counted.launches {
            for modes in [Modes::UserKernel, Modes::User] {
                let idle = modes == Modes::User || arm.pages > 0;
                if launch > 0 && !hardware && idle {
                    continue;
                }
                let mut lab = Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, Some(modes))?)?;
                let counted = lab.batch(2, ops)?;
                let disturbance = counted.half.ns_per_op() / uncounted_ns_per_op;
                hardware |= counted.readings.iter().any(by_hardware);
                self.counts.push(Count {
                    arm: arm.clone(),
                    launch: launch as u32,
                    ops,
                    switches: counted.half.switches,
                    lab: lab.state().clone(),
                    disturbance: disturbance.is_finite().then_some(disturbance),
                    readings: counted.readings,
                });
            }
        }
        Ok(())
    }
}

/// Was it counted by the processor?
fn by_hardware(reading: &Reading) -> bool {
    let counted = matches!(reading.outcome, Outcome::Counted { .. });
    counted && EVENTS.iter().any(|event| event.hardware && event.name == reading.event)
}

impl Job for Counting {
    fn launches(&self, _: Budget) -> usize {
        1
    }

    fn is_done(&self) -> bool {
        self.done
    }

    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        let what = format!("counting {}", self.counted.arm);
        progress(&what);
        if let Err(failure) = self.count(bench) {
            let tried = format!("{what}: {}", failure.tried);
            self.failure = Some(Failure { tried, ..failure });
        }
        self.done = true;
    }

    fn is_sound(&self) -> bool {
        self.failure.is_none()
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        let failed = self.failure.into_iter().map(Row::Failed);
        self.counts.into_iter().map(Row::Count).chain(failed).collect()
    }
}

/// Operations of a batch, and what each takes without counters, nanoseconds.
fn uncounted(bench: &Bench, arm: &Arm) -> Result<(u64, f64)> {
    let mut lab = Lab::launch(&bench.lab, &Spec::new(arm, &bench.cores, None)?)?;
    let mut trial = lab.batch(2, LEAST_OPS)?.half;
    if trial.ns_per_op() < 1_000.0 {
        trial = lab.batch(0, MORE_OPS)?.half;
    }
    let ops = ((BATCH_NS / trial.ns_per_op().max(0.1)) as u64).max(LEAST_OPS);
    Ok((ops, lab.batch(2, ops)?.half.ns_per_op()))
}
