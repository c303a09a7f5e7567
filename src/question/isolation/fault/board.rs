//! What workers and their master share, and the lives that they lead.

use super::Fault;
use crate::cgroup;
use crate::record::{Failure, Result};
use crate::sys::memory::Mapping;
use crate::sys::stamp::{Mark, Stamp};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{alarm, dup2_stderr};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Workers of a crew.
pub(super) const WORKERS: usize = 4;
/// Time between two beats of a worker, and between two looks at them.
pub(super) const BEAT: Duration = Duration::from_millis(1);
/// Every process of a crew ends itself after this many seconds (alarm(2)), so that waiting for its
/// end has an end.
pub(super) const LIFE_S: u32 = 8;
/// What the group may have of which the memory is to run out, bytes.
pub(super) const LIMIT_BYTES: u64 = 64 << 20;
/// Most stack of a process that is to use it up, bytes: it may have no limit.
const STACK_BYTES: u64 = 8 << 20;
/// Words of a board; the beats follow.
pub(super) const ORDER: usize = 0;
pub(super) const PASSED: usize = 1;
const BEATS: usize = 2;

/// What workers and their master share.
#[derive(Debug)]
pub(super) struct Board {
    words: Mapping,
    /// Right before the fault.
    pub(super) fault: Stamp,
    /// When a thread was joined that had panicked.
    pub(super) joined: Stamp,
    /// First beat of a worker that replaces another.
    pub(super) first: Stamp,
}

impl Board {
    pub(super) fn new() -> Result<Self> {
        let refused = |e| Failure::os("sharing memory with workers", e);
        let words = Mapping::shared((BEATS + WORKERS + 1) * size_of::<u32>()).map_err(refused)?;
        let stamp = || Stamp::new().map_err(refused);
        Ok(Board { words, fault: stamp()?, joined: stamp()?, first: stamp()? })
    }

    pub(super) fn word(&self, at: usize) -> &AtomicU32 {
        &self.words.words()[at]
    }

    pub(super) fn beats(&self, worker: usize) -> u32 {
        self.word(BEATS + worker).load(Ordering::Acquire)
    }

    /// A worker's life. The first one commits the fault when it is told; its beat, and that of who
    /// replaces it, are stamped.
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
            std::thread::sleep(BEAT);
        }
    }

    /// The life of a process whose workers are threads. Who unwinds is joined and replaced.
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

/// What a process of a crew does before all else. It can say no more than an error number.
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
