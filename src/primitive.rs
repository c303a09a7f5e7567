//! Primitives: the least code that does one thing, and the one registry of them.
//!
//! A primitive is prepared once ([`Entry::start`]), then asked for any number of operations
//! ([`Primitive::run`]), and torn down by its `Drop`: setup, timed body and teardown are three
//! places. It belongs into a lab ([`crate::lab`]), a small process with one thread, but works
//! wherever its needs are met:
//!
//! ```
//! use process_vs_thread::primitive::{self, Setup};
//! use process_vs_thread::question;
//!
//! let setup = Setup::of(question::arm("clone/thread"));
//! let mut threads = question::primitive(&setup.arm.primitive)?.start(&setup)?;
//! let timed = primitive::timed(&mut *threads, 100)?;
//! assert_eq!(timed.ops, 100);
//! println!("{} ns per thread", timed.elapsed_ns / timed.ops);
//! # Ok::<(), process_vs_thread::record::Failure>(())
//! ```

pub(crate) mod drill;
pub(crate) mod ping_pong;
pub(crate) mod program;

pub use program::Program;
pub(crate) use program::dynamic_named;

use crate::record::{Actor, Arm, Description, Failure, Result, Work};
use crate::sys::clock;
pub use crate::sys::ring::Passes;
use crate::sys::single_thread::SingleThread;
pub use crate::workers::Companion;
use crate::workers::not_alone;
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
    /// Its name for people.
    pub name: &'static str,
    /// What is created or switched to.
    pub actor: Actor,
    /// What one operation is, in one sentence.
    pub op: &'static str,
    /// What one operation does.
    pub work: Work,
    /// What the time leaves out.
    pub excluded: &'static str,
    /// Manual page or kernel source.
    pub source: &'static str,
    pub(crate) start: fn(&Setup) -> Result<Box<dyn Primitive>>,
}

impl Entry {
    /// An arm of it, under the plainest conditions.
    #[must_use]
    pub fn arm(&self) -> Arm {
        Arm::new(self.id, self.work)
    }

    /// What there is to say about it, to be kept beside its figures.
    #[must_use]
    pub fn describe(&self) -> Description {
        Description {
            id: self.id.to_owned(),
            name: self.name.to_owned(),
            actor: self.actor,
            work: self.work,
            op: self.op.to_owned(),
            excluded: self.excluded.to_owned(),
            source: self.source.to_owned(),
        }
    }

    /// Prepares the primitive.
    ///
    /// # Errors
    /// What is missing: a single thread for fork, a program to exec, a limit that is reached.
    pub fn start(&self, setup: &Setup) -> Result<Box<dyn Primitive>> {
        (self.start)(setup)
    }
}

/// Lists of several questions.
pub type Catalogue<T> = &'static [&'static [T]];

/// The primitive with this id.
///
/// # Errors
/// There is none.
pub fn find(all: Catalogue<Entry>, id: &str) -> Result<&'static Entry> {
    all.iter().copied().flatten().find(|entry| entry.id == id).ok_or_else(|| {
        Failure::new(format!("looking up the primitive '{id}'"), "there is none of this name")
            .remedy("`process-vs-thread list` shows all names")
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

/// Proof that this process may fork.
pub(crate) fn witness() -> Result<SingleThread> {
    SingleThread::prove().map_err(|e| not_alone(Failure::os("preparing to fork", e)))
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
        return Err(Failure::new(
            tried(),
            format!("{completed} were completed: the batch is void"),
        ));
    }
    Ok(Timed {
        ops,
        elapsed_ns: end_ns.saturating_sub(start_ns),
        elapsed_ticks: end_ticks.saturating_sub(start_ticks),
    })
}
