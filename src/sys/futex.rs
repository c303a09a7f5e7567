//! futex(2), the shared kind: the same operation whether the word lies between threads or between
//! processes.

use super::call::call;
use super::system_calls::{Inlined, SystemCalls};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Sleeps while the word holds `expected`, until somebody wakes it.
///
/// # Errors
/// EAGAIN when the word holds something else, EINTR after a signal.
#[inline(always)]
pub fn wait(word: &AtomicU32, expected: u32) -> io::Result<()> {
    Inlined::futex_wait(word, expected)
}

/// Sleeps until the word is not 0, spurious wake-ups included.
#[inline(always)]
pub fn wait_while_zero(word: &AtomicU32) {
    while word.load(Ordering::Acquire) == 0 {
        let _ = wait(word, 0);
    }
}

/// Wakes at most one sleeper; returns how many it woke.
///
/// # Errors
/// None is expected for a word that lives.
#[inline(always)]
pub fn wake_one(word: &AtomicU32) -> io::Result<usize> {
    Inlined::futex_wake_one(word)
}

/// Wakes every sleeper; returns how many.
///
/// # Errors
/// None is expected for a word that lives.
pub fn wake_all(word: &AtomicU32) -> io::Result<usize> {
    let (address, all) = (word.as_ptr().expose_provenance(), i32::MAX as usize);
    // SAFETY: the address is that of a live aligned word.
    unsafe { call(libc::SYS_futex, [address, libc::FUTEX_WAKE as usize, all, 0]) }
}
