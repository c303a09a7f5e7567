//! How workers start a batch at the same time, and how the main actor sees that all have finished.
//!
//! Between batches they sleep: their CPUs are the other arm's then. Before a batch they are woken
//! and gathered, outside its time; from there on they wait without sleeping, for a wake-up takes as
//! long as thousands of operations.

use crate::sys::futex;
use crate::sys::memory::Mapping;
use nix::errno::Errno;
use std::hint::spin_loop;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Distance of the barrier's words, in words: cache lines of their own, because processors fetch
/// lines in pairs.
const APART: usize = 32;
/// Most operations of a part: a word holds the number.
const PART: u64 = 1 << 30;
/// The phase in which all workers end.
const OVER: u32 = u32::MAX;

/// The state that the workers share, whether they are threads or processes.
pub(super) struct StartBarrier {
    words: Mapping,
    /// Workers besides the main actor.
    others: u32,
}

impl StartBarrier {
    pub(super) fn of(others: u32) -> io::Result<Self> {
        let words = Mapping::shared(5 * APART * size_of::<AtomicU32>())?;
        words.touch_all();
        words.words()[0].store(0, Ordering::Relaxed);
        Ok(StartBarrier { words, others })
    }

    /// Even while they sleep or work, odd while they are gathered.
    fn phase(&self) -> &AtomicU32 {
        &self.words.words()[0]
    }

    /// Operations of the part.
    fn part(&self) -> &AtomicU32 {
        &self.words.words()[APART]
    }

    /// How many are gathered.
    fn gathered(&self) -> &AtomicU32 {
        &self.words.words()[2 * APART]
    }

    /// How many are done.
    fn done(&self) -> &AtomicU32 {
        &self.words.words()[3 * APART]
    }

    /// The error number of one that gave up.
    fn failed(&self) -> &AtomicU32 {
        &self.words.words()[4 * APART]
    }

    /// Wakes the others and waits until all are there, where they are not yet. One that dies is
    /// waited for in vain, until the lab's deadline.
    pub(super) fn gather(&self) -> io::Result<()> {
        let phase = self.phase().load(Ordering::Relaxed);
        if self.others > 0 && phase % 2 == 0 {
            self.gathered().store(0, Ordering::Relaxed);
            self.phase().store(phase.wrapping_add(1) & !(1 << 31), Ordering::Release);
            futex::wake_all(self.phase())?;
            self.await_all(self.gathered())?;
        }
        Ok(())
    }

    /// Lets all begin with at most `ops` operations; returns how many.
    pub(super) fn begin(&self, ops: u64) -> io::Result<u64> {
        let part = ops.min(PART);
        if self.others > 0 {
            self.gather()?;
            self.part().store(part as u32, Ordering::Relaxed);
            self.done().store(0, Ordering::Relaxed);
            self.phase().fetch_add(1, Ordering::Release);
        }
        Ok(part)
    }

    /// Waits until all others have done theirs.
    pub(super) fn finish(&self) -> io::Result<()> {
        self.await_all(self.done())
    }

    fn await_all(&self, count: &AtomicU32) -> io::Result<()> {
        while count.load(Ordering::Acquire) < self.others {
            let errno = self.failed().load(Ordering::Relaxed);
            if errno != 0 {
                return Err(io::Error::from_raw_os_error(errno as i32));
            }
            spin_loop();
        }
        Ok(())
    }

    /// A worker's part: works on each batch until it is told to end.
    pub(super) fn serve(&self, mut work: impl FnMut(u64) -> io::Result<()>) {
        let mut seen = 0;
        loop {
            let Some(gathering) = self.sleep_while(seen) else { return };
            self.gathered().fetch_add(1, Ordering::Release);
            let Some(working) = self.spin_while(gathering) else { return };
            let part = self.part().load(Ordering::Relaxed);
            if let Err(e) = work(part.into()) {
                return self.give_up(&e);
            }
            self.done().fetch_add(1, Ordering::Release);
            seen = working;
        }
    }

    fn sleep_while(&self, seen: u32) -> Option<u32> {
        loop {
            match self.phase().load(Ordering::Acquire) {
                OVER => return None,
                // Handles spurious wake-ups.
                phase if phase == seen => _ = futex::wait(self.phase(), seen),
                phase => return Some(phase),
            }
        }
    }

    fn spin_while(&self, seen: u32) -> Option<u32> {
        loop {
            match self.phase().load(Ordering::Acquire) {
                OVER => return None,
                phase if phase == seen => spin_loop(),
                phase => return Some(phase),
            }
        }
    }

    /// A worker cannot go on.
    fn give_up(&self, why: &io::Error) {
        let errno = why.raw_os_error().unwrap_or(Errno::EIO as i32);
        self.failed().store(errno as u32, Ordering::Relaxed);
    }

    /// Tells all workers to end.
    pub(super) fn dismiss(&self) {
        self.phase().store(OVER, Ordering::Release);
        // A worker that has ended needs no waking.
        let _ = futex::wake_all(self.phase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_gives_up_is_not_waited_for_and_its_reason_is_told() {
        let barrier = StartBarrier::of(1).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| barrier.serve(|_| Err(Errno::ENOMEM.into())));
            assert_eq!(barrier.begin(u64::MAX).unwrap(), PART);
            let why = barrier.finish().unwrap_err();
            assert_eq!(why.raw_os_error(), Some(Errno::ENOMEM as i32));
            barrier.dismiss();
        });
    }

    #[test]
    fn gathered_workers_leave_when_they_are_told() {
        let barrier = StartBarrier::of(1).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| barrier.serve(|_| Ok(())));
            barrier.gather().unwrap();
            barrier.gather().unwrap();
            barrier.dismiss();
        });
    }
}
