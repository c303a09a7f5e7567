//! read(2) and write(2) of one byte, by the system calls themselves.
//!
//! In a program with threads, glibc's wrappers switch cancellation on and off around the call: a hundred instructions
//! that threads would pay and processes not, though both are to run the same body.

use super::call::call;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// Writes one byte; returns how many were taken.
///
/// # Errors
/// The kernel's: EPIPE without a reader, EINTR after a signal.
#[inline(always)]
pub fn write_byte(into: &OwnedFd, byte: u8) -> io::Result<usize> {
    let (number, address) = (into.as_raw_fd() as usize, (&raw const byte).expose_provenance());
    // SAFETY: the kernel reads one byte from a live variable.
    unsafe { call(libc::SYS_write, [number, address, 1, 0]) }
}

/// Reads one byte; `None` when the other end is closed.
///
/// # Errors
/// The kernel's: EINTR after a signal.
#[inline(always)]
pub fn read_byte(from: &OwnedFd) -> io::Result<Option<u8>> {
    let mut byte = 0;
    let (number, address) = (from.as_raw_fd() as usize, (&raw mut byte).expose_provenance());
    // SAFETY: the kernel writes at most one byte, to a live variable.
    let read = unsafe { call(libc::SYS_read, [number, address, 1, 0]) }?;
    Ok((read == 1).then_some(byte))
}
