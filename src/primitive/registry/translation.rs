//! What a switch of address space does to the TLB.

use super::super::Switches::{Each, OneForEachActor};
use super::super::{Entry, flush, ring};
use crate::record::Actor;

pub(super) const ALL: &[Entry] = &[
    Entry {
        id: "ring/thread",
        actor: Actor::Thread,
        op: "one lap of a token around a ring of threads by futex; each walks the pages twice",
        switches: OneForEachActor,
        excluded: "starting the actors; thread-local storage, which they do not have",
        source: "futex(2), clone(2)",
        start: ring::threads,
    },
    Entry {
        id: "ring/alias-thread",
        actor: Actor::Thread,
        op: "as ring/thread, each thread walking the same memory at addresses of its own",
        switches: OneForEachActor,
        excluded: "as ring/thread",
        source: "futex(2), clone(2), mmap(2)",
        start: ring::alias_threads,
    },
    Entry {
        id: "ring/vm-process",
        actor: Actor::VmProcess,
        op: "as ring/thread, among processes that share one address space",
        switches: OneForEachActor,
        excluded: "as ring/thread",
        source: "futex(2), clone(2) with CLONE_VM alone",
        start: ring::vm_processes,
    },
    Entry {
        id: "ring/process",
        actor: Actor::Process,
        op: "as ring/thread, among processes with an address space each",
        switches: OneForEachActor,
        excluded: "as ring/thread",
        source: "futex(2), clone(2)",
        start: ring::processes,
    },
    Entry {
        id: "flush/whole",
        actor: Actor::Alone,
        op: "a forced flush of the whole TLB (mprotect of 64 written pages to and fro), two walks \
             of the pages",
        switches: Each(0),
        excluded: "writing the 64 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: flush::whole,
    },
    Entry {
        id: "flush/eight-pages",
        actor: Actor::Alone,
        op: "as flush/whole with 8 pages, which the kernel drops one by one",
        switches: Each(0),
        excluded: "writing the 8 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: flush::eight_pages,
    },
    Entry {
        id: "flush/untouched",
        actor: Actor::Alone,
        op: "as flush/whole with 64 pages that were never touched: the same calls, nothing to \
             flush",
        switches: Each(0),
        excluded: "nothing",
        source: "mprotect(2)",
        start: flush::untouched,
    },
    Entry {
        id: "flush/membarrier",
        actor: Actor::Alone,
        op: "membarrier, which synchronises cores and flushes no TLB, two walks of the pages",
        switches: Each(0),
        excluded: "registering for it",
        source: "membarrier(2)",
        start: flush::membarrier,
    },
    Entry {
        id: "flush/yield",
        actor: Actor::Alone,
        op: "sched_yield with nobody to yield to, two walks of the pages",
        switches: Each(0),
        excluded: "nothing",
        source: "sched_yield(2)",
        start: flush::yielding,
    },
];
