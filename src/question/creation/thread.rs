//! Creating a thread and waiting for its end.

use crate::primitive::{Entry, Primitive, Setup};
use crate::question::creation::way::{First, Way, create};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::thread::{Attributes, pthread_once};
use crate::sys::timestamp::Timestamp;
use std::io;
use std::thread::Builder;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "thread/std",
        name: "std::thread::spawn",
        actor: Actor::Thread,
        op: "std::thread spawn of an empty closure, and join",
        work: Work::Creates,
        excluded: "nothing: its allocations and its stack are part of it",
        source: "Rust standard library, std::thread",
        start: std_thread,
    },
    Entry {
        id: "thread/scoped",
        name: "std::thread::scope",
        actor: Actor::Thread,
        op: "std::thread::scope around one spawn of an empty closure and its join",
        work: Work::Creates,
        excluded: "as thread/std",
        source: "Rust standard library, std::thread::scope",
        start: scoped,
    },
    Entry {
        id: "thread/pthread",
        name: "pthread_create, cached stack",
        actor: Actor::Thread,
        op: "pthread_create of an empty routine with default attributes, and pthread_join",
        work: Work::Creates,
        excluded: "the first mapping of the stack, which the C library caches",
        source: "pthread_create(3), pthread_join(3)",
        start: pthread,
    },
    Entry {
        id: "thread/pthread-fresh-stack",
        name: "pthread_create, new stack",
        actor: Actor::Thread,
        op: "as thread/pthread, with a stack too big for the library's cache: mapped, protected \
             and unmapped each time",
        work: Work::Creates,
        excluded: "nothing",
        source: "pthread_attr_setstacksize(3), glibc.pthread.stack_cache_size",
        start: pthread_fresh_stack,
    },
];

/// A stack that glibc does not keep: its cache holds 40 MiB in all
/// (`glibc.pthread.stack_cache_size`).
const FRESH_STACK_BYTES: usize = 64 << 20;

/// `std::thread::Builder::spawn` and join.
struct Std;

impl Way for Std {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        let timestamp = timestamp.clone();
        let handle = Builder::new().spawn(move || timestamp.stamp())?;
        let returned_ns = M::now_ns();
        handle.join().map_err(|_| io::Error::other("an empty thread panicked"))?;
        Ok(returned_ns)
    }
}

/// `std::thread::scope` around one spawn and its join: the end of a scope alone does not wait for
/// the thread's very end, which would then fall into the next operation.
struct Scoped;

impl Way for Scoped {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        std::thread::scope(|scope| {
            let handle = Builder::new().spawn_scoped(scope, || timestamp.stamp())?;
            let returned_ns = M::now_ns();
            handle.join().map_err(|_| io::Error::other("an empty thread panicked"))?;
            Ok(returned_ns)
        })
    }
}

/// pthread_create and pthread_join.
struct Pthread(Attributes);

impl Way for Pthread {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        pthread_once(&self.0, timestamp)
    }
}

pub(crate) fn std_thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Actor, Std)
}

pub(crate) fn scoped(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Actor, Scoped)
}

pub(crate) fn pthread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    create(setup, First::Actor, Pthread(Attributes::default_ones()))
}

pub(crate) fn pthread_fresh_stack(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let attributes = Attributes::with_stack(FRESH_STACK_BYTES);
    let attributes = attributes.map_err(|e| Failure::os("asking for a stack of 64 MiB", e))?;
    create(setup, First::Actor, Pthread(attributes))
}
