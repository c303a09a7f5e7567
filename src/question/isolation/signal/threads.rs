//! Threads that wait for a signal, each of which blocks it or not.

use crate::probe::look::look_until;
use crate::record::{Actor, Failure, Result};
use crate::sys::signal::{count_signal, handled, pthread_kill, take_place};
use crate::workers::Worker;
use nix::sys::signal::{SigSet, Signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// The signal that is sent.
pub(super) const SIGNAL: Signal = Signal::SIGUSR1;

/// Threads besides the main one, which has place 0; theirs follow.
pub(super) const THREADS: usize = 4;

/// Time for a signal or an order to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_micros(100);

/// Live threads. They leave and are joined on drop.
#[derive(Debug)]
pub(super) struct SignalThreads {
    orders: Arc<Orders>,
    threads: Vec<Worker>,
}

/// What the threads are told.
#[derive(Debug, Default)]
struct Orders {
    /// The place that is to unblock the signal; 0 once it has, and before.
    unblock: AtomicU32,
    leave: AtomicBool,
}

impl SignalThreads {
    /// Starts the threads and waits until all are there. `blocks` says whether the thread of a
    /// place blocks the signal.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads; the signal's mask or handler cannot be set.
    pub(super) fn start(blocks: impl Fn(usize) -> bool) -> Result<Self> {
        let refused = |e| Failure::os("starting threads that wait for a signal", e);
        count_signal(SIGNAL).map_err(refused)?;
        set_mask(blocks(0)).map_err(refused)?;
        take_place(0);
        let mut threads =
            SignalThreads { orders: Arc::default(), threads: Vec::with_capacity(THREADS) };
        for place in 1..=THREADS {
            let (orders, blocks) = (Arc::clone(&threads.orders), blocks(place));
            let prepare = move || {
                set_mask(blocks)?;
                take_place(place);
                Ok(())
            };
            let body = move |()| orders.follow(place, blocks);
            threads.threads.push(Worker::start(Actor::Thread, None, prepare, body)?);
        }
        Ok(threads)
    }

    /// How many signals each has handled, by place.
    pub(super) fn counts(&self) -> [u32; THREADS + 1] {
        std::array::from_fn(handled)
    }

    /// Waits until so many signals are handled.
    pub(super) fn wait_for(&self, signals: u32) -> Result<()> {
        wait("waiting for a signal", || total(&self.counts()) >= signals)
    }

    /// Sends the signal to one thread, counted from 0.
    pub(super) fn pthread_kill(&self, thread: usize) -> Result<()> {
        let Worker::Thread { handle: Some(handle), .. } = &self.threads[thread] else {
            return Err(Failure::new("sending a signal to a thread", "it is none"));
        };
        pthread_kill(handle, SIGNAL).map_err(|e| Failure::os("sending a signal to a thread", e))
    }

    /// Has the thread of this place unblock the signal for a moment, and waits until it has.
    pub(super) fn unblock(&self, place: usize) -> Result<()> {
        self.orders.unblock.store(place as u32, Ordering::Release);
        wait("unblocking a signal", || self.orders.unblock.load(Ordering::Acquire) == 0)
    }
}

fn wait(tried: &str, done: impl Fn() -> bool) -> Result<()> {
    look_until(tried, PATIENCE, STEP, || Ok(done().then_some(())))
}

impl Drop for SignalThreads {
    fn drop(&mut self) {
        self.orders.leave.store(true, Ordering::Release);
    }
}

/// All signals that were handled.
pub(super) fn total(counts: &[u32]) -> u32 {
    counts.iter().sum()
}

impl Orders {
    /// A thread's life.
    fn follow(&self, place: usize, blocks: bool) {
        while !self.leave.load(Ordering::Acquire) {
            if self.unblock.load(Ordering::Acquire) == place as u32 {
                // What waits is handled before the call returns (sigprocmask(2)).
                let changed = set_mask(false).and_then(|()| set_mask(blocks));
                let done = if changed.is_ok() { 0 } else { u32::MAX };
                self.unblock.store(done, Ordering::Release);
            }
            crate::sys::clock::pause(STEP);
        }
    }
}

/// Blocks the signal for the calling thread, or lets it in.
fn set_mask(blocks: bool) -> nix::Result<()> {
    let set: SigSet = [SIGNAL].into_iter().collect();
    if blocks { set.thread_block() } else { set.thread_unblock() }
}
