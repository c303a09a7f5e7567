//! Idle threads of the C library, and idle processes that share the memory of their creator.

use super::futex;
use super::memory::Mapping;
use super::raw_task::{RawTask, creator, die_with};
use super::sharing::Sharing;
use super::stack::Stack;
use super::thread::{Attributes, create, join};
use nix::unistd::Pid;
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where idle tasks check in and then wait.
#[derive(Debug)]
struct ParkingSpot {
    /// How many have checked in.
    here: AtomicU32,
    /// Not 0 when all may end.
    closed: AtomicU32,
    /// The process that the idle processes die with.
    creator: Pid,
}

impl ParkingSpot {
    fn new() -> Box<Self> {
        Box::new(ParkingSpot {
            here: AtomicU32::new(0),
            closed: AtomicU32::new(0),
            creator: creator(),
        })
    }

    /// Sleeps until this many have checked in.
    fn await_all(&self, all: u32) {
        loop {
            match self.here.load(Ordering::Acquire) {
                here if here >= all => return,
                // Handles spurious wake-ups.
                here => _ = futex::wait(&self.here, here),
            }
        }
    }

    /// What a task does: system calls only.
    fn check_in_and_wait(&self) {
        self.here.fetch_add(1, Ordering::AcqRel);
        // A creator that is awake needs no waking.
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

/// Idle threads. They end and are joined on drop.
#[derive(Debug)]
pub struct IdleThreads {
    stacks: Stacks,
    attributes: Attributes,
    spot: Box<ParkingSpot>,
    threads: Vec<libc::pthread_t>,
    /// Stacks that this program made.
    own_stacks: Vec<Mapping>,
}

impl IdleThreads {
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
        Ok(IdleThreads { stacks, attributes, spot: ParkingSpot::new(), threads, own_stacks })
    }

    /// Creates threads or processes until there are `to`, and waits until all have checked in.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or without memory for a stack. Those that were created stay.
    pub fn grow(&mut self, to: u32) -> io::Result<()> {
        while self.threads.len() < to as usize {
            self.add()?;
        }
        self.spot.await_all(to);
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
        let spot = ptr::from_ref(&*self.spot).cast_mut().cast();
        // SAFETY: the routine takes the spot, which stays in its box until drop has joined all
        // threads; so do the stacks.
        self.threads.push(unsafe { create(attributes, wait_as_thread, spot) }?);
        Ok(())
    }
}

impl Drop for IdleThreads {
    fn drop(&mut self) {
        self.spot.closed.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.spot.closed);
        for thread in self.threads.drain(..) {
            // None is expected to fail.
            let _ = join(thread);
        }
    }
}

extern "C" fn wait_as_thread(spot: *mut c_void) -> *mut c_void {
    // SAFETY: `add` passes a spot that outlives this thread.
    let spot = unsafe { &*spot.cast::<ParkingSpot>() };
    spot.check_in_and_wait();
    ptr::null_mut()
}

/// Idle processes that share this one's memory. They are killed and reaped on drop, and die with
/// this process.
#[derive(Debug)]
pub struct IdleProcesses {
    /// Dropped before the spot that they wait at.
    actors: Vec<RawTask>,
    spot: Box<ParkingSpot>,
}

impl IdleProcesses {
    /// None yet.
    #[must_use]
    pub fn none_yet() -> Self {
        IdleProcesses { actors: Vec::new(), spot: ParkingSpot::new() }
    }

    /// Creates threads or processes until there are `to`, and waits until all have checked in.
    ///
    /// # Errors
    /// EAGAIN at a limit on processes, ENOMEM. Those that were created stay.
    pub fn grow(&mut self, to: u32) -> io::Result<()> {
        let spot: *const ParkingSpot = &raw const *self.spot;
        while self.actors.len() < to as usize {
            let stack = Stack::without_guard()?;
            // SAFETY: the spot outlives the actors, which are dropped before it; the body uses
            // nothing but system calls.
            let actor = unsafe { RawTask::start_on(stack, Sharing::Memory, wait_as_actor, spot) };
            self.actors.push(actor?);
        }
        self.spot.await_all(to);
        Ok(())
    }
}

extern "C" fn wait_as_actor(spot: *const ParkingSpot) -> ! {
    // SAFETY: `grow` passes a spot that outlives this actor.
    let spot = unsafe { &*spot };
    die_with(spot.creator);
    spot.check_in_and_wait();
    super::raw_task::leave()
}
