//! Actors that leave at once, by any set of clone flags, one after the other on one prepared stack.
//!
//! The same instructions for every set: the actors differ in nothing but the flags, and in how
//! their end is told.

use super::actor::leave;
use super::clone::{Arguments, clone_and_leave, clone_and_live};
use super::fork::{SingleThread, reap};
use super::futex;
use super::sharing::Sharing;
use super::stack::Stack;
use super::stamp::Mark;
use nix::unistd::Pid;
use std::ffi::c_int;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// A set of flags, with a stack and a word for its actors.
#[derive(Debug)]
pub struct BriefActors {
    sharing: Sharing,
    stack: Stack,
    /// Not 0 while a thread may use the stack; the kernel clears and wakes it (set_tid_address(2)).
    alive: Box<AtomicU32>,
    /// Held where the actor gets a copy of the memory, whose cost is that of a parent with one
    /// thread.
    _alone: Option<SingleThread>,
}

impl BriefActors {
    /// Prepares a stack, resident.
    ///
    /// # Errors
    /// ENOMEM; other threads, where the actor is to get a copy of the memory.
    pub fn new(sharing: Sharing) -> io::Result<Self> {
        let alone = if sharing.has_memory() { None } else { Some(SingleThread::prove()?) };
        let stack = Stack::without_guard()?;
        stack.touch_all();
        Ok(BriefActors { sharing, stack, alive: Box::new(AtomicU32::new(0)), _alone: alone })
    }

    /// clone(2) of an actor that leaves at once, or once it has stamped, and the wait until it is
    /// gone. Returns when clone had returned ([`Mark::now_ns`]).
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or processes, ENOMEM; an end of the actor that is none of its
    /// own.
    #[inline]
    pub fn once<M: Mark>(&mut self, mark: &M) -> io::Result<u64> {
        self.alive.store(1, Ordering::Relaxed);
        let with = Arguments {
            flags: self.sharing.flags() as usize,
            stack_top: self.stack.top().expose_provenance(),
            alive: self.alive.as_ptr().expose_provenance(),
        };
        let task = if M::STAMPS {
            let body = stamp_and_leave::<M> as extern "C" fn(*const M) -> !;
            let argument = ptr::from_ref(mark).expose_provenance();
            // SAFETY: the stack is exclusively ours and unused, as the last actor on it was waited
            // for. `alive` and `mark` stay where they are until this one is gone. Its body stamps
            // and leaves: a mark is one of two ([`Mark`]), and neither uses thread-local storage or
            // a lock.
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

extern "C" fn stamp_and_leave<M: Mark>(mark: *const M) -> ! {
    // SAFETY: `once` passes a mark that it borrows until this actor is gone.
    let mark = unsafe { &*mark };
    mark.stamp();
    leave()
}
