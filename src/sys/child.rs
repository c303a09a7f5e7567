//! A child process that is never left behind.

use super::fork::{die_with, fork_actor};
use super::single_thread::SingleThread;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use std::io;

/// A child of this process that is killed and reaped on drop, unless it was reaped before.
#[derive(Debug)]
pub struct OwnedChild {
    pid: Pid,
    reaped: bool,
}

impl OwnedChild {
    /// Takes over a child that no other code waits for.
    #[must_use]
    pub fn new(pid: Pid) -> Self {
        OwnedChild { pid, reaped: false }
    }

    /// Forks a child that runs `body`, as [`fork_actor`] does, and dies with this process.
    ///
    /// # Errors
    /// As [`fork_actor`].
    pub fn fork(alone: &SingleThread, body: impl FnOnce()) -> io::Result<Self> {
        let parent = getpid();
        let child = fork_actor(alone, || {
            die_with(parent);
            body();
        });
        child.map(OwnedChild::new)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until it ends, or stops if it is traced, and says how. The caller knows that it will.
    ///
    /// # Errors
    /// ECHILD when it was reaped before.
    pub fn wait(&mut self) -> nix::Result<WaitStatus> {
        loop {
            match self.wait_by(WaitPidFlag::empty()) {
                Err(Errno::EINTR) => {}
                found => return found,
            }
        }
    }

    /// Whether it has ended, and how ([`WaitStatus::StillAlive`] if not). Waits for nothing.
    ///
    /// # Errors
    /// ECHILD when it was reaped before.
    pub fn look(&mut self) -> nix::Result<WaitStatus> {
        self.wait_by(WaitPidFlag::WNOHANG)
    }

    fn wait_by(&mut self, how: WaitPidFlag) -> nix::Result<WaitStatus> {
        // Its id may be another process's by now.
        if self.reaped {
            return Err(Errno::ECHILD);
        }
        let status = waitpid(self.pid, Some(how))?;
        self.reaped = matches!(status, WaitStatus::Exited(..) | WaitStatus::Signaled(..));
        Ok(status)
    }
}

impl Drop for OwnedChild {
    fn drop(&mut self) {
        // In a forked process this is a copy, and the child a sibling: it is its parent's to kill.
        if self.look() == Err(Errno::ECHILD) {
            return;
        }
        // It may just have ended by itself, and be reaped.
        if !self.reaped {
            let _ = kill(self.pid, Signal::SIGKILL);
        }
        // A traced child may show a stop that it was in before it shows its end.
        while !self.reaped && self.wait().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fork::ends_in_child;
    use std::process::{Command, Stdio};

    #[test]
    fn a_copy_in_a_forked_process_kills_nobody() {
        // It ends with its input.
        let waiting = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let waiting = waiting.unwrap();
        let mut child = OwnedChild::new(Pid::from_raw(waiting.id() as i32));
        let copy = OwnedChild::new(child.pid());
        let ended = ends_in_child(|| drop(copy));
        assert!(matches!(ended, WaitStatus::Exited(_, 0)), "{ended:?}");
        drop(waiting);
        assert!(matches!(child.wait(), Ok(WaitStatus::Exited(_, 0))), "it was let live");
    }
}
