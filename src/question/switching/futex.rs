//! A word in shared memory to and fro, with the kernel asked only to sleep and to wake.

use crate::primitive::ping_pong::{self, Made, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Calls, Failure, Result, Work};
use crate::sys::memory::Mapping;
use crate::sys::system_calls::{Inlined, Library, SystemCalls};
use nix::errno::Errno;
use std::io;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "futex/thread",
        name: "round trip by futex to a thread",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, with shared futex calls to sleep and \
             wake",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "futex(2)",
        start: threads,
    },
    Entry {
        id: "futex/process",
        name: "round trip by futex to a process",
        actor: Actor::Process,
        op: "a word in shared memory to a forked process and back, with the same futex calls",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
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
        excluded: "nothing",
        source: "futex(2)",
        start: alone,
    },
];

/// Whose turn it is, as a word in memory that forked children share.
struct Word<S>(Mapping, PhantomData<S>);

impl<S> Word<S> {
    #[inline(always)]
    fn get(&self) -> &AtomicU32 {
        &self.0.words()[0]
    }
}

/// Sleeps while the word holds `seen`. That it changed already, or a signal came, is no error.
#[inline(always)]
pub(crate) fn sleep_while<S: SystemCalls>(word: &AtomicU32, seen: u32) -> io::Result<()> {
    match S::futex_wait(word, seen) {
        Err(e) if e.raw_os_error() == Some(Errno::EAGAIN as i32) => Ok(()),
        Err(e) if e.raw_os_error() == Some(Errno::EINTR as i32) => Ok(()),
        other => other,
    }
}

impl<S: SystemCalls> Made for Word<S> {
    fn new() -> io::Result<Self> {
        let word = Word(Mapping::shared(4)?, PhantomData);
        word.get().store(Side::Main as u32, Ordering::Relaxed);
        Ok(word)
    }
}

impl<S: SystemCalls> Token for Word<S> {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        self.get().store(side as u32, Ordering::Release);
        S::futex_wake_one(self.get()).map(drop)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let word = self.get();
        loop {
            match word.load(Ordering::Acquire) {
                turn if turn == side as u32 => return Ok(true),
                STOP => return Ok(false),
                turn => sleep_while::<S>(word, turn)?,
            }
        }
    }

    fn stop(&self) {
        self.get().store(STOP, Ordering::Release);
        // A partner that is gone needs no waking.
        let _ = S::futex_wake_one(self.get());
    }
}

/// The system calls of a round trip by one actor alone: nobody to wake, and a word that never lets
/// it sleep.
struct Alone<S>(Word<S>);

impl<S: SystemCalls> Primitive for Alone<S> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let word = self.0.get();
        let mut done = 0;
        while done < ops {
            for side in [Side::Partner, Side::Main] {
                self.0.pass(side)?;
                sleep_while::<S>(word, STOP)?;
            }
            done += 1;
        }
        Ok(done)
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Word<Inlined>, Word<Library>>(Actor::Thread, setup)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Word<Inlined>, Word<Library>>(Actor::Process, setup)
}

pub(crate) fn alone(setup: &Setup) -> Result<Box<dyn Primitive>> {
    match setup.arm.calls {
        Calls::Inlined => calls_alone::<Inlined>(),
        Calls::Library => calls_alone::<Library>(),
    }
}

fn calls_alone<S: SystemCalls>() -> Result<Box<dyn Primitive>> {
    let word = Word::<S>::new().map_err(|e| Failure::os("mapping a shared word", e))?;
    Ok(Box::new(Alone(word)))
}
