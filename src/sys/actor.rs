//! Actors by the set of clone flags: from a thread to a process, all started by the same system call and all running
//! the same body on a stack of their own.
//!
//! None has thread-local storage of its own, so that they differ in nothing but the flags. Hence their body must
//! not use any: no allocation, no lock, no errno, no panic that unwinds. It ends in [`leave`].

use super::call::call;
use super::futex;
use super::memory::Mapping;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid};
use std::arch::asm;
use std::ffi::c_int;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// What an actor shares with its creator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Everything that a thread shares.
    All,
    /// The address space alone: a process of its own for the scheduler, for signals and for wait(2).
    Memory,
    /// Nothing: as after fork(2).
    Nothing,
}

impl Sharing {
    /// The flags of clone(2).
    fn flags(self) -> c_int {
        match self {
            Sharing::All => {
                libc::CLONE_VM
                    | libc::CLONE_FS
                    | libc::CLONE_FILES
                    | libc::CLONE_SIGHAND
                    | libc::CLONE_THREAD
                    | libc::CLONE_SYSVSEM
                    | libc::CLONE_CHILD_CLEARTID
            }
            Sharing::Memory => libc::CLONE_VM | libc::SIGCHLD,
            Sharing::Nothing => libc::SIGCHLD,
        }
    }
}

/// Stack of an actor, bytes: its body calls nothing deep.
pub(super) const STACK_BYTES: usize = 64 << 10;

/// A live actor. On drop a process is killed and reaped, and a thread waited for, which somebody must have told to
/// leave before.
#[derive(Debug)]
pub(super) struct RawActor {
    sharing: Sharing,
    task: Pid,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
    _stack: Mapping,
}

impl RawActor {
    /// Starts an actor that runs `body(argument)`.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or processes, ENOMEM.
    ///
    /// # Safety
    /// `argument` is what `body` wants and outlives the actor, whose body uses no thread-local storage. Without
    /// [`Sharing::Nothing`] that body sees the creator's memory; with it, a copy, for which the creator must have a
    /// single thread or share memory with nothing but actors of this kind.
    pub(super) unsafe fn start<T>(
        sharing: Sharing,
        body: extern "C" fn(*const T) -> !,
        argument: *const T,
    ) -> io::Result<Self> {
        let stack = Mapping::private(STACK_BYTES)?;
        stack.touch_all();
        // SAFETY: the caller's promise.
        unsafe { Self::start_on(stack, sharing, body, argument) }
    }

    /// As [`RawActor::start`], on this stack.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn start_on<T>(
        mut stack: Mapping,
        sharing: Sharing,
        body: extern "C" fn(*const T) -> !,
        argument: *const T,
    ) -> io::Result<Self> {
        let alive = Box::new(AtomicU32::new(1));
        let arguments = Clone {
            flags: sharing.flags() as usize,
            stack_top: stack.top().expose_provenance(),
            alive: alive.as_ptr().expose_provenance(),
            body: body as usize,
            argument: argument.expose_provenance(),
        };
        // SAFETY: the stack is new and stays mapped, `alive` stays where it is, both until the actor is gone; the
        // rest is the caller's promise.
        let task = unsafe { clone_and_live(&arguments) };
        if task < 0 {
            return Err(io::Error::from_raw_os_error(-task as c_int));
        }
        Ok(RawActor { sharing, task: Pid::from_raw(task as i32), alive, _stack: stack })
    }

    /// Its task id.
    pub(super) fn task(&self) -> Pid {
        self.task
    }
}

impl Drop for RawActor {
    fn drop(&mut self) {
        if self.sharing == Sharing::All {
            while self.alive.load(Ordering::Acquire) != 0 {
                // EAGAIN (already cleared) and EINTR both mean: look again. Only 0 gives the stack back.
                let _ = futex::wait(&self.alive, 1);
            }
            return;
        }
        // It may have left by itself: then there is nothing to kill, but still somebody to reap.
        let _ = kill(self.task, Signal::SIGKILL);
        while waitpid(self.task, None) == Err(nix::errno::Errno::EINTR) {}
    }
}

/// Has the calling process die with its parent, and leave at once when that is gone already (prctl(2),
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

/// What clone_and_live puts into registers.
struct Clone {
    flags: usize,
    stack_top: usize,
    alive: usize,
    body: usize,
    argument: usize,
}

/// The clone system call, and in the new actor a call of its body. Not by the C library: musl's wrapper refuses a
/// thread's flags.
///
/// Returns the task's id, or the error number below zero.
///
/// # Safety
/// `stack_top` is the aligned end of memory that nobody else uses while the actor lives, `alive` a live word for as
/// long, `body` an `extern "C"` function that takes `argument` and never returns.
#[cfg(target_arch = "x86_64")]
unsafe fn clone_and_live(with: &Clone) -> isize {
    let returned: isize;
    // SAFETY: the caller's promise. The actor finds the registers as they were and leaves this frame for good.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") libc::SYS_clone as isize => returned,
            in("rdi") with.flags,
            in("rsi") with.stack_top,
            in("rdx") 0usize,
            in("r10") with.alive,
            in("r8") 0usize,
            in("r12") with.argument,
            in("r13") with.body,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2), CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "aarch64")]
unsafe fn clone_and_live(with: &Clone) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x20",
            "blr x21",
            "brk #1",
            "2:",
            inlateout("x0") with.flags as isize => returned,
            in("x1") with.stack_top,
            in("x2") 0usize,
            in("x3") 0usize,
            in("x4") with.alive,
            in("x8") libc::SYS_clone,
            in("x20") with.argument,
            in("x21") with.body,
        );
    }
    returned
}

/// As on x86-64; here the kernel takes the thread-local storage before the word (clone(2), CLONE_BACKWARDS).
///
/// # Safety
/// As on x86-64.
#[cfg(target_arch = "riscv64")]
unsafe fn clone_and_live(with: &Clone) -> isize {
    let returned: isize;
    // SAFETY: as on x86-64.
    unsafe {
        asm!(
            "ecall",
            "bnez a0, 2f",
            "mv a0, s2",
            "jalr s3",
            "ebreak",
            "2:",
            inlateout("a0") with.flags as isize => returned,
            in("a1") with.stack_top,
            in("a2") 0usize,
            in("a3") 0usize,
            in("a4") with.alive,
            in("a7") libc::SYS_clone,
            in("s2") with.argument,
            in("s3") with.body,
        );
    }
    returned
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    /// In private memory: whoever shares it sees it change.
    static SEEN: AtomicU32 = AtomicU32::new(0);

    extern "C" fn change(word: *const AtomicU32) -> ! {
        // SAFETY: the test passes a static.
        let word = unsafe { &*word };
        word.fetch_add(1, Ordering::Relaxed);
        leave()
    }

    #[test]
    fn memory_is_shared_as_the_flags_say() {
        for (sharing, changed) in [(Sharing::All, 1), (Sharing::Memory, 1), (Sharing::Nothing, 0)] {
            SEEN.store(0, Ordering::Relaxed);
            // SAFETY: the body uses nothing but the static and a system call. A forked copy of this test's process
            // has threads whose locks nobody frees, and the body takes none.
            let actor = unsafe { RawActor::start(sharing, change, &raw const SEEN) }.unwrap();
            let task = actor.task();
            if sharing != Sharing::All {
                // Left by itself and not yet reaped: only then is it done for sure.
                let wanted = nix::sys::wait::Id::Pid(task);
                use nix::sys::wait::{WaitPidFlag, waitid};
                waitid(wanted, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).unwrap();
            }
            drop(actor);
            assert_eq!(SEEN.load(Ordering::Relaxed), changed, "{sharing:?}");
        }
    }
}
