//! A number behind a mutex of the C library that works between processes, and so between threads.

use super::memory::Mapping;
use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering};

/// What lies in the mapping. The C library's mutex must not move, so it is made in place.
#[repr(C)]
struct Guarded {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    number: AtomicU32,
}

/// A number, behind pthread_mutex_lock(3).
#[derive(Debug)]
pub struct Counter(Mapping);

impl Counter {
    /// A counter of 0. Its mutex is `PTHREAD_PROCESS_SHARED` in all uses: of the other kind,
    /// glibc has the only thread of a process take a free one without an atomic operation.
    ///
    /// # Errors
    /// ENOMEM, or what the C library says of the attributes.
    pub fn new() -> io::Result<Self> {
        let counter = Counter(Mapping::shared(size_of::<Guarded>())?);
        let mutex = counter.guarded().mutex.get();
        // SAFETY: the mutex lies in the mapping, not used yet.
        unsafe { Attributes::shared()?.make(mutex) }?;
        Ok(counter)
    }

    /// Locks, adds one, unlocks. The two halves of the addition are one by the mutex alone.
    ///
    /// # Errors
    /// What the C library says; none is expected.
    #[inline]
    pub fn add_one(&self) -> io::Result<()> {
        let Guarded { mutex, number } = self.guarded();
        // SAFETY: the mutex is initialised.
        super::check_number(unsafe { libc::pthread_mutex_lock(mutex.get()) })?;
        number.store(number.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        // SAFETY: the mutex is initialised and held by this thread.
        super::check_number(unsafe { libc::pthread_mutex_unlock(mutex.get()) })
    }

    /// The number, modulo 2^32.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.guarded().number.load(Ordering::Relaxed)
    }

    fn guarded(&self) -> &Guarded {
        // SAFETY: the mapping is at least this big, aligned to a page and zeroed; all fields allow
        // shared use.
        unsafe { self.0.start().cast::<Guarded>().as_ref() }
    }
}

/// What a mutex is made with.
#[derive(Debug)]
pub(super) struct Attributes(Box<MaybeUninit<libc::pthread_mutexattr_t>>);

impl Attributes {
    /// Those of a plain mutex between processes.
    ///
    /// # Errors
    /// As [`Attributes::with`].
    pub(super) fn shared() -> io::Result<Self> {
        Self::with(libc::PTHREAD_PROCESS_SHARED)
    }

    /// Those of a plain mutex with this setting (pthread_mutexattr_setpshared(3)).
    ///
    /// # Errors
    /// What the C library says; none is expected.
    pub(super) fn with(shared: libc::c_int) -> io::Result<Self> {
        let mut memory = Box::new(MaybeUninit::uninit());
        // SAFETY: fills in the attributes.
        super::check_number(unsafe { libc::pthread_mutexattr_init(memory.as_mut_ptr()) })?;
        let mut made = Attributes(memory);
        // SAFETY: the attributes are initialised.
        super::check_number(unsafe { libc::pthread_mutexattr_setpshared(made.all(), shared) })?;
        Ok(made)
    }

    /// Refuses who does not hold the mutex and gives it back, or holds it and wants it again.
    ///
    /// # Errors
    /// As [`Attributes::shared`].
    pub(super) fn check_holder(&mut self) -> io::Result<()> {
        let checked = libc::PTHREAD_MUTEX_ERRORCHECK;
        // SAFETY: the attributes are initialised.
        super::check_number(unsafe { libc::pthread_mutexattr_settype(self.all(), checked) })
    }

    /// Has the next holder told when the last one died with the mutex.
    ///
    /// # Errors
    /// ENOTSUP.
    pub(super) fn outlive_holder(&mut self) -> io::Result<()> {
        let robust = libc::PTHREAD_MUTEX_ROBUST;
        // SAFETY: the attributes are initialised.
        super::check_number(unsafe { libc::pthread_mutexattr_setrobust(self.all(), robust) })
    }

    /// Makes a mutex in place, where it stays.
    ///
    /// # Errors
    /// ENOMEM.
    ///
    /// # Safety
    /// The place is one for a mutex, writable, and not used yet.
    pub(super) unsafe fn make(&mut self, mutex: *mut libc::pthread_mutex_t) -> io::Result<()> {
        // SAFETY: the place is one for a mutex that is not used yet, as this function asks; the
        // attributes are initialised.
        super::check_number(unsafe { libc::pthread_mutex_init(mutex, self.all()) })
    }

    fn all(&mut self) -> *mut libc::pthread_mutexattr_t {
        self.0.as_mut_ptr()
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the attributes are initialised, and no longer used.
        unsafe { libc::pthread_mutexattr_destroy(self.all()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_addition_of_two_threads_is_lost() {
        let counter = Counter::new().unwrap();
        let add = || (0..50_000).try_for_each(|_| counter.add_one()).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(add);
            add();
        });
        assert_eq!(counter.number(), 100_000);
    }
}
