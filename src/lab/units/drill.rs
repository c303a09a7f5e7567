//! The drill: workers that count in a variable of their own, report, and wait while the memory is read.

use super::Units;
use super::process::Children;
use crate::record::{Failure, Result};
use crate::sys::child::{OwnedChild, die_with};
use crate::sys::fork::{SingleThread, fork_actor};
use crate::sys::futex;
use crate::sys::memory::Mapping;
use nix::fcntl::OFlag;
use nix::unistd::{getpid, pipe2, write};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

/// What each worker counts to.
const TURNS: u64 = 1_000_000;

fn count() -> u64 {
    (0..TURNS).fold(0, |sum, _| black_box(sum + 1))
}

/// The sum that workers report, or why it is no answer.
fn checked(sum: u64, workers: u32) -> Result<()> {
    let expected = u64::from(workers) * TURNS;
    match sum == expected {
        true => Ok(()),
        false => {
            let why = format!("the workers counted {sum} turns instead of {expected}");
            Err(Failure::new("adding up the drill", why))
        }
    }
}

/// Workers that are threads of the standard library and report by memory.
pub(super) fn threads() -> Result<Box<dyn Units>> {
    Ok(Box::new(Threads::default()))
}

#[derive(Default)]
struct Threads {
    desk: Arc<Desk>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Desk {
    sum: AtomicU64,
    /// How many have added to it.
    heard: AtomicU32,
    /// Not 0 when all may leave.
    closed: AtomicU32,
}

impl Units for Threads {
    fn grow(&mut self, to: u32) -> Result<()> {
        while self.workers.len() < to as usize {
            let desk = self.desk.clone();
            let worker = thread::Builder::new().spawn(move || desk.work());
            self.workers.push(worker.map_err(|e| Failure::os("starting a worker thread", e))?);
        }
        loop {
            match self.desk.heard.load(Ordering::Acquire) {
                heard if heard >= to => break,
                // Whatever woke it, it looks again.
                heard => _ = futex::wait(&self.desk.heard, heard),
            }
        }
        checked(self.desk.sum.load(Ordering::Relaxed), to)
    }
}

impl Desk {
    fn work(&self) {
        self.sum.fetch_add(count(), Ordering::Relaxed);
        self.heard.fetch_add(1, Ordering::AcqRel);
        let _ = futex::wake_one(&self.heard);
        while self.closed.load(Ordering::Acquire) == 0 {
            let _ = futex::wait(&self.closed, 0);
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.desk.closed.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.desk.closed);
        for worker in self.workers.drain(..) {
            // One that panicked is gone as well.
            let _ = worker.join();
        }
    }
}

/// Workers that are forked processes and report through a pipe.
pub(super) fn processes() -> Result<Box<dyn Units>> {
    let refused = |e| Failure::os("preparing to fork workers", e);
    let alone = SingleThread::prove().map_err(refused)?;
    let never = Mapping::shared(size_of::<AtomicU32>()).map_err(refused)?;
    let (reports, report) = pipe2(OFlag::O_CLOEXEC).map_err(|e| refused(e.into()))?;
    let (reports, children) = (File::from(reports), Children::default());
    Ok(Box::new(Processes { alone, never, reports, report, heard: 0, sum: 0, children }))
}

struct Processes {
    alone: SingleThread,
    /// A word that nobody changes.
    never: Mapping,
    reports: File,
    report: OwnedFd,
    /// How many have reported, and what.
    heard: u32,
    sum: u64,
    children: Children,
}

impl Units for Processes {
    fn grow(&mut self, to: u32) -> Result<()> {
        let parent = getpid();
        while self.children.0.len() < to as usize {
            let child = fork_actor(&self.alone, || {
                die_with(parent);
                // A report that cannot be written is missed by whoever reads it.
                let _ = write(&self.report, &count().to_ne_bytes());
                loop {
                    // Whatever woke it, it sleeps again, until it is killed.
                    let _ = futex::wait(&self.never.words()[0], 0);
                }
            });
            let child = child.map_err(|e| Failure::os("forking a worker", e))?;
            self.children.0.push(OwnedChild::new(child));
        }
        while self.heard < to {
            let mut report = [0; size_of::<u64>()];
            let read = self.reports.read_exact(&mut report);
            read.map_err(|e| Failure::os("reading the reports of workers", e))?;
            self.sum += u64::from_ne_bytes(report);
            self.heard += 1;
        }
        checked(self.sum, to)
    }

    fn processes(&self) -> Vec<i32> {
        self.children.pids()
    }
}
