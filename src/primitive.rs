//! Primitives: the least code that does one thing, and the one registry of them.
//!
//! A primitive is prepared once ([`Entry::start`]), then asked for any number of operations
//! ([`Primitive::run`]), and torn down by its `Drop`: setup, timed body and teardown are three
//! places. It belongs into a lab ([`crate::lab`]), a small process with one thread, but works
//! wherever its needs are met:
//!
//! ```
//! use process_vs_thread::primitive::{self, Setup};
//! use process_vs_thread::record::Arm;
//!
//! let setup = Setup::of(Arm::new("clone/thread"));
//! let mut threads = primitive::find(&setup.arm.primitive)?.start(&setup)?;
//! let timed = primitive::timed(&mut *threads, 100)?;
//! assert_eq!(timed.ops, 100);
//! println!("{} ns per thread", timed.elapsed_ns / timed.ops);
//! # Ok::<(), process_vs_thread::record::Failure>(())
//! ```

mod baseline;
mod condvar;
mod creation;
pub(crate) mod drill;
mod eventfd;
mod flush;
mod futex;
mod load;
mod partner;
mod ping_pong;
mod pipe;
mod pool;
mod process;
mod program;
mod registry;
mod request;
mod ring;
mod socket;
mod spectrum;
mod spin;
mod stream;
mod thread;
mod together;
mod write;

pub use program::Program;
pub(crate) use program::dynamic_named;
pub use registry::all;

use crate::record::{Actor, Arm, Failure, Result};
use crate::sys::clock;
pub use crate::sys::ring::Passes;
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;

/// The least code that does one thing.
pub trait Primitive {
    /// Gets ready for a batch, outside its time: wakes actors that sleep while others are timed.
    /// [`timed`] calls it before it looks at the clock.
    ///
    /// # Errors
    /// An actor that is not there any more, or the first system call that failed.
    fn ready(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Does `ops` operations and returns how many were completed. No allocation, formatting or lock
    /// of its own.
    ///
    /// # Errors
    /// The first system call that failed, or a child that did not do its part.
    fn run(&mut self, ops: u64) -> io::Result<u64>;

    /// Sends a partner to sleep that would spin otherwise, once the batch is over.
    fn rest(&mut self) {}

    /// The actors that live beside the main one between operations.
    fn companions(&self) -> Vec<Companion> {
        Vec::new()
    }

    /// Time of the two passes over the pages so far, of primitives that walk them twice.
    fn passes(&self) -> Passes {
        Passes::default()
    }

    /// The moments of all creations so far, of primitives that stamp them.
    fn moments(&self) -> Moments {
        Moments::default()
    }

    /// CPU time of the busiest thread of a client that loads a server, so far; nanoseconds.
    fn busiest_ns(&self) -> u64 {
        0
    }
}

/// Moments of creations, each summed over the operations since the start; nanoseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moments {
    /// From the creating call to its return.
    pub call_ns: u64,
    /// From the creating call to the first instruction of what was created; of several, until their
    /// creator has seen the last one's. Where a program is exec'd, to its first instruction; 0
    /// where that program is none of ours and does not tell.
    pub first_ns: u64,
    /// What the creator took, after all was over, to write its pages again; of the primitives that
    /// write pages, what the writer took.
    pub bill_ns: u64,
}

/// An actor beside the main one.
#[derive(Debug, Clone, Copy)]
pub struct Companion {
    /// Its task id.
    pub task: Pid,
    /// Thread or process.
    pub actor: Actor,
}

/// Under what conditions a primitive is prepared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// What is to be prepared.
    pub arm: Arm,
    /// CPU to pin the partner to; `None` leaves it where the main actor may be.
    pub partner_cpu: Option<usize>,
    /// CPUs for workers, the main actor's first; empty where the scheduler places them.
    pub cpus: Vec<usize>,
    /// Where the server listens, of primitives that ask one.
    pub server: Option<SocketAddr>,
}

impl Setup {
    /// An arm that has no CPUs of its own and no server.
    #[must_use]
    pub fn of(arm: Arm) -> Self {
        Setup { arm, partner_cpu: None, cpus: Vec::new(), server: None }
    }
}

/// A primitive with what there is to say about it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Unique id: family or actor, a slash, the mechanism.
    pub id: &'static str,
    /// What is created or switched to.
    pub actor: Actor,
    /// What one operation is, in one sentence.
    pub op: &'static str,
    /// Context switches that one operation holds with all actors on one core.
    pub switches: Switches,
    /// What the time leaves out.
    pub excluded: &'static str,
    /// Manual page or kernel source.
    pub source: &'static str,
    start: fn(&Setup) -> Result<Box<dyn Primitive>>,
}

/// Context switches of an operation whose actors share a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switches {
    /// Part of what a creation costs, and not fixed.
    Unstated,
    /// Always this many.
    Each(u32),
    /// One for each actor; none where an actor is alone.
    OneForEachActor,
    /// As many as it takes: who finds nothing to do may sleep or not.
    Varies,
}

impl Switches {
    /// How many, among this many actors; `None` where that is not the point.
    #[must_use]
    pub fn per_op(self, actors: u32) -> Option<u32> {
        match self {
            Switches::Unstated | Switches::Varies => None,
            Switches::Each(number) => Some(number),
            Switches::OneForEachActor => Some(if actors > 1 { actors } else { 0 }),
        }
    }
}

impl Entry {
    /// Does an operation create actors, and see their end? Others hand over between actors that
    /// live, or do nothing.
    #[must_use]
    pub fn creates(&self) -> bool {
        self.switches == Switches::Unstated
    }

    /// Do its actors take turns in a ring, alike in all but their clone flags?
    #[must_use]
    pub fn has_alike_actors(&self) -> bool {
        self.switches == Switches::OneForEachActor
    }

    /// Prepares the primitive.
    ///
    /// # Errors
    /// What is missing: a single thread for fork, a program to exec, a limit that is reached.
    pub fn start(&self, setup: &Setup) -> Result<Box<dyn Primitive>> {
        (self.start)(setup)
    }
}

/// The primitive with this id.
///
/// # Errors
/// There is none.
pub fn find(id: &str) -> Result<&'static Entry> {
    all().find(|entry| entry.id == id).ok_or_else(|| {
        Failure::new(format!("looking up the primitive '{id}'"), "there is none of this name")
            .remedy("`process-vs-thread list` names them")
    })
}

/// Path of the program that an exec of a dynamic program runs: `true` as found in PATH.
///
/// # Errors
/// There is none, or it is not dynamically linked.
pub fn dynamic_program() -> Result<String> {
    program::dynamic_path().map(|path| path.display().to_string())
}

/// The programs with a C library that are exec'd, by how they are linked.
pub fn libc_programs() -> [(&'static str, Result<Program>); 2] {
    [("static", program::static_libc(false)), ("dynamic", program::dynamic())]
}

/// What one timed run came to.
#[derive(Debug, Clone, Copy)]
pub struct Timed {
    /// Operations that were completed.
    pub ops: u64,
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    pub elapsed_ns: u64,
    /// Ticks of the architecture's counter.
    pub elapsed_ticks: u64,
}

/// The one timing loop of the project: `ops` operations between one pair of clock reads.
///
/// # Errors
/// As [`Primitive::run`], or fewer operations were completed than asked for: a wrong count voids
/// the batch.
#[inline]
pub fn timed(primitive: &mut dyn Primitive, ops: u64) -> Result<Timed> {
    primitive.ready().map_err(|e| Failure::os("getting ready for a batch", e))?;
    let tried = || format!("a batch of {ops} operations");
    let (start_ticks, start_ns) = (clock::ticks(), clock::monotonic_ns());
    let completed = primitive.run(ops);
    let (end_ns, end_ticks) = (clock::monotonic_ns(), clock::ticks());
    primitive.rest();
    let completed = completed.map_err(|e| Failure::os(tried(), e))?;
    if completed != ops {
        return Err(Failure::new(tried(), format!("{completed} were completed, so it is void")));
    }
    Ok(Timed {
        ops,
        elapsed_ns: end_ns.saturating_sub(start_ns),
        elapsed_ticks: end_ticks.saturating_sub(start_ticks),
    })
}
