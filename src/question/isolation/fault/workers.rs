//! Workers with a heartbeat. The first one commits a fault when it is told.
//!
//! They run in forked children, which are whole copies of a lab with a single thread, and so may
//! start threads.

use super::commit::{HOG_BYTES, NO_FAULT, NO_SPACE};
use super::shared_status::{BEAT, LIFE_S, ORDER, PASSED, SharedStatus, prepare};
use super::{Fault, Who};
use crate::machine::{self, Demanded};
use crate::probe::look::look_until;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::clock::monotonic_ns;
use crate::workers::fork;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A survivor increments its heartbeat at least this many times more.
const MORE_BEATS: u32 = 3;
/// A worker without a heartbeat for this long counts as dead; one that committed no fault only
/// where its process has ended.
const WINDOW: Duration = Duration::from_millis(25);
/// Time limit for workers to start, and for survivors to show a heartbeat.
const PATIENCE: Duration = Duration::from_secs(4);

/// How a fault ended, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The end of the process; `None` where a thread alone ended.
    pub(super) status: Option<WaitStatus>,
    /// When it was known, as waitpid or the join had returned: nanoseconds of `CLOCK_MONOTONIC`.
    known_ns: u64,
    /// How long after the moment right before the fault that was, nanoseconds.
    pub(super) known_after_ns: u64,
}

impl End {
    fn new(status: Option<WaitStatus>, fault_ns: u64, known_ns: u64) -> Result<Self> {
        let known_after_ns = match fault_ns {
            0 => return Err(Failure::new("timing a fault", format!("{status:?} came before it"))),
            fault_ns => span(fault_ns, known_ns)?,
        };
        Ok(End { status, known_ns, known_after_ns })
    }
}

/// From one moment to another, nanoseconds.
fn span(from_ns: u64, to_ns: u64) -> Result<u64> {
    let backwards = || Failure::new("timing a fault", "the second moment lies before the first");
    to_ns.checked_sub(from_ns).ok_or_else(backwards)
}

/// Live workers. They are killed and reaped on drop, and die with this process.
#[derive(Debug)]
pub(super) struct Workers {
    who: Who,
    count: usize,
    fault: Option<Fault>,
    status: SharedStatus,
    started: Instant,
    children: Vec<OwnedChild>,
}

impl Workers {
    /// Starts workers, in this control group or in the lab's, and waits until each has a heartbeat.
    /// The fault is what the first one commits when it is told.
    ///
    /// # Errors
    /// This process has more than one thread or cannot fork, or a worker does not start.
    pub(super) fn start(
        who: Who,
        count: usize,
        fault: Option<Fault>,
        group: Option<&Path>,
    ) -> Result<Self> {
        let mut workers = Self::start_on(SharedStatus::new()?, who, count, fault, group)?;
        workers.await_word("starting workers", |status| {
            (0..count).all(|worker| status.beats(worker) > 0).into()
        })?;
        // From now on it is a replacement's.
        let _ = workers.status.first.take_ns();
        Ok(workers)
    }

    fn start_on(
        status: SharedStatus,
        who: Who,
        count: usize,
        fault: Option<Fault>,
        group: Option<&Path>,
    ) -> Result<Self> {
        let processes = if who == Who::Thread { 1 } else { count };
        let (started, children) = (Instant::now(), Vec::with_capacity(processes));
        let mut workers = Workers { who, count, fault, status, started, children };
        for worker in 0..processes {
            let status = &workers.status;
            let live = |()| match who {
                Who::Thread => status.lead(count, fault),
                Who::Process => status.work(worker, fault),
            };
            let child = fork("forking a worker", || prepare(group), live);
            workers.children.push(child?);
        }
        Ok(workers)
    }

    /// Tells the first worker to commit the fault, and waits until its end is known; `None` where
    /// it commits none.
    ///
    /// # Errors
    /// The fault did not happen, or ended nothing in time.
    pub(super) fn commit(&mut self) -> Result<Option<End>> {
        self.status.word(ORDER).store(1, Ordering::Release);
        let Some(fault) = self.fault else {
            self.await_word("passing by a fault", |status| {
                status.word(PASSED).load(Ordering::Acquire).into()
            })?;
            return Ok(None);
        };
        if (self.who, fault) == (Who::Thread, Fault::PanicUnwind) {
            let known_ns = self.await_word("joining a thread", |status| status.joined.take_ns())?;
            return End::new(None, self.status.fault.take_ns(), known_ns).map(Some);
        }
        // Its alarm goes off at the latest.
        let status = self.children[0].wait();
        let known_ns = monotonic_ns();
        let tried = || format!("committing {}", fault.name());
        match status.map_err(|e| Failure::os(tried(), e))? {
            WaitStatus::Exited(_, NO_SPACE) => {
                let tried = format!("mapping {} MiB to run out of them", HOG_BYTES >> 20);
                let refused = Failure::os(tried, Errno::ENOMEM);
                // Its threads have a part of what it may have.
                let wanted = Demanded::threads(self.count as u64).bytes + HOG_BYTES as u64;
                Err(machine::advised_for(refused, "mmap(2)", Demanded::bytes(wanted)))
            }
            WaitStatus::Exited(_, NO_FAULT) if fault == Fault::Oom => {
                let why = "memory could be written to four times the limit: it does not bind";
                Err(Failure::new(tried(), why))
            }
            WaitStatus::Exited(_, NO_FAULT) => Err(Failure::new(tried(), "nothing happened")),
            WaitStatus::Signaled(_, Signal::SIGALRM, _) => {
                Err(Failure::new(tried(), format!("it ended nothing in {LIFE_S} s")))
            }
            status => End::new(Some(status), self.status.fault.take_ns(), known_ns).map(Some),
        }
    }

    /// Replaces what was lost. Returns the time from the known end to the replacement's first
    /// heartbeat, nanoseconds. The replacement joins no control group: joining one can take longer
    /// than everything else.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn replace(&mut self, end: &End, spare: SharedStatus) -> Result<u64> {
        let tried = "replacing what was lost";
        let came_ns = match end.status {
            // The process has done so itself.
            None => self.await_word(tried, |status| status.first.take_ns())?,
            Some(_) => {
                let count = if self.who == Who::Thread { self.count } else { 1 };
                let mut workers = Self::start_on(spare, self.who, count, None, None)?;
                workers.await_word(tried, |status| status.first.take_ns())?
            }
        };
        span(end.known_ns, came_ns)
    }

    /// How many workers survived: their heartbeats continue.
    ///
    /// # Errors
    /// It took so long that the survivors ended themselves.
    pub(super) fn survivors(&mut self) -> Result<u64> {
        let going_on = self.going_on();
        match self.started.elapsed() < Duration::from_secs(LIFE_S.into()) {
            true => Ok(going_on),
            false => {
                let why = format!("all of it took longer than {LIFE_S} s");
                Err(Failure::new("counting the survivors", why))
            }
        }
    }

    fn going_on(&mut self) -> u64 {
        let then: Vec<u32> = (0..self.count).map(|worker| self.status.beats(worker)).collect();
        let start = Instant::now();
        loop {
            crate::sys::clock::pause(BEAT);
            let goes_on = |worker: &usize| {
                self.status.beats(*worker) >= then[*worker].wrapping_add(MORE_BEATS)
            };
            let going_on = (0..self.count).filter(goes_on).count() as u64;
            // The worker that committed the fault may have ended alone. No other worker has, if its
            // process is alive.
            let waited_for = (1..self.count).filter(|worker| !goes_on(worker)).collect::<Vec<_>>();
            let missed = waited_for.into_iter().any(|worker| self.lives(worker));
            let waited = start.elapsed();
            if waited >= PATIENCE || (waited >= WINDOW && !missed) {
                return going_on;
            }
        }
    }

    /// Does the process of this worker live?
    fn lives(&mut self, worker: usize) -> bool {
        let process = if self.who == Who::Thread { 0 } else { worker };
        matches!(self.children[process].look(), Ok(WaitStatus::StillAlive))
    }

    fn all_live(&mut self) -> Result<()> {
        for child in &mut self.children {
            match child.look() {
                Ok(WaitStatus::StillAlive) => {}
                found => {
                    let why = format!("one of them ended: {found:?}");
                    return Err(Failure::new("working with heartbeats", why));
                }
            }
        }
        Ok(())
    }

    /// Waits until this is not 0 by looking, so that a worker that died is seen.
    fn await_word(&mut self, tried: &str, read: impl Fn(&SharedStatus) -> u64) -> Result<u64> {
        look_until(tried, PATIENCE, BEAT, || match read(&self.status) {
            0 => self.all_live().map(|()| None),
            found => Ok(Some(found)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_cannot_be_is_a_reason_and_no_zero() {
        let end = End::new(None, 5, 12).unwrap();
        assert_eq!((end.known_after_ns, end.known_ns), (7, 12));
        assert!(
            End::new(None, 0, 12).unwrap_err().why.contains("before it"),
            "no fault was stamped"
        );
        assert!(End::new(None, 12, 5).is_err());
    }
}
