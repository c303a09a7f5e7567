//! Real-time in short stretches: a batch of any length never holds a CPU under `SCHED_FIFO` for
//! long.

use crate::machine;
use crate::primitive::{Companion, Primitive, Timed, timed};
use crate::record::{Failure, Policy, Result};
use crate::sys::sched;
use nix::unistd::{Pid, gettid};
use std::time::{Duration, Instant};

/// Aimed length of a stretch; under 50 ms even when it takes twice as long as expected.
const STRETCH: Duration = Duration::from_millis(20);
/// Left to other tasks between two stretches.
const PAUSE: Duration = Duration::from_millis(1);
/// What an operation is taken to cost before one was timed: a millisecond, more than any switch.
const UNKNOWN_NS_PER_OP: f64 = 1e6;

/// How to run a batch: at once, or in stretches under `SCHED_FIFO`.
pub(super) struct Runner {
    tasks: Vec<Pid>,
    policy: Policy,
    ns_per_op: f64,
    /// Longest stretch of the last batch.
    pub(super) longest: Duration,
}

impl Runner {
    /// A runner for the calling actor and its companions.
    pub(super) fn new(policy: Policy, companions: &[Companion]) -> Self {
        let others = companions.iter().map(|companion| companion.task);
        let tasks = std::iter::once(gettid()).chain(others).collect();
        Runner { tasks, policy, ns_per_op: UNKNOWN_NS_PER_OP, longest: Duration::ZERO }
    }

    /// Runs and times `ops` operations. The changes of policy are outside the time.
    pub(super) fn run(&mut self, primitive: &mut dyn Primitive, ops: u64) -> Result<Timed> {
        self.longest = Duration::ZERO;
        if self.policy == Policy::Other {
            return timed(primitive, ops);
        }
        let mut total = Timed { ops: 0, elapsed_ns: 0, elapsed_ticks: 0 };
        while total.ops < ops {
            let fitting = (STRETCH.as_nanos() as f64 / self.ns_per_op).max(1.0) as u64;
            let part = self.stretch(primitive, fitting.min(ops - total.ops))?;
            total.ops += part.ops;
            total.elapsed_ns += part.elapsed_ns;
            total.elapsed_ticks += part.elapsed_ticks;
            self.ns_per_op = (part.elapsed_ns as f64 / part.ops as f64).max(1.0);
            if total.ops < ops {
                crate::sys::clock::pause(PAUSE);
            }
        }
        Ok(total)
    }

    fn stretch(&mut self, primitive: &mut dyn Primitive, ops: u64) -> Result<Timed> {
        let started = Instant::now();
        let real_time = self.set(sched::set_fifo);
        let result = real_time.and_then(|()| timed(primitive, ops));
        // In any case, no task stays real-time.
        let undone = self.set(sched::set_other);
        self.longest = self.longest.max(started.elapsed());
        undone.and(result)
    }

    fn set(&self, policy: impl Fn(Pid) -> std::io::Result<()>) -> Result<()> {
        self.tasks.iter().try_for_each(|task| {
            policy(*task).map_err(|e| {
                let refused = Failure::os("changing the scheduling policy of an actor", e);
                machine::explained_policy(refused)
            })
        })
    }
}
