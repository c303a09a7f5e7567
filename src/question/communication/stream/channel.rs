//! The two ends of a stream, whatever it is made of.

use crate::sys::shm_ring::{Receiver, Sender};
use std::io;

/// The end that sends.
pub(super) trait Sending {
    /// Sends a message; it may still be on its way afterwards.
    fn send(&mut self, message: &[u8]) -> io::Result<()>;

    /// Waits until the other end has done with all messages.
    fn delivered(&mut self) -> io::Result<()>;

    /// Tells the other end to leave. Only once all messages are delivered.
    fn close(&mut self);
}

/// The end that receives.
pub(super) trait Receiving: Send + 'static {
    /// Receives the next message whole; `false` when there will be none.
    fn receive(&mut self, into: &mut [u8]) -> io::Result<bool>;

    /// Says that the last message is done with.
    fn done(&mut self) -> io::Result<()>;
}

impl Sending for Sender {
    #[inline]
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        Sender::send(self, message)
    }

    #[inline]
    fn delivered(&mut self) -> io::Result<()> {
        Sender::delivered(self)
    }

    fn close(&mut self) {
        Sender::close(self);
    }
}

impl Receiving for Receiver {
    #[inline]
    fn receive(&mut self, into: &mut [u8]) -> io::Result<bool> {
        Receiver::receive(self, into)
    }

    #[inline]
    fn done(&mut self) -> io::Result<()> {
        Receiver::done(self)
    }
}
