//! The drill as it is timed, but that its workers wait once they have told, while the memory is
//! read.

use super::Units;
use super::process::Children;
use crate::primitive::drill::{fork, recv_sum};
use crate::record::{Actor, Failure, Result};
use crate::sys::fork::count;
use crate::sys::futex;
use crate::sys::memory::Mapping;
use crate::sys::single_thread::SingleThread;
use crate::workers::Worker;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What each worker counts to.
const TURNS: u64 = 1_000_000;

/// The sum that workers report, or why it is no answer.
fn checked(sum: u64, workers: u32) -> Result<()> {
    let expected = u64::from(workers) * TURNS;
    match sum == expected {
        true => Ok(()),
        false => {
            let why = format!("the workers counted {sum} turns instead of {expected}");
            Err(Failure::new("adding up the counters", why))
        }
    }
}

/// Workers that are threads of the standard library and report by memory.
pub(super) fn threads() -> Result<Box<dyn Units>> {
    Ok(Box::new(Threads::default()))
}

#[derive(Default)]
struct Threads {
    sum: Arc<AtomicU64>,
    /// Not 0 when all may leave.
    closed: Arc<AtomicU32>,
    workers: Vec<Worker>,
}

impl Units for Threads {
    fn grow(&mut self, to: u32) -> Result<()> {
        while self.workers.len() < to as usize {
            let (sum, closed) = (Arc::clone(&self.sum), Arc::clone(&self.closed));
            let add = move || {
                sum.fetch_add(count(TURNS), Ordering::Relaxed);
                Ok(())
            };
            let wait = move |()| futex::wait_while_zero(&closed);
            self.workers.push(Worker::start(Actor::Thread, None, add, wait)?);
        }
        checked(self.sum.load(Ordering::Relaxed), to)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.closed.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.closed);
    }
}

/// Workers that are forked processes and report through a pipe each.
pub(super) fn processes() -> Result<Box<dyn Units>> {
    let refused = |e| Failure::os("preparing to fork workers", e);
    let alone = SingleThread::prove().map_err(refused)?;
    let never = Mapping::shared(size_of::<AtomicU32>()).map_err(refused)?;
    let (pipes, children) = (Vec::new(), Children::default());
    Ok(Box::new(Processes { alone, never, pipes, sum: 0, children }))
}

struct Processes {
    alone: SingleThread,
    /// A word that never changes.
    never: Mapping,
    /// One of each worker. They stay open, as in the timed drill all are open at once.
    pipes: Vec<OwnedFd>,
    /// What all have reported.
    sum: u64,
    children: Children,
}

impl Units for Processes {
    fn grow(&mut self, to: u32) -> Result<()> {
        let reported = self.pipes.len();
        while self.pipes.len() < to as usize {
            // There it sleeps until it is killed.
            let worker = fork(&self.alone, TURNS, Some(&self.never.words()[0]));
            let (child, pipe) = worker.map_err(|e| Failure::os("forking a worker", e))?;
            self.children.0.push(child);
            self.pipes.push(pipe);
        }
        for pipe in &self.pipes[reported..] {
            let told = recv_sum(pipe);
            self.sum += told.map_err(|e| Failure::os("reading the reports of workers", e))?;
        }
        checked(self.sum, to)
    }

    fn processes(&self) -> Vec<i32> {
        self.children.pids()
    }
}
