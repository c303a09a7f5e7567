//! A word in shared memory to and fro, with the kernel asked only to sleep and to wake.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::futex::{wait, wake_one};
use crate::sys::memory::Mapping;
use nix::errno::Errno;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "futex/thread",
        name: "round trip by futex to a thread",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, with shared futex calls to sleep and \
             wake",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: threads,
    },
    Entry {
        id: "futex/process",
        name: "round trip by futex to a process",
        actor: Actor::Process,
        op: "a word in shared memory to a forked process and back, with the same futex calls",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: processes,
    },
    Entry {
        id: "futex/alone",
        name: "the calls of a round trip by futex",
        actor: Actor::Alone,
        op: "two wakes without a waiter and two waits that return at once: the same calls, no \
             switch",
        work: Work::HandsOver(0),
        excluded: "the C library's wrappers of the calls",
        source: "futex(2)",
        start: alone,
    },
];

/// Whose turn it is, as a word in memory that forked children share.
struct Word(Mapping);

impl Word {
    fn new() -> io::Result<Self> {
        let word = Word(Mapping::shared(4)?);
        word.get().store(Side::Main as u32, Ordering::Relaxed);
        Ok(word)
    }

    #[inline(always)]
    fn get(&self) -> &AtomicU32 {
        &self.0.words()[0]
    }
}

/// Sleeps while the word holds `seen`. That it changed already, or a signal came, is no error.
#[inline(always)]
pub(crate) fn sleep_while(word: &AtomicU32, seen: u32) -> io::Result<()> {
    match wait(word, seen) {
        Err(e) if e.raw_os_error() == Some(Errno::EAGAIN as i32) => Ok(()),
        Err(e) if e.raw_os_error() == Some(Errno::EINTR as i32) => Ok(()),
        other => other,
    }
}

impl Token for Word {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        self.get().store(side as u32, Ordering::Release);
        wake_one(self.get()).map(drop)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let word = self.get();
        loop {
            match word.load(Ordering::Acquire) {
                turn if turn == side as u32 => return Ok(true),
                STOP => return Ok(false),
                turn => sleep_while(word, turn)?,
            }
        }
    }

    fn stop(&self) {
        self.get().store(STOP, Ordering::Release);
        // A partner that is gone needs no waking.
        let _ = wake_one(self.get());
    }
}

/// The system calls of a round trip by one actor alone: nobody to wake, and a word that never lets
/// it sleep.
struct Alone(Word);

impl Primitive for Alone {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let word = self.0.get();
        let mut done = 0;
        while done < ops {
            for side in [Side::Partner, Side::Main] {
                self.0.pass(side)?;
                sleep_while(word, STOP)?;
            }
            done += 1;
        }
        Ok(done)
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, Word::new())
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, Word::new())
}

pub(crate) fn alone(_: &Setup) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Alone(Word::new().map_err(|e| Failure::os("mapping a shared word", e))?)))
}
