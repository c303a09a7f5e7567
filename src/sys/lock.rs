//! A lock of the C library in memory that processes share.

use super::memory::Mapping;
use super::mutex::Attributes;
use nix::sys::time::TimeSpec;
use std::io;
use std::mem::ManuallyDrop;
use std::time::{Duration, Instant, SystemTime};

/// A process-shared mutex that knows its holder. Only its holder can unlock it; any
/// other thread is refused.
///
/// Dropped while somebody holds it, it stays in memory. The holder's C library has it in a list
/// until it is given back (get_robust_list(2); musl those locks as well that are not robust), and
/// writes to its neighbours there.
#[derive(Debug)]
pub struct SharedLock(ManuallyDrop<Mapping>);

impl SharedLock {
    /// A free one in new shared memory; a robust one tells the next holder when its last one died
    /// with it.
    ///
    /// # Errors
    /// ENOMEM, ENOTSUP.
    pub fn new(robust: bool) -> io::Result<Self> {
        let memory = Mapping::shared(size_of::<libc::pthread_mutex_t>())?;
        let mut attributes = Attributes::shared()?;
        attributes.check_holder()?;
        if robust {
            attributes.outlive_holder()?;
        }
        // SAFETY: the memory is big enough, aligned to a page and nothing else uses it yet.
        unsafe { attributes.make(memory.start().as_ptr().cast()) }?;
        Ok(SharedLock(ManuallyDrop::new(memory)))
    }

    /// Waits for it, at most this long (pthread_mutex_timedlock(3)). Returns whether its last
    /// holder died with it: then the caller holds it all the same.
    ///
    /// # Errors
    /// ETIMEDOUT; EDEADLK for its holder.
    pub fn lock_within(&self, patience: Duration) -> io::Result<bool> {
        let start = Instant::now();
        loop {
            let deadline = in_future(patience.saturating_sub(start.elapsed()));
            // SAFETY: the mutex was initialised by `new`; the deadline is borrowed for the call.
            match unsafe { libc::pthread_mutex_timedlock(self.mutex(), &raw const deadline) } {
                libc::EOWNERDEAD => return Ok(true),
                // The deadline is a time of day, which may have been set forward meanwhile.
                libc::ETIMEDOUT if start.elapsed() < patience => {}
                number => return super::check_number(number).map(|()| false),
            }
        }
    }

    /// Declares what a dead holder left behind to be in order (pthread_mutex_consistent(3)).
    ///
    /// # Errors
    /// EINVAL where no holder died.
    pub fn make_consistent(&self) -> io::Result<()> {
        // SAFETY: the mutex was initialised by `new`.
        super::check_number(unsafe { libc::pthread_mutex_consistent(self.mutex()) })
    }

    /// Gives it back.
    ///
    /// # Errors
    /// EPERM for who does not hold it.
    pub fn unlock(&self) -> io::Result<()> {
        // SAFETY: the mutex was initialised by `new`, as one that checks its holder.
        super::check_number(unsafe { libc::pthread_mutex_unlock(self.mutex()) })
    }

    /// Is it free, also of this thread? One whose holder is dead is taken for a moment.
    fn is_free(&self) -> bool {
        // SAFETY: the mutex was initialised by `new`.
        match unsafe { libc::pthread_mutex_trylock(self.mutex()) } {
            0 | libc::EOWNERDEAD => self.unlock().is_ok(),
            // Its holder died, and it can never be taken again.
            libc::ENOTRECOVERABLE => true,
            _ => false,
        }
    }

    /// It lives at the start of the mapping and never moves.
    fn mutex(&self) -> *mut libc::pthread_mutex_t {
        self.0.start().as_ptr().cast()
    }
}

impl Drop for SharedLock {
    fn drop(&mut self) {
        if self.is_free() {
            // SAFETY: no thread holds the mutex or waits for it, and this is the mapping's only
            // drop.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        }
    }
}

/// The time of day that pthread_mutex_timedlock(3) wants, this far from now.
fn in_future(patience: Duration) -> libc::timespec {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    *TimeSpec::from_duration(now + patience).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory::page_bytes;
    use crate::sys::space::Reservation;

    #[test]
    fn only_its_holder_gives_it_back() {
        let lock = SharedLock::new(false).unwrap();
        assert_eq!(lock.unlock().unwrap_err().raw_os_error(), Some(libc::EPERM));
        assert!(!lock.lock_within(Duration::from_secs(1)).unwrap());
        let again = lock.lock_within(Duration::from_millis(1)).unwrap_err();
        assert_eq!(again.raw_os_error(), Some(libc::EDEADLK));
        assert_eq!(lock.make_consistent().unwrap_err().raw_os_error(), Some(libc::EINVAL));
        lock.unlock().unwrap();
    }

    /// What became of the memory of a lock that is dropped after this.
    fn stays(robust: bool, first: impl FnOnce(&SharedLock)) -> bool {
        let lock = SharedLock::new(robust).unwrap();
        let address = lock.mutex().addr();
        first(&lock);
        drop(lock);
        let taken = Reservation::at(address, page_bytes()).err();
        taken.is_some_and(|e| e.raw_os_error() == Some(libc::EEXIST))
    }

    fn take(lock: &SharedLock) {
        lock.lock_within(Duration::from_secs(10)).unwrap();
    }

    #[test]
    fn a_lock_that_is_held_stays_and_the_next_one_works() {
        for robust in [false, true] {
            assert!(stays(robust, take), "robust: {robust}");
            let next = SharedLock::new(true).unwrap();
            take(&next);
            next.unlock().unwrap();
        }
    }

    #[test]
    fn a_lock_that_nobody_holds_goes() {
        let by_the_dead = |lock: &SharedLock| {
            std::thread::scope(|scope| _ = scope.spawn(|| take(lock)));
        };
        let given_back = |lock: &SharedLock| {
            take(lock);
            lock.unlock().unwrap();
        };
        // Other tests may map something in its place meanwhile, but not each time.
        assert!((0..100).any(|_| !stays(true, |_| ())));
        assert!((0..100).any(|_| !stays(true, given_back)));
        assert!((0..100).any(|_| !stays(true, by_the_dead)));
    }

    #[test]
    fn a_deadline_carries_into_the_seconds() {
        let now = in_future(Duration::ZERO);
        let then = in_future(Duration::new(2, 999_999_999));
        assert!((0..1_000_000_000).contains(&then.tv_nsec));
        assert!((2..=4).contains(&(then.tv_sec - now.tv_sec)));
    }
}
