//! futex(2), the shared kind: the same operation whether the word lies between threads or between processes.

use std::io;
use std::ptr;
use std::sync::atomic::AtomicU32;

/// Sleeps while the word holds `expected`, until somebody wakes it.
///
/// # Errors
/// EAGAIN when the word holds something else, EINTR after a signal.
#[inline]
pub fn wait(word: &AtomicU32, expected: u32) -> io::Result<()> {
    let (address, timeout) = (word.as_ptr(), ptr::null::<libc::timespec>());
    // SAFETY: the address is that of a live aligned word; there is no timeout to read.
    let returned =
        unsafe { libc::syscall(libc::SYS_futex, address, libc::FUTEX_WAIT, expected, timeout) };
    super::check(returned).map(drop)
}

/// Wakes at most one sleeper; returns how many it woke.
///
/// # Errors
/// None is expected for a word that lives.
#[inline]
pub fn wake_one(word: &AtomicU32) -> io::Result<usize> {
    // SAFETY: the address is that of a live aligned word.
    let woken = unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1) };
    super::check(woken).map(|woken| woken as usize)
}
