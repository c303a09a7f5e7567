//! fork and vfork, and the contract that makes them sound.
//!
//! A forked child has one thread, the copy of the one that called. Whatever another thread held at
//! that moment (the allocator's lock, half a write) stays as it was for ever. So a child either
//! does one thing of a closed list ([`Child`]), all of which are system calls and writes to memory,
//! sound in the copy of any process (signal-safety(7)); or it runs any body ([`fork_actor`]), and
//! then the process must have a single thread at that very moment, so that its child is a whole
//! copy of a whole program.
//!
//! Neither returns into its parent's stack frames, unwinds out of them, runs exit handlers or
//! flushes buffers that it shares with its parent: both leave by `_exit`.

use super::futex;
use super::image::ExecImage;
use super::memory::Mapping;
use super::single_thread::SingleThread;
use super::stack::Stack;
use super::timestamp::{NoTimestamp, SharedTimestamp, Timestamp};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, getppid};
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::io;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// What a forked child does: system calls and writes to memory. The end is `_exit` or a new
/// program.
#[derive(Debug, Clone, Copy)]
pub enum Child<'i> {
    /// Leaves at once with status 0.
    Exit,
    /// Writes a word to each page of memory that it has inherited, and leaves.
    Write(&'i Mapping),
    /// Becomes the program; should that fail, leaves with the error number as its status.
    Exec(&'i ExecImage),
    /// Lets its creator trace it (ptrace(2)) and becomes the program, before whose first
    /// instruction it stops; should either fail, leaves with the error number as its status.
    Traced(&'i ExecImage),
    /// Dies with this parent, waits until the word is no longer 0, and leaves.
    Wait(Pid, &'i AtomicU32),
    /// Dies with this parent, writes a word to each page, notes how long that took, and leaves.
    Bill(Pid, &'i Mapping, &'i SharedTimestamp),
    /// Dies with this parent, does the work of a drill and leaves.
    Count(Pid, CountTo<'i>),
}

/// The work of a process in a drill.
#[derive(Debug, Clone, Copy)]
pub struct CountTo<'i> {
    /// What it counts to ([`count`]).
    pub turns: u64,
    /// The pipe into which it writes the result, eight bytes.
    pub says: &'i OwnedFd,
    /// A word that it waits for before it leaves, until it is no longer 0.
    pub gate: Option<&'i AtomicU32>,
}

/// What a worker of a drill does. The optimiser may not know what is added.
pub fn count(turns: u64) -> u64 {
    (0..turns).fold(0, |counted, _| counted + black_box(1))
}

/// fork(2) through the C library, its fork handlers included. The child stamps first, or once it
/// has written its pages; before an exec it does not, as that is the program's part.
///
/// # Errors
/// The kernel's: EAGAIN at a limit on processes, ENOMEM.
#[inline(always)]
pub fn fork<M: Timestamp>(_: &SingleThread, child: Child<'_>, timestamp: &M) -> io::Result<Pid> {
    // SAFETY: the child makes system calls, writes to memory that it has, and leaves: it needs no
    // lock that a thread which it lacks may hold.
    match unsafe { libc::fork() } {
        0 => child.act(timestamp),
        pid => super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32)),
    }
}

impl Child<'_> {
    /// Inlined always, with [`fork`], so that the child has in front of it the one thing that it
    /// does: each other page of the program's code would be a fault, as fork does not copy the
    /// translations of files.
    #[inline(always)]
    fn act<M: Timestamp>(self, timestamp: &M) -> ! {
        match self {
            Child::Exit => timestamp.stamp(),
            Child::Write(pages) => {
                pages.touch_all();
                timestamp.stamp();
            }
            Child::Exec(image) => exit(image.exec()),
            Child::Traced(image) => exit(match trace_me() {
                0 => image.exec(),
                refused => refused,
            }),
            Child::Wait(parent, gate) => {
                die_with(parent);
                wait_for(gate);
            }
            Child::Bill(parent, pages, note) => {
                die_with(parent);
                note.store_ns(pages.touch_all_ns());
            }
            Child::Count(parent, CountTo { turns, says, gate }) => {
                die_with(parent);
                // No process reads any more where this fails, and the parent sees that it was not
                // told.
                let _ = nix::unistd::write(says, &count(turns).to_ne_bytes());
                if let Some(gate) = gate {
                    wait_for(gate);
                }
            }
        }
        exit(0)
    }
}

fn wait_for(gate: &AtomicU32) {
    while gate.load(Ordering::Acquire) == 0 {
        // Handles spurious wake-ups.
        let _ = futex::wait(gate, 0);
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
/// vfork itself returns twice into the same frame, which Rust cannot express. The caller sleeps
/// until the child has become another program, or has left.
///
/// No signal is blocked meanwhile, as posix_spawn(3) does, so that a handler may run in the child,
/// and in its parent's memory. There are two: that of `super::signal` counts in atomic words, and
/// that of Rust's runtime answers a fault of the child's own. Both are sound there.
///
/// # Errors
/// As [`fork`].
#[inline]
pub fn vfork(stack: &mut Stack, child: Child<'_>) -> io::Result<Pid> {
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    let argument = ptr::from_ref(&child).cast_mut().cast::<c_void>();
    // SAFETY: the stack is exclusively borrowed and the caller sleeps until the child has left it,
    // so that neither it nor `child` is used by anybody else meanwhile.
    let pid = unsafe { libc::clone(vfork_child, stack.top(), flags, argument) };
    super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32))
}

extern "C" fn vfork_child(argument: *mut c_void) -> c_int {
    // SAFETY: `vfork` passes a pointer to a `Child` in the frame of its caller, which sleeps.
    let child = unsafe { *argument.cast::<Child<'_>>() };
    child.act(&NoTimestamp)
}

/// Waits for a child and looks at how it ended (waitpid(2)).
///
/// # Errors
/// Its exit status as an error number, if that is not 0: a failed exec is no operation. Any other
/// end, in words.
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

/// Forks a child that runs `body` and then leaves by `_exit`: 0, or 101 if the body panicked. Not
/// for what is timed: it counts the threads of this process first, as the witness may be older than
/// one of them.
///
/// # Errors
/// As [`fork`] and [`SingleThread::prove`].
pub fn fork_actor(alone: &SingleThread, body: impl FnOnce()) -> io::Result<Pid> {
    alone.still_holds()?;
    // SAFETY: the calling thread is the only one but for idle ones, which hold no lock and start no
    // thread. So no lock is held in the copy by a thread that it lacks, and the body finds a whole
    // program.
    match unsafe { libc::fork() } {
        0 => match catch_unwind(AssertUnwindSafe(body)) {
            Ok(()) => exit(0),
            Err(_) => exit(101),
        },
        pid => super::check(pid.into()).map(|pid| Pid::from_raw(pid as i32)),
    }
}

/// In a forked child: dies when the parent dies. The signal is asked for first and the parent
/// checked afterwards: it may be dead already, and then this process exits.
pub fn die_with(parent: Pid) {
    let asked = prctl::set_pdeathsig(Signal::SIGKILL);
    if asked.is_err() || getppid() != parent {
        exit(1);
    }
}

/// _exit(2): no handlers, no flushing.
pub fn exit(status: c_int) -> ! {
    // SAFETY: ends this process; takes no pointers.
    unsafe { libc::_exit(status) }
}

/// Runs `body` in a forked child for at most twenty seconds; how that ended. For tests, whose
/// process has other threads: the body makes system calls and no more.
#[cfg(test)]
pub(super) fn ends_in_child(body: impl FnOnce()) -> WaitStatus {
    // SAFETY: the child makes system calls, and leaves.
    let child = match unsafe { libc::fork() } {
        0 => {
            nix::unistd::alarm::set(20);
            body();
            exit(0)
        }
        pid => Pid::from_raw(pid),
    };
    // What it holds is the child's to drop.
    std::mem::forget(body);
    loop {
        match waitpid(child, None) {
            Err(Errno::EINTR) => {}
            ended => return ended.unwrap(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_witness_that_is_older_than_a_thread_proves_nothing() {
        let outlived = SingleThread::unproven();
        let leave = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !leave.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
            });
            let refused = fork_actor(&outlived, || ()).map(reap);
            leave.store(true, Ordering::Relaxed);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.starts_with("the process has "), "{refused}");
        });
    }

    #[test]
    fn children_wait_write_and_count_as_they_are_told() {
        let alone = SingleThread::unproven();
        let parent = nix::unistd::getpid();
        let words = Mapping::shared(8).unwrap();
        let gate = &words.words()[0];
        let child = fork(&alone, Child::Wait(parent, gate), &NoTimestamp).unwrap();
        gate.store(1, Ordering::Release);
        futex::wake_one(gate).unwrap();
        reap(child).unwrap();
        let noted = SharedTimestamp::new().unwrap();
        let pages = Mapping::private_pages(8).unwrap();
        reap(fork(&alone, Child::Bill(parent, &pages, &noted), &NoTimestamp).unwrap()).unwrap();
        assert!(noted.take_ns() > 0 && pages.words()[0].load(Ordering::Relaxed) == 0);
        let (hears, says) = nix::unistd::pipe().unwrap();
        let work = CountTo { turns: 1_000, says: &says, gate: Some(gate) };
        reap(fork(&alone, Child::Count(parent, work), &NoTimestamp).unwrap()).unwrap();
        let mut told = [0; 8];
        assert_eq!(nix::unistd::read(&hears, &mut told).unwrap(), 8);
        assert_eq!(u64::from_ne_bytes(told), 1_000);
    }
}
