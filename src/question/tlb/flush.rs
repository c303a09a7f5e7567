//! Controls of the translation experiment: what certainly flushes the TLB, and what certainly does
//! not, each before the same two walks that an actor of the ring does.

use crate::primitive::{Entry, Passes, Primitive, Setup};
use crate::question::tlb::ring;
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::membarrier;
use crate::sys::memory::Mapping;
use crate::sys::ring::visit;
use crate::sys::walk::PageWalk;
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "flush/whole",
        name: "forced flush",
        actor: Actor::Alone,
        op: "a forced flush of the whole TLB (mprotect of 64 written pages, back and forth), two \
             walks of the pages",
        work: Work::HandsOver(0),
        excluded: "writing the 64 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: whole,
    },
    Entry {
        id: "flush/eight-pages",
        name: "flush of eight pages",
        actor: Actor::Alone,
        op: "as flush/whole with 8 pages, which the kernel flushes page by page",
        work: Work::HandsOver(0),
        excluded: "writing the 8 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: eight_pages,
    },
    Entry {
        id: "flush/untouched",
        name: "the calls of a flush, nothing to flush",
        actor: Actor::Alone,
        op: "as flush/whole with 64 pages that were never touched: the same calls, nothing to \
             flush",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "mprotect(2)",
        start: untouched,
    },
    Entry {
        id: "flush/membarrier",
        name: "membarrier",
        actor: Actor::Alone,
        op: "membarrier, which synchronises cores and flushes no TLB, two walks of the pages",
        work: Work::HandsOver(0),
        excluded: "registering for it",
        source: "membarrier(2)",
        start: membarrier,
    },
    Entry {
        id: "flush/yield",
        name: "sched_yield",
        actor: Actor::Alone,
        op: "sched_yield without another runnable task, two walks of the pages",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "sched_yield(2)",
        start: yielding,
    },
];

/// Pages of the range whose rights change: beyond the count up to which kernels drop pages one by
/// one.
const WHOLE: usize = 64;
/// A count below it.
const FEW: usize = 8;

/// Something, and two walks after it.
struct Before<F> {
    something: F,
    walk: PageWalk,
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
        None => PageWalk::nowhere(),
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
    membarrier::register().map_err(|e| Failure::os("registering for membarrier", e))?;
    before(setup, membarrier::synchronise)
}

pub(crate) fn yielding(setup: &Setup) -> Result<Box<dyn Primitive>> {
    before(setup, || {
        std::thread::yield_now();
        Ok(())
    })
}
