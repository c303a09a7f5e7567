//! A process dies while it holds a lock in shared memory. What becomes of who waits for it?

use crate::probe::Mechanism;
use crate::probe::smaps::seen;
use crate::record::{Failure, ProbeRun, Result};
use crate::sys::lock::SharedLock;
use crate::workers::fork;
use nix::errno::Errno;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::WaitStatus;
use nix::unistd::alarm;
use std::time::{Duration, Instant};

/// A holder that is alive would give the lock back long before.
const PATIENCE: Duration = Duration::from_millis(100);
/// The holder ends itself after this many seconds.
const LIFE_S: u32 = 8;

/// Without the mechanism the process gives the lock back before it dies.
pub(crate) fn lock_dead(mechanism: Mechanism) -> Result<ProbeRun> {
    let lock = held_by_the_dead(false, mechanism == Mechanism::On)?;
    let start = Instant::now();
    let (stuck, _) = taken(&lock)?;
    let waited = start.elapsed().as_millis() as u64;
    let all = vec![seen("stuck", stuck.into(), "processes"), seen("waited", waited, "ms")];
    Ok(ProbeRun { holds: stuck, seen: all })
}

/// Without the mechanism the lock is a plain one.
pub(crate) fn lock_robust(mechanism: Mechanism) -> Result<ProbeRun> {
    let lock = held_by_the_dead(mechanism == Mechanism::On, true)?;
    let (stuck, told) = taken(&lock)?;
    let tried = |e| Failure::os("making a robust lock consistent", e);
    if told {
        lock.make_consistent().and_then(|()| lock.unlock()).map_err(tried)?;
        let (stuck_again, told_again) = taken(&lock)?;
        let goes_on = !stuck_again && !told_again;
        return Ok(robust(stuck, told, goes_on));
    }
    Ok(robust(stuck, told, !stuck))
}

fn robust(stuck: bool, told: bool, goes_on: bool) -> ProbeRun {
    let all = vec![
        seen("stuck", stuck.into(), "processes"),
        seen("told of the death", told.into(), "processes"),
        seen("goes on", goes_on.into(), "processes"),
    ];
    ProbeRun { holds: told && goes_on, seen: all }
}

/// Tries to take it: whether that takes for ever, and whether it says that its holder is dead.
fn taken(lock: &SharedLock) -> Result<(bool, bool)> {
    let unlock = |told: bool| match told {
        true => Ok((false, true)),
        false => lock.unlock().map(|()| (false, false)),
    };
    match lock.lock_within(PATIENCE).and_then(unlock) {
        Err(e) if e.raw_os_error() == Some(Errno::ETIMEDOUT as i32) => Ok((true, false)),
        other => other.map_err(|e| Failure::os("taking a lock in shared memory", e)),
    }
}

/// A lock in shared memory that a process has taken, given back or not, and died.
fn held_by_the_dead(robust: bool, keeps: bool) -> Result<SharedLock> {
    let tried = "having a process die with a lock";
    let lock = SharedLock::new(robust).map_err(|e| Failure::os(tried, e))?;
    let take = || {
        alarm::set(LIFE_S);
        lock.lock_within(PATIENCE).and_then(|_| if keeps { Ok(()) } else { lock.unlock() })
    };
    let mut child = fork(tried, take, |()| _ = raise(Signal::SIGKILL))?;
    match child.wait() {
        Ok(WaitStatus::Signaled(_, Signal::SIGKILL, _)) => Ok(lock),
        found => Err(Failure::new(tried, format!("it ended otherwise: {found:?}"))),
    }
}
