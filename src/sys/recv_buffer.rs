//! A receive buffer. Only the part that was read into is ever touched, because the memory of each
//! connection is measured.
//!
//! Hence neither zeros to begin with nor an array on the stack: a function whose frame is larger
//! than a page touches each page of it when it is called, so that none steps over a guard page.

use super::call::call;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// Up to a number of bytes, read at one end and used at the other.
#[derive(Debug)]
pub struct RecvBuffer {
    bytes: Box<[MaybeUninit<u8>]>,
    /// Those before it are used.
    from: usize,
    /// Those before it are initialised; at least `from`.
    to: usize,
}

impl RecvBuffer {
    /// Empty, with room for as many.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        RecvBuffer { bytes: Box::new_uninit_slice(bytes), from: 0, to: 0 }
    }

    /// Bytes that were received and not consumed.
    #[must_use]
    #[inline(always)]
    pub fn unread(&self) -> &[u8] {
        let unread = &self.bytes[self.from..self.to];
        // SAFETY: `fill` and `put` move `to` over initialised bytes only.
        unsafe { &*(ptr::from_ref(unread) as *const [u8]) }
    }

    /// Uses up the first `count` bytes, or all if there are fewer.
    #[inline(always)]
    pub fn consume(&mut self, count: usize) {
        self.from += count.min(self.to - self.from);
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        }
    }

    /// Reads once, as much as there is room for (read(2)); returns how many bytes came, 0 at the
    /// end or without room.
    ///
    /// # Errors
    /// The kernel's: EAGAIN where the descriptor does not wait or has waited long enough, EINTR,
    /// ECONNRESET.
    #[inline(always)]
    pub fn fill(&mut self, from: BorrowedFd<'_>) -> io::Result<usize> {
        self.make_room();
        let room = &mut self.bytes[self.to..];
        let address = room.as_mut_ptr().expose_provenance();
        let arguments = [from.as_raw_fd() as usize, address, room.len(), 0];
        // SAFETY: the kernel writes at most as many bytes as there are, to a slice that is
        // borrowed exclusively.
        let read = unsafe { call(libc::SYS_read, arguments) }?;
        self.to += read;
        Ok(read)
    }

    /// Appends bytes, as many as there is room for; returns how many.
    pub fn put(&mut self, bytes: &[u8]) -> usize {
        self.make_room();
        let count = bytes.len().min(self.bytes.len() - self.to);
        for (into, byte) in self.bytes[self.to..].iter_mut().zip(bytes) {
            into.write(*byte);
        }
        self.to += count;
        count
    }

    /// Moves what is unread to the front.
    #[inline(always)]
    fn make_room(&mut self) {
        if self.from > 0 {
            self.bytes.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    #[test]
    fn what_is_used_makes_room_for_what_comes() {
        let (from, mut into) = io::pipe().unwrap();
        let mut buffer = RecvBuffer::of(8);
        into.write_all(b"abcdefghijkl").unwrap();
        assert_eq!(buffer.fill(from.as_fd()).unwrap(), 8);
        assert_eq!(buffer.unread(), b"abcdefgh");
        assert_eq!(buffer.fill(from.as_fd()).unwrap(), 0, "there is no room");
        buffer.consume(5);
        assert_eq!(buffer.unread(), b"fgh");
        assert_eq!(buffer.fill(from.as_fd()).unwrap(), 4);
        assert_eq!(buffer.unread(), b"fghijkl");
        buffer.consume(100);
        assert_eq!(buffer.unread(), b"");
        assert_eq!(buffer.put(b"123456789"), 8, "no more than there is room for");
        buffer.consume(7);
        assert_eq!(buffer.put(b"9"), 1);
        assert_eq!(buffer.unread(), b"89");
        drop(into);
        assert_eq!(buffer.fill(from.as_fd()).unwrap(), 0, "the end");
    }
}
