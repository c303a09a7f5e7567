//! A token around a ring of actors on one core: as many address spaces as one likes, with the pages
//! of each.

use crate::primitive::{Companion, Entry, Passes, Primitive, Setup};
use crate::record::{self, Actor, Calls, Failure, Result, Work};
use crate::sys::ring::Ring;
use crate::sys::rseq;
use crate::sys::sharing::Sharing;
use crate::sys::single_thread::SingleThread;
use crate::sys::system_calls::{Inlined, Library, SystemCalls};
use crate::sys::walk::{Order, PageWalk, Pages};
use nix::errno::Errno;
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "ring/thread",
        name: "ring of threads",
        actor: Actor::Thread,
        op: "one lap of a token around a ring of threads by futex; each walks the pages twice",
        work: Work::TakesTurns,
        excluded: "starting the actors; they have no thread-local storage",
        source: "futex(2), clone(2)",
        start: threads,
    },
    Entry {
        id: "ring/alias-thread",
        name: "ring of threads at addresses of their own",
        actor: Actor::Thread,
        op: "as ring/thread, each thread walking the same memory at addresses of its own",
        work: Work::TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2), mmap(2)",
        start: alias_threads,
    },
    Entry {
        id: "ring/vm-process",
        name: "ring of processes with CLONE_VM",
        actor: Actor::VmProcess,
        op: "as ring/thread, among processes that share one address space",
        work: Work::TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2) with CLONE_VM alone",
        start: vm_processes,
    },
    Entry {
        id: "ring/process",
        name: "ring of processes",
        actor: Actor::Process,
        op: "as ring/thread, among processes with an address space each",
        work: Work::TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2)",
        start: processes,
    },
];

/// What is done to have huge pages where the kernel's pool holds too few.
const HUGE_REMEDY: &str = "reserve huge pages: sysctl vm.nr_hugepages=8";

struct Laps<S> {
    ring: Ring<S>,
    actor: Actor,
}

impl<S: SystemCalls> Primitive for Laps<S> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            self.ring.lap()?;
            done += 1;
        }
        Ok(done)
    }

    fn companions(&self) -> Vec<Companion> {
        self.ring.tasks().into_iter().map(|task| Companion { task, actor: self.actor }).collect()
    }

    fn passes(&self) -> Passes {
        self.ring.passes()
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Actor::Thread, Sharing::All, |_| 0)
}

pub(crate) fn alias_threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Actor::Thread, Sharing::All, |number| number)
}

pub(crate) fn vm_processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Actor::VmProcess, Sharing::Memory, |_| 0)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Actor::Process, Sharing::Nothing, |_| 0)
}

/// Starts the ring; `place` says which mapping of the pages actor `number` walks.
fn start(
    setup: &Setup,
    actor: Actor,
    sharing: Sharing,
    place: fn(usize) -> usize,
) -> Result<Box<dyn Primitive>> {
    let count = setup.arm.actors as usize;
    if count == 0 {
        return Err(Failure::new("starting a ring", "the number of actors is missing"));
    }
    if rseq::registered() {
        let why = "the C library has registered restartable sequences, which processes inherit \
                   and threads do not";
        return Err(Failure::new("starting a ring", why)
            .remedy("start the program with GLIBC_TUNABLES=glibc.pthread.rseq=0"));
    }
    let pages = pages(setup)?;
    let mut mapped: Vec<PageWalk> = Vec::new();
    for number in 0..count {
        // What is mapped once is mapped for all who walk it.
        let walk = match (&pages, place(number)) {
            (None, _) => PageWalk::nowhere(),
            (Some(_), known) if known < mapped.len() => mapped[known].clone(),
            (Some(pages), new) => pages.walk(new).map_err(|e| {
                Failure::os(format!("mapping the pages at address {new} of the ring"), e)
            })?,
        };
        mapped.push(walk);
    }
    let tried = || format!("starting a ring of {count} actors");
    let alone = SingleThread::prove().map_err(|e| Failure::os(tried(), e))?;
    match setup.arm.calls {
        Calls::Inlined => laps::<Inlined>(&alone, actor, sharing, mapped),
        Calls::Library => laps::<Library>(&alone, actor, sharing, mapped),
    }
    .map_err(|e| Failure::os(tried(), e))
}

fn laps<S: SystemCalls>(
    alone: &SingleThread,
    actor: Actor,
    sharing: Sharing,
    mapped: Vec<PageWalk>,
) -> io::Result<Box<dyn Primitive>> {
    Ok(Box::new(Laps { ring: Ring::<S>::start(alone, sharing, mapped)?, actor }))
}

/// The pages that the setup asks for, if any.
pub(crate) fn pages(setup: &Setup) -> Result<Option<Pages>> {
    if setup.arm.pages == 0 {
        return Ok(None);
    }
    let order = match setup.arm.order {
        record::Order::Chase => Order::Chase,
        record::Order::Independent => Order::Independent,
    };
    match Pages::new(setup.arm.pages, order, setup.arm.huge) {
        Ok(pages) => Ok(Some(pages)),
        Err(e) => {
            let what = if setup.arm.huge { "pages within huge ones" } else { "pages" };
            let empty = setup.arm.huge && e.raw_os_error() == Some(Errno::ENOMEM as i32);
            let failure = Failure::os(format!("mapping {} {what} to walk", setup.arm.pages), e);
            Err(if empty { failure.remedy(HUGE_REMEDY) } else { failure })
        }
    }
}
