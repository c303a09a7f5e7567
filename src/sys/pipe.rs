//! read(2) and write(2) of one byte, of eight, or of a buffer, by the system calls themselves.
//!
//! In a program with threads, glibc's wrappers switch cancellation on and off around the call: a
//! hundred instructions that threads would pay and processes not, though both are to run the same
//! body.

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

/// Writes eight bytes, as an eventfd(2) takes them; returns how many were taken.
///
/// # Errors
/// The kernel's: EINTR after a signal.
#[inline(always)]
pub fn write_word(into: &OwnedFd, word: u64) -> io::Result<usize> {
    let (number, address) = (into.as_raw_fd() as usize, (&raw const word).expose_provenance());
    // SAFETY: the kernel reads eight bytes from a live variable.
    unsafe { call(libc::SYS_write, [number, address, 8, 0]) }
}

/// Reads eight bytes; `None` when fewer came.
///
/// # Errors
/// The kernel's: EINTR after a signal.
#[inline(always)]
pub fn read_word(from: &OwnedFd) -> io::Result<Option<u64>> {
    let mut word = 0;
    let (number, address) = (from.as_raw_fd() as usize, (&raw mut word).expose_provenance());
    // SAFETY: the kernel writes at most eight bytes, to a live variable.
    let read = unsafe { call(libc::SYS_read, [number, address, 8, 0]) }?;
    Ok((read == 8).then_some(word))
}

/// Writes from a buffer; returns how many of its bytes were taken.
///
/// # Errors
/// The kernel's: EPIPE without a reader, EINTR after a signal.
#[inline(always)]
pub fn write_some(into: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
    let (number, address) = (into.as_raw_fd() as usize, bytes.as_ptr().expose_provenance());
    // SAFETY: the kernel reads as many bytes as there are from a live slice.
    unsafe { call(libc::SYS_write, [number, address, bytes.len(), 0]) }
}

/// Reads into a buffer; returns how many bytes came, 0 when the other end is closed.
///
/// # Errors
/// The kernel's: EINTR after a signal.
#[inline(always)]
pub fn read_some(from: &OwnedFd, bytes: &mut [u8]) -> io::Result<usize> {
    let (number, address) = (from.as_raw_fd() as usize, bytes.as_mut_ptr().expose_provenance());
    // SAFETY: the kernel writes at most as many bytes as there are, to a slice that is
    // borrowed exclusively.
    unsafe { call(libc::SYS_read, [number, address, bytes.len(), 0]) }
}
