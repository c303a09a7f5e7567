//! Messages in one direction, one after the other: what a mechanism can carry.
//!
//! A batch is over when the partner has done with its last message, so that its time covers
//! delivery. Every message begins and ends with its number, which the partner looks at: what
//! arrives otherwise voids the batch.

mod channel;
mod descriptor;

use crate::primitive::{Companion, Entry, Primitive, Setup};
use crate::question::communication::socket;
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::bytes::Bytes;
use crate::sys::memory::Mapping;
use crate::sys::shm_ring::shm_ring;
use crate::workers::Worker;
use channel::{Receiving, Sending};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "stream/pipe-thread",
        name: "messages by pipe to a thread",
        actor: Actor::Thread,
        op: "one message of the given length to a thread through a pipe, received whole; a batch \
             ends when its last is delivered",
        work: Work::Messages,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe_thread,
    },
    Entry {
        id: "stream/pipe-process",
        name: "messages by pipe to a process",
        actor: Actor::Process,
        op: "one message of the given length to a forked process through a pipe, received whole; \
             a batch ends when its last is delivered",
        work: Work::Messages,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe_process,
    },
    Entry {
        id: "stream/socket-thread",
        name: "messages by socket to a thread",
        actor: Actor::Thread,
        op: "as stream/pipe-thread, through a pair of Unix stream sockets",
        work: Work::Messages,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "unix(7)",
        start: socket_thread,
    },
    Entry {
        id: "stream/socket-process",
        name: "messages by socket to a process",
        actor: Actor::Process,
        op: "as stream/pipe-process, through a pair of Unix stream sockets",
        work: Work::Messages,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "unix(7)",
        start: socket_process,
    },
    Entry {
        id: "stream/memory-thread",
        name: "messages by shared memory to a thread",
        actor: Actor::Thread,
        op: "as stream/pipe-thread, copied into a ring buffer in shared memory (64 KiB, or two \
             messages) and out of it",
        work: Work::Messages,
        excluded: "starting the partner",
        source: "mmap(2), futex(2)",
        start: memory_thread,
    },
    Entry {
        id: "stream/memory-process",
        name: "messages by shared memory to a process",
        actor: Actor::Process,
        op: "as stream/pipe-process, copied into a ring buffer in shared memory (64 KiB, or two \
             messages) and out of it",
        work: Work::Messages,
        excluded: "starting the partner",
        source: "mmap(2), futex(2)",
        start: memory_process,
    },
];

/// Longest message. Longer ones measure the machine's memory, not the mechanism.
const MOST_BYTES: u64 = 64 << 20;

/// A sender, and a partner that receives. One operation is one message.
struct Stream<S: Sending> {
    sending: S,
    message: Bytes,
    number: u8,
    /// A word that both see: not 0 once a message came otherwise than it was sent.
    garbled: Arc<Mapping>,
    partner: Worker,
}

/// Puts its number at both ends of a message.
#[inline]
fn number(message: &mut [u8], number: u8) {
    if let Some(first) = message.first_mut() {
        *first = number;
    }
    if let Some(last) = message.last_mut() {
        *last = number;
    }
}

/// Receives until no more comes. An error ends the partner; the main actor then waits in vain, and
/// the lab's deadline ends the lab.
fn answer(mut receiving: impl Receiving, mut buffer: Bytes, garbled: &Mapping) {
    let mut number = 0_u8;
    while matches!(receiving.receive(&mut buffer), Ok(true)) {
        if [buffer.first(), buffer.last()] != [Some(&number); 2] {
            garbled.words()[0].store(1, Ordering::Relaxed);
        }
        number = number.wrapping_add(1);
        // Releases the word above too.
        if receiving.done().is_err() {
            return;
        }
    }
}

fn start<S: Sending + 'static, R: Receiving>(
    actor: Actor,
    setup: &Setup,
    ends: impl FnOnce(usize) -> io::Result<(S, R)>,
) -> Result<Box<dyn Primitive>> {
    let tried = || format!("preparing a stream of messages of {} bytes", setup.arm.amount);
    if !(1..=MOST_BYTES).contains(&setup.arm.amount) {
        let why = format!("a message has 1 to {MOST_BYTES} bytes, given as its amount");
        return Err(Failure::new(tried(), why));
    }
    let count = setup.arm.amount as usize;
    let made = ends(count).and_then(|ends| Ok((ends, Bytes::new(count)?, Bytes::new(count)?)));
    let ((sending, receiving), message, buffer) = made.map_err(|e| Failure::os(tried(), e))?;
    let garbled = Mapping::shared(4).map_err(|e| Failure::os(tried(), e))?;
    let garbled = Arc::new(garbled);
    let theirs = Arc::clone(&garbled);
    let body = move |()| answer(receiving, buffer, &theirs);
    let partner = Worker::start(actor, setup.partner_cpu, || Ok(()), body)?;
    Ok(Box::new(Stream { sending, message, number: 0, garbled, partner }))
}

impl<S: Sending> Primitive for Stream<S> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            number(&mut self.message, self.number);
            self.sending.send(&self.message)?;
            self.number = self.number.wrapping_add(1);
            done += 1;
        }
        self.sending.delivered()?;
        match self.garbled.words()[0].load(Ordering::Relaxed) {
            0 => Ok(done),
            _ => Err(io::Error::other("a message arrived with other content than was sent")),
        }
    }

    /// A message ahead of the batch: a partner that looks again before it sleeps is awake when the
    /// first is timed.
    fn ready(&mut self) -> io::Result<()> {
        self.run(1).map(drop)
    }

    fn companions(&self) -> Vec<Companion> {
        vec![self.partner.companion()]
    }
}

impl<S: Sending> Drop for Stream<S> {
    fn drop(&mut self) {
        self.sending.close();
    }
}

fn pipes(actor: Actor, setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(actor, setup, |_| {
        let (out, into) = pipe2(OFlag::O_CLOEXEC)?;
        descriptor::ends(into, out)
    })
}

fn sockets(actor: Actor, setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(actor, setup, |_| {
        let [into, out] = socket::pair()?;
        descriptor::ends(into, out)
    })
}

pub(crate) fn pipe_thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    pipes(Actor::Thread, setup)
}

pub(crate) fn pipe_process(setup: &Setup) -> Result<Box<dyn Primitive>> {
    pipes(Actor::Process, setup)
}

pub(crate) fn socket_thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    sockets(Actor::Thread, setup)
}

pub(crate) fn socket_process(setup: &Setup) -> Result<Box<dyn Primitive>> {
    sockets(Actor::Process, setup)
}

pub(crate) fn memory_thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(Actor::Thread, setup, shm_ring)
}

pub(crate) fn memory_process(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(Actor::Process, setup, shm_ring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::timed;
    use crate::record::{Arm, Work};

    /// Passes on what a pipe carries, but for the last byte of one message.
    struct Garbling<R>(R, u32);

    impl<R: Receiving> Receiving for Garbling<R> {
        fn receive(&mut self, into: &mut [u8]) -> io::Result<bool> {
            let came = self.0.receive(into)?;
            self.1 += 1;
            if let (7, Some(last)) = (self.1, into.last_mut()) {
                *last ^= 1;
            }
            Ok(came)
        }

        fn done(&mut self) -> io::Result<()> {
            self.0.done()
        }
    }

    #[test]
    fn a_message_that_arrives_with_other_content_voids_its_batch() {
        let setup = Setup::of(Arm::new("", Work::Creates).of(300));
        let ends =
            |count| shm_ring(count).map(|(sender, receiver)| (sender, Garbling(receiver, 0)));
        let mut stream = start(Actor::Thread, &setup, ends).unwrap();
        // A batch is five messages: one ahead of it.
        assert_eq!(timed(&mut *stream, 4).unwrap().ops, 4);
        let refused = timed(&mut *stream, 4).unwrap_err();
        assert!(refused.why.contains("other content"), "{refused}");
    }
}
