//! Tasks by the set of clone flags: from a thread to a process, all started by the same system
//! call and all running the same body on a stack of their own.
//!
//! None has thread-local storage of its own, so that they differ in nothing but the flags. Hence
//! their body must not use any: no allocation, no lock, no errno, no panic, the checks of a debug
//! build included, as a panic counts itself in thread-local storage. What could overflow wraps. It
//! ends in [`leave`].

use super::call::call;
use super::clone::{Arguments, clone_and_live};
use super::futex;
use super::sharing::Sharing;
use super::stack::Stack;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use std::ffi::c_int;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// A live task. On drop a process is killed and reaped. A thread is waited for: it must have been
/// told to end before.
#[derive(Debug)]
pub(super) struct RawTask {
    sharing: Sharing,
    task: Pid,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
    _stack: Stack,
}

impl RawTask {
    /// Starts an actor that runs `body(argument)`.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or processes, ENOMEM.
    ///
    /// # Safety
    /// `argument` is what `body` wants and outlives the actor, whose body uses nothing but system
    /// calls and atomics: no thread-local storage, which it would share with its creator, and no
    /// lock, which may stay locked for ever in a copy of the creator's memory.
    pub(super) unsafe fn start<T>(
        sharing: Sharing,
        body: extern "C" fn(*const T) -> !,
        argument: *const T,
    ) -> io::Result<Self> {
        // SAFETY: the argument is what the body wants and outlives the actor, and the body uses no
        // thread-local storage: what this function asks of its caller as well.
        unsafe { Self::start_on(Stack::guarded()?, sharing, body, argument) }
    }

    /// As [`RawTask::start`], on this stack.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn start_on<T>(
        mut stack: Stack,
        sharing: Sharing,
        body: extern "C" fn(*const T) -> !,
        argument: *const T,
    ) -> io::Result<Self> {
        let alive = Box::new(AtomicU32::new(1));
        let with = Arguments {
            flags: sharing.flags() as usize,
            stack_top: stack.top().expose_provenance(),
            alive: alive.as_ptr().expose_provenance(),
        };
        // SAFETY: the stack is this actor's own and stays mapped, `alive` stays where it is, both
        // until the task has ended, which drop waits for. `body` takes a `*const T` and never
        // returns, by its type; `argument` outlives the actor and the body uses no thread-local
        // storage, by the contract of this function.
        let task = unsafe { clone_and_live(&with, body as usize, argument.expose_provenance()) };
        if task < 0 {
            return Err(io::Error::from_raw_os_error(-task as c_int));
        }
        Ok(RawTask { sharing, task: Pid::from_raw(task as i32), alive, _stack: stack })
    }

    /// Its task id.
    pub(super) fn task(&self) -> Pid {
        self.task
    }
}

impl Drop for RawTask {
    fn drop(&mut self) {
        if self.sharing.is_thread() {
            // In a forked child, which has a copy of the word and none of the threads, the word
            // stays as it was.
            while self.alive.load(Ordering::Acquire) != 0 && is_thread_of_this_process(self.task) {
                // EAGAIN (already cleared) and EINTR both mean: look again. Only the end gives the
                // stack back.
                let _ = futex::wait(&self.alive, 1);
            }
            return;
        }
        // It is killed by its creator alone: in a forked child it is a sibling, and its id may be
        // another's.
        if waitpid(self.task, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive) {
            let _ = kill(self.task, Signal::SIGKILL);
            while waitpid(self.task, None) == Err(Errno::EINTR) {}
        }
    }
}

/// Does this process have the thread (tgkill(2) without a signal)? One that has left is none only
/// once the kernel has cleared its word.
fn is_thread_of_this_process(task: Pid) -> bool {
    let arguments = [getpid(), task].map(|id| id.as_raw() as usize);
    // SAFETY: takes numbers only, and signal 0 is none.
    unsafe { call(libc::SYS_tgkill, [arguments[0], arguments[1], 0, 0]) }.is_ok()
}

/// Sets the parent-death signal, and exits if the parent is already dead (prctl(2),
/// PR_SET_PDEATHSIG).
pub(super) fn die_with(parent: Pid) {
    let arguments = [libc::PR_SET_PDEATHSIG as usize, libc::SIGKILL as usize, 0, 0];
    // SAFETY: this option takes a number.
    let asked = unsafe { call(libc::SYS_prctl, arguments) };
    // SAFETY: takes no argument.
    let found = unsafe { call(libc::SYS_getppid, [0; 4]) };
    if asked.is_err() || found.ok() != Some(parent.as_raw() as usize) {
        leave();
    }
}

/// The parent that actors are to die with: this process.
pub(super) fn creator() -> Pid {
    getpid()
}

/// Ends the calling actor, not its siblings (exit(2), the system call).
pub(super) fn leave() -> ! {
    loop {
        // SAFETY: ends this task; takes no pointer.
        let _ = unsafe { call(libc::SYS_exit, [0; 4]) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sched::{CloneFlags, unshare};
    use nix::sys::wait::{Id, waitid};
    use std::fs;
    use std::os::fd::AsRawFd;

    /// In private memory: a task that shares it sees it change.
    static SEEN: AtomicU32 = AtomicU32::new(0);
    /// A descriptor of the test, and a free number for a copy of it.
    static COPIED: AtomicU32 = AtomicU32::new(0);
    const COPY: usize = 200;

    /// Changes memory, the table of descriptors and the working folder, each of which is shared or
    /// the actor's own.
    extern "C" fn change(_: *const ()) -> ! {
        let descriptor = COPIED.load(Ordering::Relaxed) as usize;
        SEEN.fetch_add(1, Ordering::Relaxed);
        // SAFETY: takes numbers only.
        let _ = unsafe { call(libc::SYS_dup3, [descriptor, COPY, 0, 0]) };
        // SAFETY: the string is static and ends in a zero.
        let _ = unsafe { call(libc::SYS_chdir, [c"/proc".as_ptr().addr(), 0, 0, 0]) };
        leave()
    }

    /// Memory, descriptors, folders.
    fn shares(sharing: Sharing) -> [bool; 3] {
        SEEN.store(0, Ordering::Relaxed);
        // The folder is "/", and there is no copy yet.
        std::env::set_current_dir("/").unwrap();
        let _ = nix::unistd::close(COPY as i32);
        // SAFETY: the body uses nothing but statics and system calls. A forked copy of this test's
        // process has threads whose locks are never freed, and the body takes none.
        let actor = unsafe { RawTask::start(sharing, change, std::ptr::null()) }.unwrap();
        // Left by itself and not yet reaped: only then is it done for sure. A thread is no
        // child.
        let found = waitid(Id::Pid(actor.task()), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        assert_eq!(found == Err(Errno::ECHILD), sharing.is_thread(), "{sharing:?}: {found:?}");
        drop(actor);
        let copied = fs::read_link(format!("/proc/thread-self/fd/{COPY}")).is_ok();
        let folder = fs::read_link("/proc/thread-self/cwd").unwrap();
        [SEEN.load(Ordering::Relaxed) == 1, copied, folder == fs::canonicalize("/proc").unwrap()]
    }

    #[test]
    fn actors_share_what_their_flags_say() {
        // The other tests of this process go on with a table and a folder of their own.
        unshare(CloneFlags::CLONE_FILES | CloneFlags::CLONE_FS).unwrap();
        let null = fs::File::open("/dev/null").unwrap();
        COPIED.store(null.as_raw_fd() as u32, Ordering::Relaxed);
        let expected = [
            (Sharing::All, [true, true, true]),
            (Sharing::AllButIdentity, [true, true, true]),
            (Sharing::MemoryAndFiles, [true, true, false]),
            (Sharing::Memory, [true, false, false]),
            (Sharing::MemoryAndTurn, [true, false, false]),
            (Sharing::FoldersAndFiles, [false, true, true]),
            (Sharing::Files, [false, true, false]),
            (Sharing::Nothing, [false, false, false]),
        ];
        assert_eq!(expected.map(|(sharing, _)| sharing), Sharing::EACH);
        for (sharing, what) in expected {
            assert_eq!(shares(sharing), what, "{sharing:?}: memory, descriptors, folder");
        }
    }
}
