//! A ring buffer in shared memory, with one producer and one consumer.
//!
//! Two counters say how many were sent and received; each actor writes one of them. An
//! actor without work spins for some microseconds and then sleeps by futex(2), so that none spins
//! between batches.

use super::futex::{wait, wake_one};
use super::memory::{Mapping, page_bytes};
use std::hint::spin_loop;
use std::io;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Capacity of a ring: as much as a pipe (pipe(7)), or two messages where that is more.
pub const RING_BYTES: usize = 65_536;
/// Looks at a counter before its reader sleeps: some microseconds.
const LOOKS: u32 = 500;

/// Places of the words in the first page, each on cache lines of its own.
const SENT: usize = 0;
const CLOSED: usize = 1;
const RECEIVED: usize = 32;
const SENDER_SLEEPS: usize = 64;
const RECEIVER_SLEEPS: usize = 96;

/// What both ends see.
#[derive(Debug)]
struct ShmRing {
    mapping: Mapping,
    /// Where the messages begin: behind the first page.
    data_at: usize,
    message_bytes: usize,
    /// A power of two, so that a slot follows from a counter that wraps around.
    slots: u32,
}

impl ShmRing {
    fn word(&self, place: usize) -> &AtomicU32 {
        &self.mapping.words()[place]
    }

    /// Where message `number` lies.
    fn slot(&self, number: u32) -> NonNull<u8> {
        let index = (number % self.slots) as usize;
        let offset = self.data_at + index * self.message_bytes;
        // SAFETY: behind the first page the mapping holds `slots` messages.
        unsafe { self.mapping.start().cast::<u8>().byte_add(offset) }
    }

    /// Writes one's own counter and wakes the other actor if it sleeps. Either it sees the counter
    /// before it sleeps, or it is seen to sleep: both words are written before the other's is read,
    /// in one order for all.
    #[inline]
    fn advance(&self, counter: usize, to: u32, sleeps: usize) -> io::Result<()> {
        self.word(counter).store(to, Ordering::SeqCst);
        if self.word(sleeps).load(Ordering::SeqCst) != 0 {
            wake_one(self.word(counter))?;
        }
        Ok(())
    }

    /// Waits until the other actor's counter is no longer `seen`.
    #[inline]
    fn wait_while(&self, counter: usize, seen: u32, sleeps: usize) -> io::Result<u32> {
        let word = self.word(counter);
        for _ in 0..LOOKS {
            match word.load(Ordering::Acquire) {
                now if now != seen => return Ok(now),
                _ => spin_loop(),
            }
        }
        loop {
            self.word(sleeps).store(1, Ordering::SeqCst);
            let slept = wait(word, seen);
            self.word(sleeps).store(0, Ordering::Relaxed);
            match (word.load(Ordering::Acquire), slept) {
                (now, _) if now != seen => return Ok(now),
                (_, Err(e)) if e.kind() != io::ErrorKind::Interrupted && !again(&e) => {
                    return Err(e);
                }
                _ => {}
            }
        }
    }
}

/// The counter had changed when the kernel looked.
fn again(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EAGAIN)
}

/// The end that sends.
#[derive(Debug)]
pub struct Sender {
    ring: Arc<ShmRing>,
    sent: u32,
    /// What `RECEIVED` was when last looked at: the other actor's line is not fetched for every
    /// message.
    received: u32,
}

/// The end that receives.
#[derive(Debug)]
pub struct Receiver {
    ring: Arc<ShmRing>,
    received: u32,
    sent: u32,
}

/// Both ends of a ring for messages of this length.
///
/// # Errors
/// ENOMEM.
///
/// # Panics
/// For messages of no bytes.
pub fn shm_ring(message_bytes: usize) -> io::Result<(Sender, Receiver)> {
    let slots = (RING_BYTES / message_bytes).max(2).next_power_of_two();
    let no_room = || io::Error::from_raw_os_error(libc::ENOMEM);
    let data = message_bytes.checked_mul(slots).ok_or_else(no_room)?;
    let data_at = page_bytes();
    let mapping = Mapping::shared(data.checked_add(data_at).ok_or_else(no_room)?)?;
    mapping.populate()?;
    // Populating without the kernel's help writes a one into each page.
    mapping.words()[SENT].store(0, Ordering::Relaxed);
    let ring = Arc::new(ShmRing { mapping, data_at, message_bytes, slots: slots as u32 });
    let sender = Sender { ring: Arc::clone(&ring), sent: 0, received: 0 };
    Ok((sender, Receiver { ring, received: 0, sent: 0 }))
}

impl Sender {
    /// Copies a message into the ring, once there is room.
    ///
    /// # Errors
    /// Those of futex(2); none is expected.
    ///
    /// # Panics
    /// When the message is not as long as the ring's.
    #[inline]
    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let ring = &*self.ring;
        assert_eq!(message.len(), ring.message_bytes);
        while self.sent.wrapping_sub(self.received) == ring.slots {
            self.received = ring.wait_while(RECEIVED, self.received, SENDER_SLEEPS)?;
        }
        let slot = ring.slot(self.sent).as_ptr();
        // SAFETY: the slot is as long as the message. The receiver has done with what it held, as
        // its counter says, and does not look at it before ours says so; of the two ends there is
        // one each that is used.
        unsafe { ptr::copy_nonoverlapping(message.as_ptr(), slot, message.len()) };
        self.sent = self.sent.wrapping_add(1);
        ring.advance(SENT, self.sent, RECEIVER_SLEEPS)
    }

    /// Waits until the receiver is done with all messages.
    ///
    /// # Errors
    /// Those of futex(2); none is expected.
    pub fn delivered(&mut self) -> io::Result<()> {
        while self.received != self.sent {
            self.received = self.ring.wait_while(RECEIVED, self.received, SENDER_SLEEPS)?;
        }
        Ok(())
    }

    /// Tells the receiver that no more will come. Only once all messages are delivered.
    pub fn close(&mut self) {
        self.ring.word(CLOSED).store(1, Ordering::Relaxed);
        // A receiver that has ended needs no waking.
        let _ = self.ring.advance(SENT, self.sent.wrapping_add(1), RECEIVER_SLEEPS);
    }
}

impl Receiver {
    /// Copies the next message out of the ring, once there is one; `false` when no more will
    /// come.
    ///
    /// # Errors
    /// Those of futex(2); none is expected.
    ///
    /// # Panics
    /// When the buffer is not as long as the ring's messages.
    #[inline]
    pub fn receive(&mut self, into: &mut [u8]) -> io::Result<bool> {
        let ring = &*self.ring;
        assert_eq!(into.len(), ring.message_bytes);
        if self.sent == self.received {
            self.sent = ring.wait_while(SENT, self.sent, RECEIVER_SLEEPS)?;
        }
        if ring.word(CLOSED).load(Ordering::Relaxed) != 0 {
            return Ok(false);
        }
        let slot = ring.slot(self.received).as_ptr();
        // SAFETY: the slot is as long as the buffer. The sender has filled it, as its counter says,
        // and leaves it alone until ours says that it is free.
        unsafe { ptr::copy_nonoverlapping(slot, into.as_mut_ptr(), into.len()) };
        Ok(true)
    }

    /// Gives the slot of the last message back.
    ///
    /// # Errors
    /// Those of futex(2); none is expected.
    ///
    /// # Panics
    /// When there was no message.
    #[inline]
    pub fn done(&mut self) -> io::Result<()> {
        assert_ne!(self.received, self.sent);
        self.received = self.received.wrapping_add(1);
        self.ring.advance(RECEIVED, self.received, SENDER_SLEEPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends messages of this length through a ring whose counters begin at `from`; each is
    /// received as sent.
    fn pass(message_bytes: usize, messages: u32, from: u32) {
        let (mut sender, mut receiver) = shm_ring(message_bytes).unwrap();
        for place in [SENT, RECEIVED] {
            sender.ring.word(place).store(from, Ordering::Relaxed);
        }
        (sender.sent, sender.received, receiver.sent, receiver.received) = (from, from, from, from);
        let content = move |number: u32| vec![number as u8 ^ (number >> 8) as u8; message_bytes];
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; message_bytes];
            let mut number = 0;
            while receiver.receive(&mut buffer).unwrap() {
                assert_eq!(buffer, content(number), "message {number}");
                receiver.done().unwrap();
                number += 1;
            }
            number
        });
        for number in 0..messages {
            sender.send(&content(number)).unwrap();
            if number == messages / 2 {
                sender.delivered().unwrap();
                // Long enough for the reader to fall asleep.
                crate::sys::clock::pause(std::time::Duration::from_millis(20));
            }
        }
        sender.delivered().unwrap();
        sender.close();
        assert_eq!(reader.join().unwrap(), messages);
    }

    #[test]
    fn messages_come_in_order_and_whole_whatever_their_length() {
        pass(1, 200_000, 0);
        pass(100, 20_000, 0);
        pass(100_000, 50, 0);
    }

    #[test]
    fn counters_may_wrap_around() {
        pass(3, 20_000, u32::MAX - 9_000);
        pass(100_000, 20, u32::MAX - 9);
    }
}
