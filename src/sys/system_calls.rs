//! The two ways into the kernel that a hand-over can take: the instruction in line, and the C
//! library's functions.
//!
//! What programs get is the second: a call through a table of addresses into another page,
//! registers shuffled, errno kept, and in a program with threads a look at cancellation. Each of
//! these pages is one more to translate after a switch that has flushed the TLB. The first is the
//! floor that no wrapper can reach.

use super::call::call;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::AtomicU32;

/// How read(2), write(2) and futex(2) are called.
pub trait SystemCalls: Send + Sync + 'static {
    /// Reads into a buffer; returns how many bytes came, 0 when the other end is closed.
    ///
    /// # Errors
    /// The kernel's: EINTR after a signal.
    fn read(from: &OwnedFd, bytes: &mut [u8]) -> io::Result<usize>;

    /// Writes from a buffer; returns how many of its bytes were taken.
    ///
    /// # Errors
    /// The kernel's: EPIPE without a reader, EINTR after a signal.
    fn write(into: &OwnedFd, bytes: &[u8]) -> io::Result<usize>;

    /// Sleeps while the word holds `expected`, until somebody wakes it. Shared: the word may lie
    /// between processes.
    ///
    /// # Errors
    /// EAGAIN when the word holds something else, EINTR after a signal.
    fn futex_wait(word: &AtomicU32, expected: u32) -> io::Result<()>;

    /// Wakes at most one sleeper; returns how many it woke.
    ///
    /// # Errors
    /// None is expected for a word that lives.
    fn futex_wake_one(word: &AtomicU32) -> io::Result<usize>;
}

/// The system call instruction, in line.
#[derive(Debug, Clone, Copy)]
pub struct Inlined;

/// The C library's functions: read, write, and syscall for futex(2), which has none of its own.
#[derive(Debug, Clone, Copy)]
pub struct Library;

impl Inlined {
    /// getppid(2): the least that a system call does. It cannot fail.
    #[inline(always)]
    #[must_use]
    pub fn getppid() -> usize {
        // SAFETY: the call takes no arguments and touches no memory of the process.
        unsafe { call(libc::SYS_getppid, [0; 4]) }.unwrap_or_default()
    }
}

impl SystemCalls for Inlined {
    #[inline(always)]
    fn read(from: &OwnedFd, bytes: &mut [u8]) -> io::Result<usize> {
        let (number, address) = (from.as_raw_fd() as usize, bytes.as_mut_ptr().expose_provenance());
        // SAFETY: the kernel writes at most as many bytes as there are, to a slice that is
        // borrowed exclusively.
        unsafe { call(libc::SYS_read, [number, address, bytes.len(), 0]) }
    }

    #[inline(always)]
    fn write(into: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
        let (number, address) = (into.as_raw_fd() as usize, bytes.as_ptr().expose_provenance());
        // SAFETY: the kernel reads as many bytes as there are from a live slice.
        unsafe { call(libc::SYS_write, [number, address, bytes.len(), 0]) }
    }

    #[inline(always)]
    fn futex_wait(word: &AtomicU32, expected: u32) -> io::Result<()> {
        let address = word.as_ptr().expose_provenance();
        let arguments = [address, libc::FUTEX_WAIT as usize, expected as usize, 0];
        // SAFETY: the address is that of a live aligned word; the fourth argument is "no timeout".
        unsafe { call(libc::SYS_futex, arguments) }?;
        Ok(())
    }

    #[inline(always)]
    fn futex_wake_one(word: &AtomicU32) -> io::Result<usize> {
        let address = word.as_ptr().expose_provenance();
        // SAFETY: the address is that of a live aligned word.
        unsafe { call(libc::SYS_futex, [address, libc::FUTEX_WAKE as usize, 1, 0]) }
    }
}

impl SystemCalls for Library {
    #[inline(always)]
    fn read(from: &OwnedFd, bytes: &mut [u8]) -> io::Result<usize> {
        let (number, address) = (from.as_raw_fd(), bytes.as_mut_ptr().cast());
        // SAFETY: at most as many bytes are written as there are, to a slice that is borrowed
        // exclusively.
        returned(unsafe { libc::read(number, address, bytes.len()) })
    }

    #[inline(always)]
    fn write(into: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
        let (number, address) = (into.as_raw_fd(), bytes.as_ptr().cast());
        // SAFETY: as many bytes as there are are read from a live slice.
        returned(unsafe { libc::write(number, address, bytes.len()) })
    }

    #[inline(always)]
    fn futex_wait(word: &AtomicU32, expected: u32) -> io::Result<()> {
        let (address, forever) = (word.as_ptr(), std::ptr::null::<libc::timespec>());
        // SAFETY: the address is that of a live aligned word; a null pointer is "no timeout".
        let waited =
            unsafe { libc::syscall(libc::SYS_futex, address, libc::FUTEX_WAIT, expected, forever) };
        returned(waited as isize).map(drop)
    }

    #[inline(always)]
    fn futex_wake_one(word: &AtomicU32) -> io::Result<usize> {
        let address = word.as_ptr();
        // SAFETY: the address is that of a live aligned word.
        let woken = unsafe { libc::syscall(libc::SYS_futex, address, libc::FUTEX_WAKE, 1) };
        returned(woken as isize)
    }
}

/// What a function of the C library says: below zero is an error, whose number is errno.
#[inline(always)]
fn returned(value: isize) -> io::Result<usize> {
    usize::try_from(value).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::fcntl::OFlag;
    use nix::unistd::pipe2;
    use std::sync::atomic::Ordering;

    fn same_answers<S: SystemCalls>() {
        let (out, into) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).unwrap();
        let mut bytes = [0; 3];
        let empty = S::read(&out, &mut bytes).unwrap_err();
        assert_eq!(empty.raw_os_error(), Some(libc::EAGAIN), "an error has its number");
        assert_eq!(S::write(&into, b"ab").unwrap(), 2);
        assert_eq!(S::read(&out, &mut bytes).unwrap(), 2);
        assert_eq!(&bytes, b"ab\0");
        drop(into);
        assert_eq!(S::read(&out, &mut bytes).unwrap(), 0, "closed");
        let word = AtomicU32::new(1);
        let changed = S::futex_wait(&word, 0).unwrap_err();
        assert_eq!(changed.raw_os_error(), Some(libc::EAGAIN));
        assert_eq!(S::futex_wake_one(&word).unwrap(), 0, "nobody sleeps");
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while word.load(Ordering::Acquire) == 1 {
                    let _ = S::futex_wait(&word, 1);
                }
            });
            word.store(2, Ordering::Release);
            let _ = S::futex_wake_one(&word);
        });
    }

    #[test]
    fn the_least_call_answers_as_the_library_does() {
        assert_eq!(Inlined::getppid(), nix::unistd::getppid().as_raw() as usize);
    }

    #[test]
    fn both_ways_give_the_same_answers() {
        same_answers::<Inlined>();
        same_answers::<Library>();
    }
}
