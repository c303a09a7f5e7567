//! Who handles a signal: a handler that counts, thread by thread, or the kernel.

use super::call::call;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::c_int;
use std::io;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::thread::JoinHandle;

/// Threads that are told apart.
pub const PLACES: usize = 8;

/// The task id of the thread in each place; 0 where there is none.
static TASKS: [AtomicU32; PLACES] = [const { AtomicU32::new(0) }; PLACES];
/// How many signals each has handled.
static HANDLED: [AtomicU32; PLACES] = [const { AtomicU32::new(0) }; PLACES];

/// Has this process count the signal instead of doing what it does by default (sigaction(2)).
///
/// # Errors
/// EINVAL for a signal that cannot be handled.
pub fn count_signal(signal: Signal) -> nix::Result<()> {
    let handler = SigHandler::Handler(count);
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler makes one system call, which leaves errno alone, and touches atomics.
    unsafe { sigaction(signal, &action) }.map(drop)
}

/// The first signal by which somebody asked this process to end; 0 before.
static ASKED: AtomicI32 = AtomicI32::new(0);

/// Has this process note the signal, and go on until it looks ([`asked`]). A second one of the kind
/// does what it does by default. One that is ignored stays so: by `nohup` and by a shell's `&` the
/// caller says so. The first process of a container, which the kernel shields from signals without
/// a handler (pid_namespaces(7)), heeds it too.
///
/// # Errors
/// EINVAL for a signal that cannot be handled.
pub fn end_in_order(signal: Signal) -> nix::Result<()> {
    let flags = SaFlags::SA_RESTART | SaFlags::SA_RESETHAND;
    let action = SigAction::new(SigHandler::Handler(note), flags, SigSet::empty());
    // SAFETY: the handler touches an atomic and nothing else.
    let before = unsafe { sigaction(signal, &action) }?;
    match before.handler() {
        SigHandler::SigIgn => ignore(signal),
        _ => Ok(()),
    }
}

extern "C" fn note(signal: c_int) {
    // The first one is the reason.
    let _ = ASKED.compare_exchange(0, signal, Ordering::AcqRel, Ordering::Acquire);
}

/// The signal by which this process was asked to end, if it was.
#[must_use]
pub fn asked() -> Option<Signal> {
    Signal::try_from(ASKED.load(Ordering::Acquire)).ok()
}

/// Has the kernel do with the signal what it does by default: one that is ignored stays so over
/// fork and exec.
///
/// # Errors
/// EINVAL for a signal that cannot be handled.
pub fn by_default(signal: Signal) -> nix::Result<()> {
    let action = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: there is no handler that could run.
    unsafe { sigaction(signal, &action) }.map(drop)
}

/// Has the kernel do nothing with the signal. Children inherit that, over exec too.
///
/// # Errors
/// EINVAL for a signal that cannot be ignored.
pub fn ignore(signal: Signal) -> nix::Result<()> {
    let action = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: there is no handler that could run.
    unsafe { sigaction(signal, &action) }.map(drop)
}

extern "C" fn count(_: c_int) {
    let task = task();
    for (of, handled) in TASKS.iter().zip(&HANDLED) {
        if of.load(Ordering::Relaxed) == task {
            handled.fetch_add(1, Ordering::Release);
        }
    }
}

/// Gives the calling thread a place, whose count starts at zero.
pub fn take_place(place: usize) {
    HANDLED[place].store(0, Ordering::Relaxed);
    TASKS[place].store(task(), Ordering::Release);
}

/// How many signals the thread in this place has handled.
#[must_use]
pub fn handled(place: usize) -> u32 {
    HANDLED[place].load(Ordering::Acquire)
}

/// The calling thread's id, by the system call: also in a handler.
fn task() -> u32 {
    // SAFETY: takes no argument.
    unsafe { call(libc::SYS_gettid, [0; 4]) }.map_or(0, |task| task as u32)
}

/// Sends a signal to one thread (pthread_kill(3)).
///
/// # Errors
/// ESRCH where the thread has ended.
pub fn pthread_kill<T>(thread: &JoinHandle<T>, signal: Signal) -> io::Result<()> {
    // With musl the C library's own type is a pointer.
    let thread = thread.as_pthread_t() as libc::pthread_t;
    // SAFETY: the handle is borrowed, so the thread is not joined and its id is valid.
    super::check_number(unsafe { libc::pthread_kill(thread, signal as c_int) })
}
