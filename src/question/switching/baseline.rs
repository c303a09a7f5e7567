//! Baselines: what is left of a measurement when the thing measured is taken away.

use crate::primitive::{Entry, Primitive, Setup, timed};
use crate::record::{Actor, Result, Work};
use crate::sys::clock;
use std::hint::black_box;
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "baseline/null",
        name: "empty loop",
        actor: Actor::Alone,
        op: "an empty body: the loop itself",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "the loop of every primitive",
        start: null,
    },
    Entry {
        id: "baseline/clock",
        name: "clock_gettime",
        actor: Actor::Alone,
        op: "one read of the monotonic clock",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "clock_gettime(2), vdso(7)",
        start: clock_read,
    },
    Entry {
        id: "baseline/batch",
        name: "empty batch",
        actor: Actor::Alone,
        op: "one empty batch: two pairs of clock reads and the call between them",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "the timing loop of this project",
        start: empty_batch,
    },
    Entry {
        id: "baseline/getppid",
        name: "getppid",
        actor: Actor::Alone,
        op: "one system call that does nearly nothing",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "getppid(2)",
        start: getppid,
    },
];

/// A baseline is a body that is run over and over.
struct Repeat<F>(F);

impl<F: FnMut() -> io::Result<()>> Primitive for Repeat<F> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            (self.0)()?;
            done += 1;
        }
        Ok(done)
    }
}

fn repeat(body: impl FnMut() -> io::Result<()> + 'static) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Repeat(body)))
}

pub(crate) fn null(_: &Setup) -> Result<Box<dyn Primitive>> {
    repeat(|| {
        black_box(());
        Ok(())
    })
}

pub(crate) fn clock_read(_: &Setup) -> Result<Box<dyn Primitive>> {
    repeat(|| {
        black_box(clock::monotonic_ns());
        Ok(())
    })
}

pub(crate) fn getppid(_: &Setup) -> Result<Box<dyn Primitive>> {
    repeat(|| {
        black_box(nix::unistd::getppid());
        Ok(())
    })
}

/// Does nothing, so that a batch of it is the two clock reads and the call between them.
struct Nothing;

impl Primitive for Nothing {
    fn run(&mut self, _: u64) -> io::Result<u64> {
        Ok(0)
    }
}

pub(crate) fn empty_batch(_: &Setup) -> Result<Box<dyn Primitive>> {
    repeat(|| {
        let empty = timed(black_box(&mut Nothing), 0).map_err(io::Error::other)?;
        black_box(empty);
        Ok(())
    })
}
