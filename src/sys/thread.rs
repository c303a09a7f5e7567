//! Threads as the C library makes them, and as the kernel does.

use super::futex;
use super::memory::Mapping;
use std::ffi::{c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// pthread_create(3) of a thread that returns at once, and pthread_join(3).
///
/// # Errors
/// EAGAIN at a limit on threads.
#[inline]
pub fn pthread_spawn_join() -> io::Result<()> {
    let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
    let (attributes, argument) = (ptr::null(), ptr::null_mut());
    // SAFETY: the C library fills in `thread`; the start routine takes no argument and touches nothing.
    let number =
        unsafe { libc::pthread_create(thread.as_mut_ptr(), attributes, pthread_body, argument) };
    super::check_number(number)?;
    // SAFETY: pthread_create succeeded, so it wrote the handle.
    let thread = unsafe { thread.assume_init() };
    // SAFETY: the handle is of a thread that is joined nowhere else.
    super::check_number(unsafe { libc::pthread_join(thread, ptr::null_mut()) })
}

extern "C" fn pthread_body(_: *mut c_void) -> *mut c_void {
    ptr::null_mut()
}

/// What pthread_create asks of clone(2), less the thread-local storage that an empty body does not need.
const THREAD_FLAGS: c_int = libc::CLONE_VM
    | libc::CLONE_FS
    | libc::CLONE_FILES
    | libc::CLONE_SIGHAND
    | libc::CLONE_THREAD
    | libc::CLONE_SYSVSEM
    | libc::CLONE_CHILD_CLEARTID;

/// A stack and a word for threads made by clone(2) itself, one after the other.
#[derive(Debug)]
pub struct RawThread {
    stack: Mapping,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
}

impl RawThread {
    /// Prepares a stack of 64 KiB, resident.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn new() -> io::Result<Self> {
        let stack = Mapping::private(64 << 10)?;
        stack.touch_all();
        Ok(RawThread { stack, alive: Box::new(AtomicU32::new(0)) })
    }

    /// clone(2) of a thread that leaves at once, and the wait until the kernel says that it has.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads.
    #[inline]
    pub fn spawn_join(&mut self) -> io::Result<()> {
        self.alive.store(1, Ordering::Relaxed);
        let (top, none) = (self.stack.top(), ptr::null_mut::<c_void>());
        let word = self.alive.as_ptr();
        // SAFETY: the stack is exclusively ours and unused: the last thread on it cleared `alive` before it was
        // reused. The body makes no call and touches no thread-local state, which it shares with its creator.
        let tid = unsafe { libc::clone(raw_body, top, THREAD_FLAGS, none, none, none, word) };
        super::check(tid.into())?;
        while self.alive.load(Ordering::Acquire) != 0 {
            // EAGAIN (already cleared) and EINTR both mean: look again. Only 0 gives the stack back.
            let _ = futex::wait(&self.alive, 1);
        }
        Ok(())
    }
}

/// The C library's clone leaves by the exit system call, for this thread alone, when the body returns.
extern "C" fn raw_body(_: *mut c_void) -> c_int {
    0
}
