//! The drill: ten workers count, and their creator sums what they have counted.

use super::witness;
use super::{Entry, Primitive, Setup};
use crate::record::{Actor, DRILL_WORKERS, Result, Work};
use crate::sys::child::OwnedChild;
use crate::sys::fork::{self, Child, CountTo, count};
use crate::sys::single_thread::SingleThread;
use crate::sys::timestamp::NoTimestamp;
use nix::fcntl::OFlag;
use nix::sys::wait::WaitStatus;
use nix::unistd::{getpid, pipe2, read};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle};

pub(crate) const ENTRIES: &[Entry] = &[
    Entry {
        id: "drill/threads",
        name: "ten counting threads",
        actor: Actor::Thread,
        op: "std::thread spawn of ten threads that count to a number each, joins, and the sum",
        work: Work::Drills,
        excluded: "nothing: allocations and stacks are part of it",
        source: "Rust standard library, std::thread",
        start: threads,
    },
    Entry {
        id: "drill/processes",
        name: "ten counting processes",
        actor: Actor::Process,
        op: "fork of ten processes that count to a number each, the sum of their results, through \
             a pipe each, and all waitpids",
        work: Work::Drills,
        excluded: "the parent's copy-on-write faults after the children have exited",
        source: "fork(2), pipe(2), wait(2)",
        start: processes,
    },
    Entry {
        id: "drill/shared-atomic",
        name: "ten threads, one atomic counter",
        actor: Actor::Thread,
        op: "as drill/threads, all ten counting in one atomic word",
        work: Work::Drills,
        excluded: "as drill/threads",
        source: "Rust standard library, std::thread",
        start: shared_atomic,
    },
];

const WORKERS: usize = DRILL_WORKERS as usize;

/// One way to have ten workers count.
trait Drill {
    /// Creates them, has each count to `turns`, sees the end of all; returns the sum of what they
    /// counted.
    fn sum(&mut self, turns: u64) -> io::Result<u64>;
}

/// A forked worker with a pipe of its own: it counts, tells, and leaves once the gate, if there is
/// one, is open.
pub(crate) fn fork(
    alone: &SingleThread,
    turns: u64,
    gate: Option<&AtomicU32>,
) -> io::Result<(OwnedChild, OwnedFd)> {
    let parent = getpid();
    let (hears, says) = pipe2(OFlag::O_CLOEXEC)?;
    let work = Child::Count(parent, CountTo { turns, says: &says, gate });
    let child = fork::fork(alone, work, &NoTimestamp)?;
    Ok((OwnedChild::new(child), hears))
}

/// What a forked worker has told; a wait where it has not yet.
pub(crate) fn recv_sum(hears: &OwnedFd) -> io::Result<u64> {
    let mut told = [0; size_of::<u64>()];
    match read(hears, &mut told)? {
        bytes if bytes == told.len() => Ok(u64::from_ne_bytes(told)),
        bytes => Err(io::Error::other(format!("a worker told {bytes} bytes"))),
    }
}

/// Threads of the standard library, each with a counter of its own.
struct Threads;

impl Drill for Threads {
    fn sum(&mut self, turns: u64) -> io::Result<u64> {
        join(|| Builder::new().spawn(move || count(turns)))
    }
}

/// Threads with one counter for all: how not to do it.
struct SharedAtomic(Arc<AtomicU64>);

impl Drill for SharedAtomic {
    fn sum(&mut self, turns: u64) -> io::Result<u64> {
        self.0.store(0, Ordering::Relaxed);
        join(|| {
            let counter = Arc::clone(&self.0);
            Builder::new().spawn(move || {
                (0..turns).for_each(|_| _ = counter.fetch_add(1, Ordering::Relaxed));
                0
            })
        })?;
        Ok(self.0.load(Ordering::Relaxed))
    }
}

/// Spawns ten and joins them; of those that there are, should a spawn fail. The sum of what they
/// return.
fn join(mut spawn: impl FnMut() -> io::Result<JoinHandle<u64>>) -> io::Result<u64> {
    let mut workers = Vec::with_capacity(WORKERS);
    let spawned = (0..WORKERS).try_for_each(|_| spawn().map(|worker| workers.push(worker)));
    let panicked = |_| io::Error::other("a worker panicked");
    let counted: io::Result<Vec<u64>> =
        workers.into_iter().map(|worker| worker.join().map_err(panicked)).collect();
    spawned.and(counted).map(|counted| counted.iter().sum())
}

/// Forked processes, each with a pipe to tell by.
struct Processes(SingleThread);

impl Drill for Processes {
    fn sum(&mut self, turns: u64) -> io::Result<u64> {
        let mut workers = Vec::with_capacity(WORKERS);
        for _ in 0..WORKERS {
            workers.push(fork(&self.0, turns, None)?);
        }
        let mut sum = 0;
        for (mut child, hears) in workers {
            let told = recv_sum(&hears);
            let ended = child.wait()?;
            if !matches!(ended, WaitStatus::Exited(_, 0)) {
                return Err(io::Error::other(format!("a worker ended as {ended:?}")));
            }
            sum += told?;
        }
        Ok(sum)
    }
}

/// Drills, one for each operation.
struct Repeated<D> {
    drill: D,
    turns: u64,
}

impl<D: Drill> Primitive for Repeated<D> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let expected = self.turns * u64::from(DRILL_WORKERS);
        let mut done = 0;
        while done < ops {
            let sum = self.drill.sum(self.turns)?;
            if sum != expected {
                return Err(io::Error::other(format!("counted {sum} instead of {expected}")));
            }
            done += 1;
        }
        Ok(done)
    }
}

fn start<D: Drill + 'static>(setup: &Setup, drill: D) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Repeated { drill, turns: setup.arm.amount }))
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Threads)
}

pub(crate) fn shared_atomic(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, SharedAtomic(Arc::default()))
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Processes(witness()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::write;

    struct Off(u64);

    impl Drill for Off {
        fn sum(&mut self, turns: u64) -> io::Result<u64> {
            Ok(turns * u64::from(DRILL_WORKERS) - self.0)
        }
    }

    #[test]
    fn threads_count_all_of_it_with_either_counter() {
        assert_eq!(Threads.sum(1_000).unwrap(), 10_000);
        let mut shared = SharedAtomic(Arc::default());
        for turns in [1_000, 10] {
            assert_eq!(shared.sum(turns).unwrap(), 10 * turns);
        }
    }

    #[test]
    fn a_worker_that_is_gone_without_a_word_is_no_wait() {
        let (hears, says) = pipe2(OFlag::O_CLOEXEC).unwrap();
        write(&says, &7_u64.to_ne_bytes()).unwrap();
        drop(says);
        assert_eq!(recv_sum(&hears).unwrap(), 7);
        assert_eq!(recv_sum(&hears).unwrap_err().to_string(), "a worker told 0 bytes");
    }

    #[test]
    fn a_wrong_sum_voids_the_batch() {
        assert_eq!(Repeated { drill: Off(0), turns: 5 }.run(3).unwrap(), 3);
        let wrong = Repeated { drill: Off(1), turns: 5 }.run(3).unwrap_err();
        assert_eq!(wrong.to_string(), "counted 49 instead of 50");
    }
}
