//! Processes that run another program, which waits for input that never comes.

use super::Units;
use super::process::Children;
use crate::machine;
use crate::primitive::dynamic_named;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use nix::fcntl::OFlag;
use nix::unistd::{Pid, pipe2};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Reads its input until that ends, and is everywhere.
const NAME: &str = "cat";

struct Programs {
    path: PathBuf,
    children: Children,
    input: OwnedFd,
    /// Closed when the lab ends, however it ends: then they read the end of their input and
    /// leave.
    _feed: OwnedFd,
}

/// A dynamically linked program, without environment.
pub(super) fn dynamic() -> Result<Box<dyn Units>> {
    let path = dynamic_named(NAME)?;
    let (input, feed) =
        pipe2(OFlag::O_CLOEXEC).map_err(|e| Failure::os("making a pipe for idle programs", e))?;
    Ok(Box::new(Programs { path, children: Children::default(), input, _feed: feed }))
}

impl Units for Programs {
    /// They have not checked in: who reads the memory waits until all sleep.
    fn grow(&mut self, to: u32) -> Result<()> {
        let refused = |e: std::io::Error| {
            let tried = format!("starting {to} processes of {}", self.path.display());
            machine::advised(Failure::os(tried, e), "vfork(2) or execve(2)")
        };
        while self.children.0.len() < to as usize {
            let input = self.input.try_clone().map_err(refused)?;
            let mut command = Command::new(&self.path);
            command.env_clear().stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
            let child = command.spawn().map_err(refused)?;
            // The standard library neither kills nor reaps what it started.
            self.children.0.push(OwnedChild::new(Pid::from_raw(child.id() as i32)));
        }
        Ok(())
    }

    fn processes(&self) -> Vec<i32> {
        self.children.pids()
    }
}
