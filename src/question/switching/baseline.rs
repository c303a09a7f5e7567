//! Baselines: what is left of a measurement when the thing measured is taken away.

use crate::primitive::{Primitive, Setup, timed};
use crate::record::Result;
use crate::sys::clock;
use std::hint::black_box;
use std::io;

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
