//! Forked workers that do a job whenever they are told.

use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::single_thread::SingleThread;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::WaitStatus;
use nix::unistd::{Pid, pipe2, read, write};
use std::io;
use std::os::fd::OwnedFd;

/// Live workers, each with a pipe for its orders and one for its answers. They are killed and
/// reaped on drop, and die with this process.
#[derive(Debug)]
pub(crate) struct Workers(Vec<(OwnedChild, OwnedFd, OwnedFd)>);

impl Workers {
    /// Forks workers. The job runs in a worker: it must neither allocate nor lock.
    ///
    /// # Errors
    /// This process has more than one thread, or cannot fork.
    pub(crate) fn fork(count: usize, job: impl Fn() -> io::Result<()>) -> Result<Self> {
        let refused = |e| Failure::os("forking workers", e);
        let alone = SingleThread::prove().map_err(refused)?;
        let mut workers = Vec::with_capacity(count);
        for _ in 0..count {
            let pipe = || pipe2(OFlag::O_CLOEXEC).map_err(|e| refused(e.into()));
            let ((takes, order), (answer, says)) = (pipe()?, pipe()?);
            let child = OwnedChild::fork(&alone, || serve(&takes, &says, &job));
            workers.push((child.map_err(refused)?, order, answer));
        }
        Ok(Workers(workers))
    }

    /// Process id of a worker.
    pub(crate) fn pid(&self, worker: usize) -> Pid {
        self.0[worker].0.pid()
    }

    /// Has a worker do the job, and returns the minor faults that it took.
    ///
    /// # Errors
    /// The job's, or the worker is dead.
    pub(crate) fn work(&mut self, worker: usize) -> Result<u64> {
        let tried = "having a worker work";
        let refused = |e| Failure::os(tried, e);
        let (_, order, answer) = &self.0[worker];
        write(order, &[0]).map_err(refused)?;
        let mut said = [0; size_of::<u64>()];
        if read(answer, &mut said).map_err(refused)? != said.len() {
            return Err(Failure::new(tried, "it ended"));
        }
        let said = u64::from_ne_bytes(said);
        match (said >> 32) as i32 {
            0 => Ok(said & u64::from(u32::MAX)),
            errno => Err(refused(Errno::from_raw(errno))),
        }
    }

    /// Ends all workers, which waited for an order until now.
    ///
    /// # Errors
    /// One did not.
    pub(crate) fn end(mut self) -> Result<()> {
        self.0.iter_mut().try_for_each(|(child, ..)| match child.look() {
            Ok(WaitStatus::StillAlive) => Ok(()),
            found => Err(Failure::new("ending workers", format!("one had ended: {found:?}"))),
        })
    }
}

/// A worker's life: between fork and `_exit`, so system calls only. It answers with the error
/// number of the job, above, and the minor faults that it took.
fn serve(orders: &OwnedFd, answers: &OwnedFd, job: &impl Fn() -> io::Result<()>) {
    while read(orders, &mut [0]) == Ok(1) {
        let before = minor_faults();
        let done = job();
        let faults = minor_faults() - before;
        let errno = done.err().map_or(0, |e| e.raw_os_error().unwrap_or(Errno::EIO as i32));
        let answer = (errno as u64) << 32 | faults;
        if write(answers, &answer.to_ne_bytes()).is_err() {
            return;
        }
    }
}

/// Minor faults of this process so far (getrusage(2)).
pub(crate) fn minor_faults() -> u64 {
    // It cannot fail for the calling process.
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.minor_page_faults() as u64)
}
