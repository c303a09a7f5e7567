//! What workers and their parent share, and what the workers run.

use super::Fault;
use crate::cgroup;
use crate::record::{Failure, Result};
use crate::sys::memory::Mapping;
use crate::sys::timestamp::{SharedTimestamp, Timestamp};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{alarm, dup2_stderr};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How many workers a run has.
pub(super) const WORKERS: usize = 4;
/// Time between two beats of a worker, and between two looks at them.
pub(super) const BEAT: Duration = Duration::from_millis(1);
/// Every process ends itself after this many seconds (alarm(2)), so that waiting for its
/// end has an end.
pub(super) const LIFE_S: u32 = 8;
/// Memory limit of the group that is to run out of memory, bytes.
pub(super) const LIMIT_BYTES: u64 = 64 << 20;
/// Most stack of a process that is to use it up, bytes: it may have no limit.
const STACK_BYTES: u64 = 8 << 20;
/// Places of the words; the heartbeats follow.
pub(super) const ORDER: usize = 0;
pub(super) const PASSED: usize = 1;
const BEATS: usize = 2;

/// What workers and their parent share.
#[derive(Debug)]
pub(super) struct SharedStatus {
    words: Mapping,
    /// Right before the fault.
    pub(super) fault: SharedTimestamp,
    /// When a thread was joined that had panicked.
    pub(super) joined: SharedTimestamp,
    /// First heartbeat of a worker that replaces another.
    pub(super) first: SharedTimestamp,
}

impl SharedStatus {
    pub(super) fn new() -> Result<Self> {
        let refused = |e| Failure::os("sharing memory with workers", e);
        let words = Mapping::shared((BEATS + WORKERS + 1) * size_of::<u32>()).map_err(refused)?;
        let stamp = || SharedTimestamp::new().map_err(refused);
        Ok(SharedStatus { words, fault: stamp()?, joined: stamp()?, first: stamp()? })
    }

    pub(super) fn word(&self, at: usize) -> &AtomicU32 {
        &self.words.words()[at]
    }

    pub(super) fn beats(&self, worker: usize) -> u32 {
        self.word(BEATS + worker).load(Ordering::Acquire)
    }

    /// Runs a worker. The first one commits the fault when it is told; its first heartbeat, and
    /// that of its replacement, are stamped.
    pub(super) fn work(&self, worker: usize, fault: Option<Fault>) {
        if worker == 0 || worker == WORKERS {
            self.first.stamp();
        }
        let mut told = false;
        loop {
            self.word(BEATS + worker).fetch_add(1, Ordering::AcqRel);
            if worker == 0 && !told && self.word(ORDER).load(Ordering::Acquire) != 0 {
                told = true;
                match fault {
                    Some(fault) => fault.commit(self),
                    None => self.word(PASSED).store(1, Ordering::Release),
                }
            }
            crate::sys::clock::pause(BEAT);
        }
    }

    /// Runs a process whose workers are threads. A thread that unwinds is joined and replaced.
    pub(super) fn lead(&self, count: usize, fault: Option<Fault>) {
        std::thread::scope(|scope| {
            let first = scope.spawn(|| self.work(0, fault));
            for worker in 1..count {
                scope.spawn(move || self.work(worker, None));
            }
            if first.join().is_err() {
                self.joined.stamp();
                scope.spawn(|| self.work(WORKERS, None));
            }
        });
    }
}

/// What each process does first. It can report no more than an error number.
pub(super) fn prepare(group: Option<&Path>) -> io::Result<()> {
    alarm::set(LIFE_S);
    // Neither a file nor a core handler, for which the kernel would keep the parent waiting: that
    // takes a limit of one byte, as a handler gets its core whatever the limit is otherwise
    // (core(5)).
    lower(Resource::RLIMIT_CORE, 1)?;
    lower(Resource::RLIMIT_STACK, STACK_BYTES)?;
    // Rust says there that a stack overflowed.
    dup2_stderr(File::options().write(true).open("/dev/null")?)?;
    match group.map_or(Ok(()), cgroup::enter) {
        Ok(()) => Ok(()),
        Err(e) => Err(io::Error::from_raw_os_error(e.errno.unwrap_or(Errno::EIO as i32))),
    }
}

/// Sets the soft limit to this, or to the hard one where that is less.
fn lower(limit: Resource, to: u64) -> io::Result<()> {
    let (soft, hard) = getrlimit(limit)?;
    let to = if limit == Resource::RLIMIT_CORE { to } else { to.min(soft) };
    Ok(setrlimit(limit, to.min(hard), hard)?)
}
