//! Detached threads of the C library, one for each item of work.

use super::futex;
use super::thread::{Attributes, create};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Set in the number of threads while their creator waits for it to become 0.
const AWAITED: u32 = 1 << 31;

/// Threads that process one item each and end.
#[derive(Debug)]
pub struct DetachedThreads<'s, S, T> {
    shared: &'s S,
    body: fn(&S, T),
    attributes: Attributes,
    /// How many have not ended.
    here: AtomicU32,
}

/// What a thread is given.
struct Ticket<'c, S, T> {
    threads: &'c DetachedThreads<'c, S, T>,
    item: T,
}

/// Has `work` start threads, and waits until all of them have ended.
///
/// # Errors
/// ENOMEM for the attributes of a detached thread.
pub fn with_detached_threads<S: Sync, T: Send, R>(
    shared: &S,
    body: fn(&S, T),
    work: impl FnOnce(&DetachedThreads<'_, S, T>) -> R,
) -> io::Result<R> {
    let attributes = Attributes::detached()?;
    let threads = DetachedThreads { shared, body, attributes, here: AtomicU32::new(0) };
    // Also where the work panics.
    let _waits = Waits(&threads.here);
    Ok(work(&threads))
}

impl<S: Sync, T: Send> DetachedThreads<'_, S, T> {
    /// Starts a thread for the item.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or without memory for the stack; the item is dropped.
    #[inline]
    pub fn start(&self, item: T) -> io::Result<()> {
        let ticket = Box::into_raw(Box::new(Ticket { threads: self, item }));
        self.here.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the routine takes the ticket; the group in it outlives the thread, which
        // `with_detached_threads` waits for.
        let created = unsafe { create(&self.attributes, routine::<S, T>, ticket.cast()) };
        let Err(refused) = created else { return Ok(()) };
        self.here.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: made of a box above, and no thread has taken it.
        drop(unsafe { Box::from_raw(ticket) });
        Err(refused)
    }
}

extern "C" fn routine<S: Sync, T: Send>(ticket: *mut c_void) -> *mut c_void {
    // SAFETY: `start` passes a ticket in a box that this thread alone owns.
    let ticket = unsafe { Box::from_raw(ticket.cast::<Ticket<'_, S, T>>()) };
    let Ticket { threads, item } = *ticket;
    (threads.body)(threads.shared, item);
    let here: *const AtomicU32 = &raw const threads.here;
    if threads.here.fetch_sub(1, Ordering::AcqRel) == AWAITED + 1 {
        wake(here);
    }
    ptr::null_mut()
}

/// Wakes the sleeper on a word, which may have been freed if no task sleeps on it.
fn wake(word: *const AtomicU32) {
    let address = word.expose_provenance();
    // SAFETY: the kernel uses the address as a name; it neither reads nor writes there.
    let _ = unsafe {
        super::call::call(
            libc::SYS_futex,
            [address, libc::FUTEX_WAKE as usize, i32::MAX as usize, 0],
        )
    };
}

/// Waits on drop.
struct Waits<'c>(&'c AtomicU32);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut here = self.0.fetch_or(AWAITED, Ordering::AcqRel) | AWAITED;
        while here != AWAITED {
            // Handles spurious wake-ups.
            let _ = futex::wait(self.0, here);
            here = self.0.load(Ordering::Acquire);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_works_on_its_item_and_all_are_waited_for() {
        let sum = AtomicU32::new(0);
        let add = |sum: &AtomicU32, item: u32| {
            crate::sys::clock::pause(std::time::Duration::from_millis(u64::from(item)));
            sum.fetch_add(item, Ordering::Relaxed);
        };
        let started = with_detached_threads(&sum, add, |threads| {
            (1..=20).filter(|item| threads.start(*item).is_ok()).count()
        });
        assert_eq!((started.unwrap(), sum.into_inner()), (20, 210));
    }

    #[test]
    fn no_threads_are_no_wait() {
        assert_eq!(with_detached_threads(&(), |(), ()| (), |_| 7).unwrap(), 7);
    }
}
