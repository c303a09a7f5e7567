//! Forked children that wait, do a job when they are told, and leave when they are told.

use super::look::look_until;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::fork::SingleThread;
use crate::sys::futex;
use crate::sys::memory::Mapping;
use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::WaitStatus;
use nix::unistd::Pid;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Time that a worker has for what it is told.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two looks at a worker.
const STEP: Duration = Duration::from_micros(200);

/// Orders to a worker; before the first it has none.
const WORK: u32 = 1;
const LEAVE: u32 = 2;

/// Answers of a worker; before the first it has none.
const READY: u32 = 1;
const DONE: u32 = 2;
const FAILED: u32 = 3;

/// Words of a worker in the shared memory.
const WORDS: usize = 4;

/// Live workers. They are killed and reaped on drop, and die with this process.
#[derive(Debug)]
pub(crate) struct Workers {
    words: Mapping,
    children: Vec<OwnedChild>,
}

/// What a worker and its parent share.
struct Desk<'m> {
    order: &'m AtomicU32,
    answer: &'m AtomicU32,
    faults: &'m AtomicU32,
    errno: &'m AtomicU32,
}

impl Desk<'_> {
    fn of(words: &Mapping, worker: usize) -> Desk<'_> {
        let at = |word: usize| &words.words()[worker * WORDS + word];
        Desk { order: at(0), answer: at(1), faults: at(2), errno: at(3) }
    }
}

impl Workers {
    /// Forks workers, and waits until all are there. The job runs in a worker: it must neither
    /// allocate nor lock.
    ///
    /// # Errors
    /// This process has more than one thread, or cannot fork.
    pub(crate) fn fork(count: usize, job: impl Fn() -> io::Result<()>) -> Result<Self> {
        let tried = "forking workers";
        let refused = |e| Failure::os(tried, e);
        let alone = SingleThread::prove().map_err(refused)?;
        let words = Mapping::shared(count * WORDS * size_of::<AtomicU32>()).map_err(refused)?;
        let mut workers = Workers { words, children: Vec::with_capacity(count) };
        for worker in 0..count {
            let desk = Desk::of(&workers.words, worker);
            let child = OwnedChild::fork(&alone, || serve(&desk, &job));
            workers.children.push(child.map_err(refused)?);
        }
        (0..count).try_for_each(|worker| workers.hear(worker, READY))?;
        Ok(workers)
    }

    /// Process id of a worker.
    pub(crate) fn pid(&self, worker: usize) -> Pid {
        self.children[worker].pid()
    }

    /// Has a worker do the job, and returns the minor faults that it took.
    ///
    /// # Errors
    /// The job's, or the worker is dead or silent.
    pub(crate) fn work(&mut self, worker: usize) -> Result<u64> {
        // It waits: what it answered to the last order is no answer to this one.
        Desk::of(&self.words, worker).answer.store(READY, Ordering::Relaxed);
        self.tell(worker, WORK);
        self.hear(worker, DONE)?;
        Ok(Desk::of(&self.words, worker).faults.load(Ordering::Relaxed).into())
    }

    /// Has all workers leave, and reaps them.
    ///
    /// # Errors
    /// One does not, or not as it was told.
    pub(crate) fn leave(mut self) -> Result<()> {
        (0..self.children.len()).for_each(|worker| self.tell(worker, LEAVE));
        let tried = "ending workers";
        self.children.iter_mut().try_for_each(|child| {
            look_until(tried, PATIENCE, STEP, || match child.look() {
                Ok(WaitStatus::Exited(_, 0)) => Ok(Some(())),
                Ok(WaitStatus::StillAlive) => Ok(None),
                found => Err(Failure::new(tried, format!("one left otherwise: {found:?}"))),
            })
        })
    }

    fn tell(&self, worker: usize, order: u32) {
        let desk = Desk::of(&self.words, worker);
        desk.order.store(order, Ordering::Release);
        // One that is not asleep yet sees the order before it sleeps.
        let _ = futex::wake_one(desk.order);
    }

    /// Waits for an answer by looking, so that a worker that died is seen.
    fn hear(&mut self, worker: usize, wanted: u32) -> Result<()> {
        let tried = "waiting for a worker";
        look_until(tried, PATIENCE, STEP, || {
            let desk = Desk::of(&self.words, worker);
            match desk.answer.load(Ordering::Acquire) {
                answer if answer == wanted => return Ok(Some(())),
                FAILED => {
                    let errno = desk.errno.load(Ordering::Relaxed) as i32;
                    let error = io::Error::from_raw_os_error(errno);
                    return Err(Failure::os("having a worker work", error));
                }
                _ => {}
            }
            match self.children[worker].look() {
                Ok(WaitStatus::StillAlive) => Ok(None),
                found => Err(Failure::new(tried, format!("it ended: {found:?}"))),
            }
        })
    }
}

/// A worker's life: between fork and `_exit`, so system calls only.
fn serve(desk: &Desk<'_>, job: &impl Fn() -> io::Result<()>) {
    desk.answer.store(READY, Ordering::Release);
    loop {
        match desk.order.load(Ordering::Acquire) {
            // Whatever woke it, it looks again.
            0 => drop(futex::wait(desk.order, 0)),
            WORK => {
                desk.order.store(0, Ordering::Relaxed);
                let before = minor_faults();
                let done = job();
                desk.faults.store((minor_faults() - before) as u32, Ordering::Relaxed);
                let errno = done.as_ref().err().and_then(io::Error::raw_os_error);
                desk.errno.store(errno.unwrap_or(Errno::EIO as i32) as u32, Ordering::Relaxed);
                let answer = if done.is_ok() { DONE } else { FAILED };
                desk.answer.store(answer, Ordering::Release);
            }
            _ => return,
        }
    }
}

/// Minor faults of this process so far (getrusage(2)).
pub(crate) fn minor_faults() -> u64 {
    // It cannot fail for the calling process.
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.minor_page_faults() as u64)
}
