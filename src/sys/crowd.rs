//! Threads of the C library that nobody joins, one for each item that there is to be worked on.

use super::futex;
use super::thread::{Attributes, create};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

/// Set in the number of threads when somebody waits for it to be none.
const AWAITED: u32 = 1 << 31;

/// Threads that each work on one item and leave.
#[derive(Debug)]
pub struct Crowd<'s, S, T> {
    shared: &'s S,
    body: fn(&S, T),
    attributes: Attributes,
    /// How many have not left.
    here: AtomicU32,
}

/// What a thread is given.
struct Ticket<'c, S, T> {
    crowd: &'c Crowd<'c, S, T>,
    item: T,
}

/// Has `work` start threads, and waits until all of them have left.
///
/// # Errors
/// ENOMEM: no thread can be made that nobody joins.
pub fn with_crowd<S: Sync, T: Send, R>(
    shared: &S,
    body: fn(&S, T),
    work: impl FnOnce(&Crowd<'_, S, T>) -> R,
) -> io::Result<R> {
    let attributes = Attributes::detached()?;
    let crowd = Crowd { shared, body, attributes, here: AtomicU32::new(0) };
    // Also where the work panics.
    let _waits = Waits(&crowd.here);
    Ok(work(&crowd))
}

impl<S: Sync, T: Send> Crowd<'_, S, T> {
    /// Starts a thread for the item.
    ///
    /// # Errors
    /// EAGAIN at a limit on threads or without memory for the stack; the item is dropped.
    #[inline]
    pub fn start(&self, item: T) -> io::Result<()> {
        let ticket = Box::into_raw(Box::new(Ticket { crowd: self, item }));
        self.here.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the routine takes the ticket; the crowd in it outlives the thread, which
        // `with_crowd` waits for.
        let created = unsafe { create(&self.attributes, routine::<S, T>, ticket.cast()) };
        let Err(refused) = created else { return Ok(()) };
        self.here.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: made of a box above, and no thread has taken it.
        drop(unsafe { Box::from_raw(ticket) });
        Err(refused)
    }
}

extern "C" fn routine<S: Sync, T: Send>(ticket: *mut c_void) -> *mut c_void {
    // SAFETY: `start` passes a ticket in a box that is nobody else's.
    let ticket = unsafe { Box::from_raw(ticket.cast::<Ticket<'_, S, T>>()) };
    let Ticket { crowd, item } = *ticket;
    (crowd.body)(crowd.shared, item);
    let here: *const AtomicU32 = &raw const crowd.here;
    if crowd.here.fetch_sub(1, Ordering::AcqRel) == AWAITED + 1 {
        wake(here);
    }
    ptr::null_mut()
}

/// Wakes whoever sleeps on a word that may be gone already, when nobody does.
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
            // Whatever woke it, it looks again.
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
            std::thread::sleep(std::time::Duration::from_millis(u64::from(item)));
            sum.fetch_add(item, Ordering::Relaxed);
        };
        let started = with_crowd(&sum, add, |crowd| {
            (1..=20).filter(|item| crowd.start(*item).is_ok()).count()
        });
        assert_eq!((started.unwrap(), sum.into_inner()), (20, 210));
    }

    #[test]
    fn a_crowd_of_nobody_is_over_at_once() {
        assert_eq!(with_crowd(&(), |(), ()| (), |_| 7).unwrap(), 7);
    }
}
