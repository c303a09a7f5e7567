//! A pool of threads from scratch: each checks in, waits until all may leave, and is joined.

use super::clock::monotonic_ns;
use super::futex;
use super::thread::{Attributes, create, join};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Room for a number of threads, empty at first. They leave and are joined on drop.
#[derive(Debug)]
pub struct Pool {
    size: u32,
    spot: Box<ParkingSpot>,
    attributes: Attributes,
    /// The live ones. It never grows beyond `size`, for which it has room from the start.
    threads: Vec<libc::pthread_t>,
}

/// Where the threads check in, and what they wait for.
#[derive(Debug, Default)]
struct ParkingSpot {
    /// How many of the pool are still to come. The last one wakes the creator.
    missing: AtomicU32,
    /// When the last one came, nanoseconds of `CLOCK_MONOTONIC`.
    complete_ns: AtomicU64,
    /// Not 0 when all may leave.
    closed: AtomicU32,
}

impl Pool {
    /// Room for this many threads with the C library's default attributes.
    #[must_use]
    pub fn of(size: u32) -> Self {
        let (spot, attributes) = (Box::default(), Attributes::default_ones());
        Pool { size, spot, attributes, threads: Vec::with_capacity(size as usize) }
    }

    /// Creates all threads (pthread_create(3)), after those of before have left.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or without memory for a stack. Those that were created leave
    /// again.
    pub fn fill(&mut self) -> io::Result<()> {
        self.empty()?;
        self.spot.missing.store(self.size, Ordering::Relaxed);
        self.spot.complete_ns.store(0, Ordering::Relaxed);
        self.spot.closed.store(0, Ordering::Relaxed);
        let spot = ptr::from_ref(&*self.spot).cast_mut().cast();
        while self.threads.len() < self.size as usize {
            // SAFETY: the routine takes the spot, which stays in its box until `empty` has joined
            // all threads.
            match unsafe { create(&self.attributes, work, spot) } {
                Ok(thread) => self.threads.push(thread),
                Err(refused) => {
                    self.empty()?;
                    return Err(refused);
                }
            }
        }
        Ok(())
    }

    /// Sleeps until all threads that [`Pool::fill`] has created have checked in; returns when the
    /// last one did, nanoseconds of `CLOCK_MONOTONIC`.
    pub fn await_all(&self) -> u64 {
        loop {
            match self.spot.missing.load(Ordering::Acquire) {
                0 => return self.spot.complete_ns.load(Ordering::Acquire),
                // EAGAIN (one more came) and EINTR both mean: look again. Only the last one wakes.
                missing => _ = futex::wait(&self.spot.missing, missing),
            }
        }
    }

    /// Tells all threads to leave, and joins them (pthread_join(3)).
    ///
    /// # Errors
    /// None is expected.
    pub fn empty(&mut self) -> io::Result<()> {
        if self.threads.is_empty() {
            return Ok(());
        }
        self.spot.closed.store(1, Ordering::Release);
        // Joined whatever is said of the waking: none may outlive the spot.
        let woken = futex::wake_all(&self.spot.closed);
        while let Some(thread) = self.threads.pop() {
            join(thread)?;
        }
        woken.map(drop)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // No caller is left to be told, and no error is expected.
        let _ = self.empty();
    }
}

extern "C" fn work(spot: *mut c_void) -> *mut c_void {
    // SAFETY: `fill` passes a spot that outlives this thread.
    let spot = unsafe { &*spot.cast::<ParkingSpot>() };
    // Each notes its own moment before it counts: the latest one stands.
    spot.complete_ns.fetch_max(monotonic_ns(), Ordering::AcqRel);
    if spot.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
        // A creator that has seen it by itself needs no waking.
        let _ = futex::wake_one(&spot.missing);
    }
    while spot.closed.load(Ordering::Acquire) == 0 {
        // Handles spurious wake-ups.
        let _ = futex::wait(&spot.closed, 0);
    }
    ptr::null_mut()
}
