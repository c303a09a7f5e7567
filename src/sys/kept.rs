//! Threads of the C library, and processes that share the memory of their creator, that check in
//! and wait for the end.

use super::actor::{RawActor, creator, die_with};
use super::futex;
use super::memory::Mapping;
use super::sharing::Sharing;
use super::stack::Stack;
use super::thread::{Attributes, create, join};
use nix::unistd::Pid;
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where they check in, and what they wait for.
#[derive(Debug)]
struct Desk {
    /// How many have come.
    here: AtomicU32,
    /// Not 0 when all may leave.
    closed: AtomicU32,
    /// Whom the processes die with.
    creator: Pid,
}

impl Desk {
    fn new() -> Box<Self> {
        Box::new(Desk { here: AtomicU32::new(0), closed: AtomicU32::new(0), creator: creator() })
    }

    /// Sleeps until as many are here.
    fn await_all(&self, all: u32) {
        loop {
            match self.here.load(Ordering::Acquire) {
                here if here >= all => return,
                // Whatever woke it, it looks again.
                here => _ = futex::wait(&self.here, here),
            }
        }
    }

    /// What an actor does: it uses nothing but system calls.
    fn check_in_and_wait(&self) {
        self.here.fetch_add(1, Ordering::AcqRel);
        // A creator that has seen it by itself needs no waking.
        let _ = futex::wake_one(&self.here);
        futex::wait_while_zero(&self.closed);
    }
}

/// The stacks of threads.
#[derive(Debug, Clone, Copy)]
pub enum Stacks {
    /// As the C library makes them.
    Default,
    /// Of this size, made by the C library.
    Of(usize),
    /// Of this size and aligned to it, which is that of a huge page, and asked to be one.
    Huge(usize),
}

/// Threads that wait. They leave and are joined on drop.
#[derive(Debug)]
pub struct KeptThreads {
    stacks: Stacks,
    attributes: Attributes,
    desk: Box<Desk>,
    threads: Vec<libc::pthread_t>,
    /// Those that this program made.
    own_stacks: Vec<Mapping>,
}

impl KeptThreads {
    /// None yet.
    ///
    /// # Errors
    /// EINVAL for a size of stacks that the C library does not take.
    pub fn with(stacks: Stacks) -> io::Result<Self> {
        let attributes = match stacks {
            Stacks::Of(bytes) => Attributes::with_stack(bytes)?,
            Stacks::Default | Stacks::Huge(_) => Attributes::default_ones(),
        };
        let (threads, own_stacks) = (Vec::new(), Vec::new());
        Ok(KeptThreads { stacks, attributes, desk: Desk::new(), threads, own_stacks })
    }

    /// Has as many live and waits until all have checked in.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or without memory for a stack. Those that were created stay.
    pub fn grow(&mut self, to: u32) -> io::Result<()> {
        while self.threads.len() < to as usize {
            self.add()?;
        }
        self.desk.await_all(to);
        Ok(())
    }

    fn add(&mut self) -> io::Result<()> {
        let own = match self.stacks {
            Stacks::Huge(bytes) => {
                let stack = Mapping::aligned(bytes)?;
                stack.prefer_huge_pages()?;
                self.own_stacks.push(stack);
                self.own_stacks.last()
            }
            Stacks::Default | Stacks::Of(_) => None,
        };
        let on_own = own.map(Attributes::on_stack).transpose()?;
        let attributes = on_own.as_ref().unwrap_or(&self.attributes);
        let desk = ptr::from_ref(&*self.desk).cast_mut().cast();
        // SAFETY: the routine takes the desk, which stays in its box until drop has joined all
        // threads; so do the stacks.
        self.threads.push(unsafe { create(attributes, wait_as_thread, desk) }?);
        Ok(())
    }
}

impl Drop for KeptThreads {
    fn drop(&mut self) {
        self.desk.closed.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.desk.closed);
        for thread in self.threads.drain(..) {
            // None is expected to fail.
            let _ = join(thread);
        }
    }
}

extern "C" fn wait_as_thread(desk: *mut c_void) -> *mut c_void {
    // SAFETY: `add` passes a desk that outlives this thread.
    let desk = unsafe { &*desk.cast::<Desk>() };
    desk.check_in_and_wait();
    ptr::null_mut()
}

/// Processes that share this one's memory and wait. They are killed and reaped on drop, and die
/// with this process.
#[derive(Debug)]
pub struct KeptActors {
    /// Dropped before the desk that they stand at.
    actors: Vec<RawActor>,
    desk: Box<Desk>,
}

impl KeptActors {
    /// None yet.
    #[must_use]
    pub fn none_yet() -> Self {
        KeptActors { actors: Vec::new(), desk: Desk::new() }
    }

    /// Has as many live and waits until all have checked in.
    ///
    /// # Errors
    /// EAGAIN at a limit on processes, ENOMEM. Those that were created stay.
    pub fn grow(&mut self, to: u32) -> io::Result<()> {
        let desk: *const Desk = &raw const *self.desk;
        while self.actors.len() < to as usize {
            let stack = Stack::without_guard()?;
            // SAFETY: the desk outlives the actors, which are dropped before it; the body uses
            // nothing but system calls.
            let actor = unsafe { RawActor::start_on(stack, Sharing::Memory, wait_as_actor, desk) };
            self.actors.push(actor?);
        }
        self.desk.await_all(to);
        Ok(())
    }
}

extern "C" fn wait_as_actor(desk: *const Desk) -> ! {
    // SAFETY: `grow` passes a desk that outlives this actor.
    let desk = unsafe { &*desk };
    die_with(desk.creator);
    desk.check_in_and_wait();
    super::actor::leave()
}
