//! Idle threads beside which a fork is sound: they wait on a word until they may end.
//!
//! They are made by clone(2) itself and run nothing but system calls, so they hold no lock of the C
//! library at any time. That is why a fork beside them is as sound as one without other threads
//! ([`super::single_thread::SingleThread`]).

use super::futex;
use super::raw_task::{RawTask, leave};
use super::sharing::Sharing;
use super::stack::Stack;
use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many of them a process has, below, and the id of that process, above: what is forked has a
/// copy of the number and none of the threads.
static ALIVE: AtomicU64 = AtomicU64::new(0);

/// Threads of this process that wait until they are dropped.
#[derive(Debug)]
pub struct ForkSafeThreads {
    gate: Box<AtomicU32>,
    threads: Vec<RawTask>,
}

impl ForkSafeThreads {
    /// Starts this many of them, each on a stack of its own of which a page is touched.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads, ENOMEM. Those that were started leave again.
    pub fn start(threads: u32) -> io::Result<Self> {
        let mut idle = ForkSafeThreads {
            gate: Box::new(AtomicU32::new(0)),
            threads: Vec::with_capacity(threads as usize),
        };
        for _ in 0..threads {
            let gate: *const AtomicU32 = &raw const *idle.gate;
            let stack = Stack::without_guard()?;
            // SAFETY: the gate outlives the threads, which drop waits for; the body uses nothing
            // but system calls.
            idle.threads.push(unsafe { RawTask::start_on(stack, Sharing::All, wait, gate) }?);
            count(1, 0);
        }
        Ok(idle)
    }

    /// How many there are in this process.
    pub(super) fn alive() -> u32 {
        in_this_process(ALIVE.load(Ordering::Relaxed))
    }
}

/// The number of this process in what [`ALIVE`] held.
fn in_this_process(word: u64) -> u32 {
    if word >> 32 == u64::from(std::process::id()) { word as u32 } else { 0 }
}

/// Counts threads that have started and ended.
fn count(come: u32, gone: u32) {
    let new = |word| {
        let number = in_this_process(word).saturating_add(come).saturating_sub(gone);
        Some(u64::from(std::process::id()) << 32 | u64::from(number))
    };
    // Never refused: there always is a new one.
    let _ = ALIVE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, new);
}

impl Drop for ForkSafeThreads {
    fn drop(&mut self) {
        self.gate.store(1, Ordering::Release);
        let _ = futex::wake_all(&self.gate);
        let gone = self.threads.len() as u32;
        // Waits for each.
        self.threads.clear();
        count(0, gone);
    }
}

extern "C" fn wait(gate: *const AtomicU32) -> ! {
    // SAFETY: `start` passes a word that outlives this thread.
    let gate = unsafe { &*gate };
    futex::wait_while_zero(gate);
    leave()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::fork::{ends_in_child, exit};
    use nix::sys::wait::WaitStatus;

    #[test]
    fn a_forked_process_has_none_of_them_and_waits_for_none() {
        let idle = ForkSafeThreads::start(2).unwrap();
        assert!(ForkSafeThreads::alive() >= 2);
        let mut idle = Some(idle);
        let ended = ends_in_child(|| {
            let inherited = ForkSafeThreads::alive();
            idle.take();
            if (inherited, ForkSafeThreads::alive()) != (0, 0) {
                exit(1);
            }
        });
        assert!(matches!(ended, WaitStatus::Exited(_, 0)), "{ended:?}");
        assert!(ForkSafeThreads::alive() >= 2, "they are the parent's");
    }
}
