//! The processes that a lab measures with, seen from its driver.

use crate::proc;
use crate::sys::pidfd;
use nix::unistd::Pid;
use std::os::fd::OwnedFd;

/// Processes of a lab, each with a descriptor that tells of its end. Threads are none of them: they
/// end with the lab. Where the kernel gives no such descriptor, a lab's deadline is what is left.
#[derive(Debug, Default)]
pub(super) struct Actors {
    pub(super) ends: Vec<(i32, OwnedFd)>,
}

impl Actors {
    pub(super) fn of(tasks: &[i32]) -> Self {
        let end = |task: &i32| Some((*task, pidfd::open(Pid::from_raw(*task)).ok()?));
        Actors { ends: tasks.iter().filter_map(end).collect() }
    }

    /// Who of them has died, and how; the lab has not waited for it yet.
    pub(super) fn death(&self) -> Option<String> {
        let died = |process: i32| Some((process, proc::how_ended(process)?));
        let (process, how) = self.ends.iter().find_map(|(process, _)| died(*process))?;
        Some(format!("process {process}, which it measures with, died: {how}"))
    }
}
