//! Sets of clone flags that make no sense, and what the kernel says to them.

use crate::sys::clone::{Arguments, clone_and_leave};
use crate::sys::fork::reap;
use crate::sys::single_thread::SingleThread;
use crate::sys::stack::Stack;
use libc::{CLONE_FS, CLONE_NEWNS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SIGCHLD};
use nix::unistd::Pid;
use std::ffi::c_int;
use std::io;

/// A set of clone flags.
#[derive(Debug, Clone, Copy)]
pub struct FlagSet {
    /// Its name for people.
    pub name: &'static str,
    flags: c_int,
}

/// Sets that clone(2) says it refuses with EINVAL.
pub const SENSELESS: [FlagSet; 4] = [
    FlagSet { name: "SIGHAND without VM", flags: CLONE_SIGHAND | SIGCHLD },
    FlagSet { name: "THREAD without SIGHAND", flags: CLONE_THREAD | CLONE_VM },
    FlagSet { name: "THREAD and SIGHAND without VM", flags: CLONE_THREAD | CLONE_SIGHAND },
    FlagSet { name: "FS with NEWNS", flags: CLONE_FS | CLONE_NEWNS | SIGCHLD },
];

/// A set that it takes.
pub const ALLOWED: FlagSet =
    FlagSet { name: "VM | SIGHAND", flags: CLONE_VM | CLONE_SIGHAND | SIGCHLD };

impl FlagSet {
    /// Does it ask for a namespace, which a sandbox may forbid whatever else is in the set?
    #[must_use]
    pub fn wants_namespace(self) -> bool {
        self.flags & CLONE_NEWNS != 0
    }

    /// Starts an actor of this set, which leaves at once: the error number, 0 where the kernel
    /// takes the set.
    ///
    /// # Errors
    /// ENOMEM for its stack; an end of the actor that is none of its own.
    pub fn refusal(self, _: &SingleThread) -> io::Result<i32> {
        let mut stack = Stack::without_guard()?;
        let stack_top = stack.top().expose_provenance();
        let with = Arguments { flags: self.flags as usize, stack_top, alive: 0 };
        // SAFETY: the stack is new; the actor touches neither it nor any memory. No flag asks for
        // the word.
        let task = unsafe { clone_and_leave(&with) };
        match task {
            ..0 => return Ok(-task as i32),
            // The end of such a thread is not reported.
            _ if self.flags & CLONE_THREAD != 0 => std::mem::forget(stack),
            _ => reap(Pid::from_raw(task as i32))?,
        }
        Ok(0)
    }
}
