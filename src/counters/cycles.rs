//! The processor's own cycle counter, over a piece of work.

use super::{Raw, counted, open_one, read_raw};
use crate::record::{Modes, Outcome};
use perf_event::Counter;
use perf_event::events::{Event, Hardware};
use std::io;

/// Counts the core's cycles in user mode, on the calling thread.
#[derive(Debug)]
pub struct CycleCounter(Counter);

impl CycleCounter {
    /// Opens the counter.
    ///
    /// # Errors
    /// Those of perf_event_open(2): ENOENT without a PMU, EACCES or EPERM where it is refused.
    pub fn open() -> io::Result<Self> {
        open_one(&Event::Hardware(Hardware::CPU_CYCLES), Modes::User, None).map(CycleCounter)
    }

    /// Cycles in user mode while `work` runs.
    ///
    /// # Errors
    /// The counter cannot be read, never ran, or was shared with others, so that its count is an
    /// estimate.
    pub fn over(&self, work: impl FnOnce()) -> io::Result<f64> {
        let before: Raw = read_raw(&self.0)?;
        work();
        let after: Raw = read_raw(&self.0)?;
        match counted(&[before], &[after]) {
            Outcome::Counted { count, running_share } if running_share > 0.999 => Ok(count),
            Outcome::Counted { running_share, .. } => {
                Err(io::Error::other(format!("it ran for {running_share:.3} of the time")))
            }
            Outcome::Missing { reason } => Err(io::Error::other(reason)),
        }
    }
}
