//! Threads that do nothing: they wait on a word until they may leave.
//!
//! They are made by clone(2) itself and run nothing but system calls, so they hold no lock of the C library at any time.
//! That is why a fork beside them is as sound as one without other threads ([`super::fork::SingleThread`]).

use super::actor::{RawActor, STACK_BYTES, leave};
use super::futex;
use super::memory::Mapping;
use super::sharing::Sharing;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many of them this process has.
static ALIVE: AtomicU32 = AtomicU32::new(0);

/// Threads of this process that wait until they are dropped.
#[derive(Debug)]
pub struct IdleThreads {
    gate: Box<AtomicU32>,
    threads: Vec<RawActor>,
}

impl IdleThreads {
    /// Starts `count` of them, each on a stack of its own of which a page is touched.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads, ENOMEM. Those that were started leave again.
    pub fn start(count: u32) -> io::Result<Self> {
        let mut idle = IdleThreads {
            gate: Box::new(AtomicU32::new(0)),
            threads: Vec::with_capacity(count as usize),
        };
        for _ in 0..count {
            let gate: *const AtomicU32 = &raw const *idle.gate;
            let stack = Mapping::private(STACK_BYTES)?;
            // SAFETY: the gate outlives the threads, which drop waits for; the body uses nothing but system calls.
            idle.threads.push(unsafe { RawActor::start_on(stack, Sharing::All, wait, gate) }?);
            ALIVE.fetch_add(1, Ordering::Relaxed);
        }
        Ok(idle)
    }

    /// How many there are in this process.
    pub(super) fn alive() -> u32 {
        ALIVE.load(Ordering::Relaxed)
    }
}

impl Drop for IdleThreads {
    fn drop(&mut self) {
        self.gate.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.gate);
        let count = self.threads.len() as u32;
        // Waits for each.
        self.threads.clear();
        ALIVE.fetch_sub(count, Ordering::Relaxed);
    }
}

extern "C" fn wait(gate: *const AtomicU32) -> ! {
    // SAFETY: `start` passes a word that outlives this thread.
    let gate = unsafe { &*gate };
    while gate.load(Ordering::Acquire) == 0 {
        // Whatever woke it, it looks again.
        let _ = futex::wait(gate, 0);
    }
    leave()
}
