//! clone(2) with any set of flags, of a task that ends at once, and the wait for its end.
//!
//! The same instructions for every set: the tasks differ in their flags alone, and in how their
//! end is reported. All run on one prepared stack, one after the other.

use super::clone::{Arguments, clone_and_leave, clone_and_live};
use super::fork::reap;
use super::futex;
use super::raw_task::leave;
use super::sharing::Sharing;
use super::single_thread::SingleThread;
use super::stack::Stack;
use super::timestamp::Timestamp;
use nix::unistd::Pid;
use std::ffi::c_int;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// A set of flags, with a stack and a word for its tasks.
#[derive(Debug)]
pub struct ShortLivedTask {
    sharing: Sharing,
    stack: Stack,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
    /// Held where the actor gets a copy of the memory, whose cost is that of a parent with one
    /// thread.
    _alone: Option<SingleThread>,
}

impl ShortLivedTask {
    /// Prepares a stack, resident.
    ///
    /// # Errors
    /// ENOMEM; other threads, where the actor is to get a copy of the memory.
    pub fn new(sharing: Sharing) -> io::Result<Self> {
        let alone = if sharing.has_memory() { None } else { Some(SingleThread::prove()?) };
        let stack = Stack::without_guard()?;
        stack.touch_all();
        Ok(ShortLivedTask { sharing, stack, alive: Box::new(AtomicU32::new(0)), _alone: alone })
    }

    /// clone(2) of a task that ends at once, or once it has stamped, and the wait for its end.
    /// Returns when clone had returned ([`Timestamp::now_ns`]).
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or processes, ENOMEM; a task that ended otherwise.
    #[inline]
    pub fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        self.alive.store(1, Ordering::Relaxed);
        let with = Arguments {
            flags: self.sharing.flags() as usize,
            stack_top: self.stack.top().expose_provenance(),
            alive: self.alive.as_ptr().expose_provenance(),
        };
        let task = if M::STAMPS {
            let body = stamp_and_leave::<M> as extern "C" fn(*const M) -> !;
            let argument = ptr::from_ref(timestamp).expose_provenance();
            // SAFETY: the stack is exclusively ours and unused, as the last actor on it was waited
            // for. `alive` and `timestamp` stay where they are until this one has ended. Its body
            // stamps and leaves: a timestamp is one of two ([`Timestamp`]), and neither uses
            // thread-local storage or a lock.
            unsafe { clone_and_live(&with, body as usize, argument) }
        } else {
            // SAFETY: as above, without a body.
            unsafe { clone_and_leave(&with) }
        };
        let returned_ns = M::now_ns();
        if task < 0 {
            return Err(io::Error::from_raw_os_error(-task as c_int));
        }
        if !self.sharing.is_thread() {
            reap(Pid::from_raw(task as i32))?;
            return Ok(returned_ns);
        }
        while self.alive.load(Ordering::Acquire) != 0 {
            // EAGAIN (already cleared) and EINTR both mean: look again. Only 0 gives the stack
            // back.
            let _ = futex::wait(&self.alive, 1);
        }
        Ok(returned_ns)
    }
}

extern "C" fn stamp_and_leave<M: Timestamp>(timestamp: *const M) -> ! {
    // SAFETY: `once` passes a timestamp that it borrows until this task has ended.
    let timestamp = unsafe { &*timestamp };
    timestamp.stamp();
    leave()
}
