//! fork and vfork, and the contract that makes them sound.
//!
//! A forked child has one thread, the copy of the one that called. Whatever another thread held at that moment (the
//! allocator's lock, half a write) stays as it was for ever. Hence the witness: these functions ask for proof that
//! the process has a single thread. Then the child is a whole copy of a whole program, and may go on.
//!
//! What a child does is a closed list ([`Child`]) or a body that ends in `_exit` ([`fork_actor`]): it never returns
//! into its parent's stack frames, never unwinds out of them, never runs exit handlers or flushes buffers that it
//! shares with its parent.

use super::idle::IdleThreads;
use super::image::Image;
use super::memory::Mapping;
use super::stamp::{Mark, Unmarked};
use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::ffi::{c_int, c_void};
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// Proof that this process had a single thread, idle ones of ours aside ([`IdleThreads`]), which hold nothing ever. It
/// cannot leave the thread that made it.
///
/// Whoever holds it must not start a thread of another kind while it lives.
#[derive(Debug)]
pub struct SingleThread(PhantomData<*const ()>);

impl SingleThread {
    /// Counts the tasks of this process (proc(5), `/proc/self/task`).
    ///
    /// # Errors
    /// There is more than one, or they cannot be counted.
    pub fn prove() -> io::Result<Self> {
        let tasks = std::fs::read_dir("/proc/self/task")?.count();
        match tasks - IdleThreads::alive() as usize {
            1 => Ok(SingleThread(PhantomData)),
            busy => {
                Err(io::Error::other(format!("the process has {busy} threads, fork needs one")))
            }
        }
    }
}

/// What a forked child does. Both ends are `_exit` or a new program.
#[derive(Debug, Clone, Copy)]
pub enum Child<'i> {
    /// Leaves at once with status 0.
    Exit,
    /// Writes a word to each page of memory that it has inherited, and leaves.
    Write(&'i Mapping),
    /// Becomes the program; should that fail, leaves with the error number as its status.
    Exec(&'i Image),
    /// Lets its creator trace it (ptrace(2)) and becomes the program, before whose first instruction it stops; should
    /// either fail, leaves with the error number as its status.
    Traced(&'i Image),
}

/// fork(2) through the C library, its fork handlers included. The child stamps first, or once it has written its pages;
/// before an exec it does not, as that is the program's part.
///
/// # Errors
/// The kernel's: EAGAIN at a limit on processes, ENOMEM.
#[inline]
pub fn fork<M: Mark>(_: &SingleThread, child: Child<'_>, mark: &M) -> io::Result<Pid> {
    // SAFETY: the witness proves a single thread, so that no lock is held by a thread that the child lacks.
    match unsafe { libc::fork() } {
        0 => child.act(mark),
        pid => super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32)),
    }
}

impl Child<'_> {
    #[inline]
    fn act<M: Mark>(self, mark: &M) -> ! {
        match self {
            Child::Exit => mark.stamp(),
            Child::Write(pages) => {
                pages.touch_all();
                mark.stamp();
            }
            Child::Exec(image) => exit(image.exec()),
            Child::Traced(image) => exit(match trace_me() {
                0 => image.exec(),
                refused => refused,
            }),
        }
        exit(0)
    }
}

/// ptrace(2), PTRACE_TRACEME: 0 or the error number.
fn trace_me() -> c_int {
    let request = [libc::PTRACE_TRACEME as usize, 0, 0, 0];
    // SAFETY: this request takes no pointers.
    let asked = unsafe { super::call::call(libc::SYS_ptrace, request) };
    asked.err().map_or(0, |e| e.raw_os_error().unwrap_or(libc::EPERM))
}

/// clone(2) with `CLONE_VM | CLONE_VFORK`: what vfork(2) does, on a stack of its own.
///
/// vfork itself returns twice into the same frame, which Rust cannot express. The caller sleeps until the child has
/// become another program, or has left.
///
/// # Errors
/// As [`fork`].
#[inline]
pub fn vfork(stack: &mut Mapping, child: Child<'_>) -> io::Result<Pid> {
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let argument = ptr::from_ref(&child).cast_mut().cast::<c_void>();
    // SAFETY: the stack is exclusively borrowed and the caller sleeps until the child has left it, so that neither it
    // nor `child` is used by anybody else meanwhile.
    let pid = unsafe { libc::clone(vfork_child, stack.top(), flags, argument) };
    super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32))
}

extern "C" fn vfork_child(argument: *mut c_void) -> c_int {
    // SAFETY: `vfork` passes a pointer to a `Child` in the frame of its caller, which sleeps.
    let child = unsafe { *argument.cast::<Child<'_>>() };
    child.act(&Unmarked)
}

/// Waits for a child and looks at how it ended (waitpid(2)).
///
/// # Errors
/// Its exit status as an error number, if that is not 0: a failed exec is no operation. Any other end, in words.
#[inline]
pub fn reap(child: Pid) -> io::Result<()> {
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

/// Forks a child that runs `body` and then leaves by `_exit`: 0, or 101 if the body panicked.
///
/// # Errors
/// As [`fork`].
pub fn fork_actor(_: &SingleThread, body: impl FnOnce()) -> io::Result<Pid> {
    // SAFETY: as in `fork`; the body runs in a complete single-threaded copy of the program.
    match unsafe { libc::fork() } {
        0 => match catch_unwind(AssertUnwindSafe(body)) {
            Ok(()) => exit(0),
            Err(_) => exit(101),
        },
        pid => super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32)),
    }
}

/// _exit(2): no handlers, no flushing.
pub fn exit(status: c_int) -> ! {
    // SAFETY: ends this process; takes no pointers.
    unsafe { libc::_exit(status) }
}
