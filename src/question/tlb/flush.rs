//! Controls of the translation experiment: what certainly flushes the TLB, and what certainly does
//! not, each before the same two walks that an actor of the ring does.

use crate::primitive::{Passes, Primitive, Setup};
use crate::question::tlb::ring;
use crate::record::{Failure, Result};
use crate::sys::barrier;
use crate::sys::memory::Mapping;
use crate::sys::ring::visit;
use crate::sys::walk::Walk;
use std::io;

/// Pages of the range whose rights change: beyond the count up to which kernels drop pages one by
/// one.
const WHOLE: usize = 64;
/// A count below it.
const FEW: usize = 8;

/// Something, and two walks after it.
struct Before<F> {
    something: F,
    walk: Walk,
    passes: Passes,
}

impl<F: FnMut() -> io::Result<()>> Primitive for Before<F> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            (self.something)()?;
            visit(&self.walk, &mut self.passes);
            done += 1;
        }
        Ok(done)
    }

    fn passes(&self) -> Passes {
        self.passes
    }
}

fn before(
    setup: &Setup,
    something: impl FnMut() -> io::Result<()> + 'static,
) -> Result<Box<dyn Primitive>> {
    let walk = match ring::pages(setup)? {
        None => Walk::nowhere(),
        Some(pages) => pages.walk(0).map_err(|e| Failure::os("mapping the pages to walk", e))?,
    };
    Ok(Box::new(Before { something, walk, passes: Passes::default() }))
}

fn protecting(setup: &Setup, pages: usize, touched: bool) -> Result<Box<dyn Primitive>> {
    let tried = || format!("mapping {pages} pages whose rights change");
    let mut range = Mapping::private_pages(pages).map_err(|e| Failure::os(tried(), e))?;
    // A kernel without huge pages has nothing to refuse.
    let _ = range.refuse_huge_pages();
    if touched {
        range.touch_all();
    }
    before(setup, move || range.forbid_and_allow_writing(pages))
}

pub(crate) fn whole(setup: &Setup) -> Result<Box<dyn Primitive>> {
    protecting(setup, WHOLE, true)
}

pub(crate) fn eight_pages(setup: &Setup) -> Result<Box<dyn Primitive>> {
    protecting(setup, FEW, true)
}

pub(crate) fn untouched(setup: &Setup) -> Result<Box<dyn Primitive>> {
    protecting(setup, WHOLE, false)
}

pub(crate) fn membarrier(setup: &Setup) -> Result<Box<dyn Primitive>> {
    barrier::register().map_err(|e| Failure::os("registering for membarrier", e))?;
    before(setup, barrier::synchronise)
}

pub(crate) fn yielding(setup: &Setup) -> Result<Box<dyn Primitive>> {
    before(setup, || {
        std::thread::yield_now();
        Ok(())
    })
}
