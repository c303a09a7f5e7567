//! A word in shared memory to and fro between actors that spin on it: no system call, no sleep, no
//! switch.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::question::switching::futex::sleep_while;
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::futex::wake_one;
use crate::sys::memory::Mapping;
use crate::sys::system_calls::Inlined;
use nix::sched::sched_getaffinity;
use nix::unistd::Pid;
use std::hint::spin_loop;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "spin/thread",
        name: "spinning on a word, threads",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, both spinning on it, each on a core of \
             its own",
        work: Work::HandsOver(0),
        excluded: "starting the partner, and its wake-up before a batch",
        source: "mmap(2), MAP_SHARED",
        start: threads,
    },
    Entry {
        id: "spin/process",
        name: "spinning on a word, processes",
        actor: Actor::Process,
        op: "as spin/thread, to a forked process that shares the word",
        work: Work::HandsOver(0),
        excluded: "as spin/thread",
        source: "mmap(2), MAP_SHARED",
        start: processes,
    },
];

/// The value of the word between batches. The partner sleeps then: spinning, it would take its core
/// from the other arm.
const REST: u32 = 4;

/// Whose turn it is, as a word in memory that forked children share.
struct Word(Mapping);

impl Word {
    fn new() -> io::Result<Self> {
        let word = Word(Mapping::shared(4)?);
        word.rest();
        Ok(word)
    }

    #[inline(always)]
    fn get(&self) -> &AtomicU32 {
        &self.0.words()[0]
    }
}

impl Token for Word {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        self.get().store(side as u32, Ordering::Release);
        Ok(())
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let word = self.get();
        loop {
            match word.load(Ordering::Acquire) {
                turn if turn == side as u32 => return Ok(true),
                STOP => return Ok(false),
                REST => sleep_while::<Inlined>(word, REST)?,
                _ => spin_loop(),
            }
        }
    }

    fn stop(&self) {
        self.get().store(STOP, Ordering::Release);
        // A partner that is gone needs no waking.
        let _ = wake_one(self.get());
    }

    /// A round trip: once it is over the partner spins.
    fn ready(&self) -> io::Result<()> {
        self.pass(Side::Partner)?;
        wake_one(self.get())?;
        self.take(Side::Main).map(drop)
    }

    fn rest(&self) {
        self.get().store(REST, Ordering::Release);
    }
}

/// On one core each turn would spin until the scheduler takes the core away, milliseconds later.
fn refuse_one_core(setup: &Setup) -> Result<()> {
    // A set too big for the C library's is not one CPU.
    let Ok(allowed) = sched_getaffinity(Pid::from_raw(0)) else { return Ok(()) };
    let count = nix::sched::CpuSet::count();
    let own: Vec<usize> = (0..count).filter(|cpu| allowed.is_set(*cpu) == Ok(true)).collect();
    let [only] = own.as_slice() else { return Ok(()) };
    if setup.partner_cpu.is_some_and(|cpu| cpu != *only) {
        return Ok(());
    }
    let why = format!("both actors may use CPU {only} only, where one that spins blocks the other");
    Err(Failure::new("preparing two actors that spin", why).remedy("place them on two cores"))
}

fn start(actor: Actor, setup: &Setup) -> Result<Box<dyn Primitive>> {
    refuse_one_core(setup)?;
    ping_pong::start(actor, setup, Word::new())
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(Actor::Thread, setup)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(Actor::Process, setup)
}
