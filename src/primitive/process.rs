//! Creating a process, with or without a new program, and reaping it.

use super::program::{self, Program};
use super::{Primitive, Setup};
use crate::record::{Failure, Result};
use crate::sys::fork::{self, Child, SingleThread};
use crate::sys::memory::Mapping;
use crate::sys::spawn;
use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::io;

/// One way to start a child.
struct Create<F> {
    start: F,
}

impl<F: FnMut() -> io::Result<Pid>> Primitive for Create<F> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            reap((self.start)()?)?;
            done += 1;
        }
        Ok(done)
    }
}

/// Waits for the child and looks at how it ended: a failed exec is no operation.
#[inline]
fn reap(child: Pid) -> io::Result<()> {
    loop {
        return match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 0)) => Ok(()),
            Ok(WaitStatus::Exited(_, status)) => Err(io::Error::from_raw_os_error(status)),
            Ok(other) => Err(io::Error::other(format!("a child ended as {other:?}"))),
            Err(Errno::EINTR) => continue,
            Err(e) => Err(e.into()),
        };
    }
}

fn create(start: impl FnMut() -> io::Result<Pid> + 'static) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Create { start }))
}

fn witness() -> Result<SingleThread> {
    SingleThread::prove().map_err(|e| {
        Failure::os("preparing to fork", e)
            .remedy("run it in a lab, or before any thread is started")
    })
}

pub(super) fn forked(_: &Setup) -> Result<Box<dyn Primitive>> {
    let alone = witness()?;
    create(move || fork::fork(&alone, Child::Exit))
}

pub(super) fn raw_forked(_: &Setup) -> Result<Box<dyn Primitive>> {
    let alone = witness()?;
    create(move || fork::raw_fork(&alone, Child::Exit))
}

pub(super) fn vforked(_: &Setup) -> Result<Box<dyn Primitive>> {
    let mut stack =
        Mapping::private(64 << 10).map_err(|e| Failure::os("mapping a stack of 64 KiB", e))?;
    stack.touch_all();
    create(move || fork::vfork(&mut stack, Child::Exit))
}

fn fork_exec(program: Program) -> Result<Box<dyn Primitive>> {
    let alone = witness()?;
    create(move || fork::fork(&alone, Child::Exec(program.image())))
}

fn spawned(program: Program) -> Result<Box<dyn Primitive>> {
    create(move || spawn::posix_spawn(program.image()))
}

pub(super) fn fork_exec_tiny(_: &Setup) -> Result<Box<dyn Primitive>> {
    fork_exec(program::tiny()?)
}

pub(super) fn fork_exec_dynamic(_: &Setup) -> Result<Box<dyn Primitive>> {
    fork_exec(program::dynamic()?)
}

pub(super) fn spawn_tiny(_: &Setup) -> Result<Box<dyn Primitive>> {
    spawned(program::tiny()?)
}

pub(super) fn spawn_dynamic(_: &Setup) -> Result<Box<dyn Primitive>> {
    spawned(program::dynamic()?)
}

pub(super) fn fork_working(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn fork_exec_static(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn vfork_exec_tiny(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

pub(super) fn command_tiny(_: &Setup) -> Result<Box<dyn Primitive>> {
    Err(Failure::new("preparing it", "not there yet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::image::Image;

    #[test]
    fn a_child_that_fails_is_no_operation() {
        let mut one_that_fails =
            Create { start: || spawn::posix_spawn(&Image::new(c"/bin/false".into())) };
        assert!(one_that_fails.run(1).is_err());
    }

    #[test]
    fn a_failed_exec_says_why() {
        let missing = Image::new(c"/nonexistent".into());
        let mut stack = Mapping::private(64 << 10).unwrap();
        let child = fork::vfork(&mut stack, Child::Exec(&missing)).unwrap();
        let failed = reap(child).unwrap_err();
        assert_eq!(failed.raw_os_error(), Some(Errno::ENOENT as i32));
        let spawned = spawn::posix_spawn(&missing).unwrap_err();
        assert_eq!(spawned.raw_os_error(), Some(Errno::ENOENT as i32));
    }
}
