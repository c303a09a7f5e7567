//! A token behind a mutex and a condition variable, between threads or between processes.

use super::memory::Mapping;
use super::mutex::Attributes;
use std::cell::UnsafeCell;
use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering};

/// What lies in the mapping. The C library's objects must not move, so they are made in place.
#[repr(C)]
struct Guarded {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    changed: UnsafeCell<libc::pthread_cond_t>,
    turn: AtomicU32,
}

/// Whose turn it is, behind pthread_mutex_lock(3) and pthread_cond_wait(3).
#[derive(Debug)]
pub struct CondvarToken(Mapping);

impl CondvarToken {
    /// A turn of 0. `between_processes` makes both objects `PTHREAD_PROCESS_SHARED`.
    ///
    /// # Errors
    /// ENOMEM, or what the C library says of the attributes.
    pub fn new(between_processes: bool) -> io::Result<Self> {
        let turn = CondvarToken(Mapping::shared(size_of::<Guarded>())?);
        let shared = match between_processes {
            true => libc::PTHREAD_PROCESS_SHARED,
            false => libc::PTHREAD_PROCESS_PRIVATE,
        };
        let mutex = turn.guarded().mutex.get();
        // SAFETY: the mutex lies in the mapping, zeroed, and nothing uses it yet.
        unsafe { Attributes::with(shared)?.make(mutex) }?;
        turn.init_condition(shared)?;
        Ok(turn)
    }

    fn init_condition(&self, shared: libc::c_int) -> io::Result<()> {
        let mut attributes = MaybeUninit::uninit();
        let pointer = attributes.as_mut_ptr();
        // SAFETY: fills in the attributes.
        super::check_number(unsafe { libc::pthread_condattr_init(pointer) })?;
        // SAFETY: the attributes are initialised.
        super::check_number(unsafe { libc::pthread_condattr_setpshared(pointer, shared) })?;
        // SAFETY: the condition lies in the mapping, zeroed, not used yet.
        super::check_number(unsafe {
            libc::pthread_cond_init(self.guarded().changed.get(), pointer)
        })?;
        // SAFETY: the attributes are initialised and no longer used.
        super::check_number(unsafe { libc::pthread_condattr_destroy(pointer) })
    }

    fn guarded(&self) -> &Guarded {
        // SAFETY: the mapping is at least this big, aligned to a page and zeroed; all fields allow
        // shared use.
        unsafe { self.0.start().cast::<Guarded>().as_ref() }
    }

    /// Sets the turn and wakes the one who waits, after the mutex is free again: woken before, it
    /// would run into it.
    ///
    /// # Errors
    /// What the C library says; none is expected.
    #[inline]
    pub fn set(&self, turn: u32) -> io::Result<()> {
        self.lock()?;
        self.guarded().turn.store(turn, Ordering::Relaxed);
        self.unlock()?;
        // SAFETY: the condition is initialised.
        super::check_number(unsafe { libc::pthread_cond_signal(self.guarded().changed.get()) })
    }

    /// Waits while the turn is `other`; returns what it became.
    ///
    /// # Errors
    /// What the C library says; none is expected.
    #[inline]
    pub fn wait_while(&self, other: u32) -> io::Result<u32> {
        let Guarded { mutex, changed, turn } = self.guarded();
        self.lock()?;
        while turn.load(Ordering::Relaxed) == other {
            // SAFETY: both are initialised and this thread holds the mutex.
            super::check_number(unsafe { libc::pthread_cond_wait(changed.get(), mutex.get()) })?;
        }
        let turn = turn.load(Ordering::Relaxed);
        self.unlock()?;
        Ok(turn)
    }

    #[inline]
    fn lock(&self) -> io::Result<()> {
        // SAFETY: the mutex is initialised.
        super::check_number(unsafe { libc::pthread_mutex_lock(self.guarded().mutex.get()) })
    }

    #[inline]
    fn unlock(&self) -> io::Result<()> {
        // SAFETY: the mutex is initialised and held by this thread.
        super::check_number(unsafe { libc::pthread_mutex_unlock(self.guarded().mutex.get()) })
    }
}
