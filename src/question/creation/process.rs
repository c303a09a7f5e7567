//! Creating a process, with or without a new program, and reaping it.

use crate::primitive::program::{self, Program};
use crate::primitive::{Entry, Primitive, Setup, witness};
use crate::question::creation::way::{First, Way, create};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::fork::{self, Child, reap};
use crate::sys::memory::Mapping;
use crate::sys::single_thread::SingleThread;
use crate::sys::spawn;
use crate::sys::stack::Stack;
use crate::sys::timestamp::Timestamp;
use nix::unistd::Pid;
use std::io;
use std::process::Command;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "process/fork",
        name: "fork",
        actor: Actor::Process,
        op: "fork, _exit in the child, waitpid",
        work: Work::Creates,
        excluded: "the parent's copy-on-write faults after the child has exited",
        source: "fork(2), wait(2)",
        start: forked,
    },
    Entry {
        id: "process/fork-working",
        name: "fork, child writes 16 pages first",
        actor: Actor::Process,
        op: "fork, the child writes 16 pages of its parent's memory, takes a timestamp where \
             asked, and exits; waitpid",
        work: Work::Creates,
        excluded: "as process/fork",
        source: "fork(2), wait(2)",
        start: fork_working,
    },
    Entry {
        id: "process/fork-exec-tiny",
        name: "fork + exec, the same program",
        actor: Actor::Process,
        op: "fork, exec of a static program of 130 bytes without libc (180 with a timestamp), \
             waitpid",
        work: Work::Creates,
        excluded: "making the program, which lives in memory",
        source: "fork(2), execve(2), elf(5)",
        start: fork_exec_tiny,
    },
    Entry {
        id: "process/fork-exec-static",
        name: "fork + exec, static libc",
        actor: Actor::Process,
        op: "fork, exec of a C program linked with a static libc, waitpid",
        work: Work::Creates,
        excluded: "making the program, which lives in memory; its environment is empty",
        source: "fork(2), execve(2)",
        start: fork_exec_static,
    },
    Entry {
        id: "process/fork-exec-dynamic",
        name: "fork + exec, dynamic libc",
        actor: Actor::Process,
        op: "fork, exec of the dynamically linked `true` found in PATH, waitpid",
        work: Work::Creates,
        excluded: "reading the program from disk: it is cached; its environment is empty",
        source: "fork(2), execve(2), ld.so(8)",
        start: fork_exec_dynamic,
    },
    Entry {
        id: "process/vfork-exec-tiny",
        name: "vfork + exec, 130 bytes without libc",
        actor: Actor::Process,
        op: "clone with VM and VFORK, exec of the same program as fork-exec-tiny, waitpid",
        work: Work::Creates,
        excluded: "as process/fork-exec-tiny, and the stack",
        source: "vfork(2), execve(2)",
        start: vfork_exec_tiny,
    },
    Entry {
        id: "process/spawn-tiny",
        name: "posix_spawn, the same program",
        actor: Actor::Process,
        op: "posix_spawn of the same program as fork-exec-tiny, waitpid",
        work: Work::Creates,
        excluded: "making the program, which lives in memory",
        source: "posix_spawn(3)",
        start: spawn_tiny,
    },
    Entry {
        id: "process/spawn-dynamic",
        name: "posix_spawn, dynamic libc",
        actor: Actor::Process,
        op: "posix_spawn of the dynamically linked `true` found in PATH, waitpid",
        work: Work::Creates,
        excluded: "reading the program from disk: it is cached; its environment is empty",
        source: "posix_spawn(3), ld.so(8)",
        start: spawn_dynamic,
    },
    Entry {
        id: "process/command-tiny",
        name: "std::process::Command, the same program",
        actor: Actor::Process,
        op: "std::process::Command of the same program as fork-exec-tiny, spawn and wait",
        work: Work::Creates,
        excluded: "making the program, and the Command, which is reused",
        source: "Rust standard library, std::process::Command",
        start: command_tiny,
    },
];

/// Pages that a working child writes before it leaves.
const WORKING_PAGES: usize = 16;

/// fork of a child that leaves at once.
struct Forked(SingleThread);

impl Way for Forked {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        let child = fork::fork(&self.0, Child::Exit, timestamp)?;
        let returned_ns = M::now_ns();
        reap(child)?;
        Ok(returned_ns)
    }
}

/// fork of a child that writes these pages.
struct Working(SingleThread, Mapping);

impl Way for Working {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        let child = fork::fork(&self.0, Child::Write(&self.1), timestamp)?;
        let returned_ns = M::now_ns();
        reap(child)?;
        Ok(returned_ns)
    }
}

/// fork of a child that becomes a program, which writes the timestamp.
struct ForkExec(SingleThread, Program);

impl Way for ForkExec {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        let child = fork::fork(&self.0, Child::Exec(self.1.image()), timestamp)?;
        let returned_ns = M::now_ns();
        reap(child)?;
        Ok(returned_ns)
    }
}

/// Another way to start a program, which writes the timestamp.
struct Started<F>(F);

impl<F: FnMut() -> io::Result<Pid>> Way for Started<F> {
    #[inline]
    fn once<M: Timestamp>(&mut self, _: &M) -> io::Result<u64> {
        let child = (self.0)()?;
        let returned_ns = M::now_ns();
        reap(child)?;
        Ok(returned_ns)
    }
}

/// std::process::Command, used again and again.
struct Commanded {
    command: Command,
    /// Keeps the program's file.
    _program: Program,
}

impl Way for Commanded {
    #[inline]
    fn once<M: Timestamp>(&mut self, _: &M) -> io::Result<u64> {
        let mut child = self.command.spawn()?;
        let returned_ns = M::now_ns();
        let status = child.wait()?;
        match status.success() {
            true => Ok(returned_ns),
            false => Err(io::Error::other(format!("a child ended with {status}"))),
        }
    }
}

pub(crate) fn forked(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Actor, Forked(witness()?))
}

pub(crate) fn fork_working(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let alone = witness()?;
    let pages = Mapping::private_pages(WORKING_PAGES)
        .map_err(|e| Failure::os(format!("mapping {WORKING_PAGES} pages for the child"), e))?;
    pages.touch_all();
    create(setup, First::Actor, Working(alone, pages))
}

pub(crate) fn fork_exec_tiny(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Program, ForkExec(witness()?, program::tiny(setup.arm.stamped)?))
}

pub(crate) fn fork_exec_static(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Program, ForkExec(witness()?, program::static_libc(setup.arm.stamped)?))
}

pub(crate) fn fork_exec_dynamic(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Untold, ForkExec(witness()?, program::dynamic()?))
}

pub(crate) fn vfork_exec_tiny(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let program = program::tiny(setup.arm.stamped)?;
    let mut stack = Stack::guarded().map_err(|e| Failure::os("mapping a stack", e))?;
    let start = move || fork::vfork(&mut stack, Child::Exec(program.image()));
    create(setup, First::Program, Started(start))
}

pub(crate) fn spawn_tiny(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let program = program::tiny(setup.arm.stamped)?;
    create(setup, First::Program, Started(move || spawn::posix_spawn(program.image())))
}

pub(crate) fn spawn_dynamic(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let program = program::dynamic()?;
    create(setup, First::Untold, Started(move || spawn::posix_spawn(program.image())))
}

pub(crate) fn command_tiny(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let program = program::tiny(setup.arm.stamped)?;
    // Nothing is redirected: what is inherited costs nothing.
    let mut command = Command::new(program.path());
    command.env_clear();
    create(setup, First::Program, Commanded { command, _program: program })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::image::ExecImage;
    use crate::sys::timestamp::NoTimestamp;
    use nix::errno::Errno;

    #[test]
    fn a_child_that_fails_is_no_operation() {
        let failing = ExecImage::new(c"/bin/false".into());
        let mut spawned = Started(|| spawn::posix_spawn(&failing));
        assert!(spawned.once(&NoTimestamp).is_err());
        let _program = program::tiny(false).unwrap();
        let mut commanded = Commanded { command: Command::new("/bin/false"), _program };
        assert!(commanded.once(&NoTimestamp).is_err());
    }

    #[test]
    fn a_failed_exec_says_why() {
        let missing = ExecImage::new(c"/nonexistent".into());
        let mut stack = Stack::guarded().unwrap();
        let child = fork::vfork(&mut stack, Child::Exec(&missing)).unwrap();
        let failed = reap(child).unwrap_err();
        assert_eq!(failed.raw_os_error(), Some(Errno::ENOENT as i32));
        let spawned = spawn::posix_spawn(&missing).unwrap_err();
        assert_eq!(spawned.raw_os_error(), Some(Errno::ENOENT as i32));
    }
}
