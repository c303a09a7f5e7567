//! What a switch of address space does to the TLB.

use super::{flush, ring};
use crate::primitive::Entry;
use crate::record::Actor;
use crate::record::Work::{HandsOver, TakesTurns};

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        id: "ring/thread",
        name: "ring of threads",
        actor: Actor::Thread,
        op: "one lap of a token around a ring of threads by futex; each walks the pages twice",
        work: TakesTurns,
        excluded: "starting the actors; thread-local storage, which they do not have",
        source: "futex(2), clone(2)",
        start: ring::threads,
    },
    Entry {
        id: "ring/alias-thread",
        name: "ring of threads at addresses of their own",
        actor: Actor::Thread,
        op: "as ring/thread, each thread walking the same memory at addresses of its own",
        work: TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2), mmap(2)",
        start: ring::alias_threads,
    },
    Entry {
        id: "ring/vm-process",
        name: "ring of processes with CLONE_VM",
        actor: Actor::VmProcess,
        op: "as ring/thread, among processes that share one address space",
        work: TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2) with CLONE_VM alone",
        start: ring::vm_processes,
    },
    Entry {
        id: "ring/process",
        name: "ring of processes",
        actor: Actor::Process,
        op: "as ring/thread, among processes with an address space each",
        work: TakesTurns,
        excluded: "as ring/thread",
        source: "futex(2), clone(2)",
        start: ring::processes,
    },
    Entry {
        id: "flush/whole",
        name: "forced flush",
        actor: Actor::Alone,
        op: "a forced flush of the whole TLB (mprotect of 64 written pages to and fro), two walks \
             of the pages",
        work: HandsOver(0),
        excluded: "writing the 64 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: flush::whole,
    },
    Entry {
        id: "flush/eight-pages",
        name: "flush of eight pages",
        actor: Actor::Alone,
        op: "as flush/whole with 8 pages, which the kernel drops one by one",
        work: HandsOver(0),
        excluded: "writing the 8 pages, once",
        source: "mprotect(2), arch/x86/mm/tlb.c",
        start: flush::eight_pages,
    },
    Entry {
        id: "flush/untouched",
        name: "the calls of a flush, nothing to drop",
        actor: Actor::Alone,
        op: "as flush/whole with 64 pages that were never touched: the same calls, nothing to \
             flush",
        work: HandsOver(0),
        excluded: "nothing",
        source: "mprotect(2)",
        start: flush::untouched,
    },
    Entry {
        id: "flush/membarrier",
        name: "membarrier",
        actor: Actor::Alone,
        op: "membarrier, which synchronises cores and flushes no TLB, two walks of the pages",
        work: HandsOver(0),
        excluded: "registering for it",
        source: "membarrier(2)",
        start: flush::membarrier,
    },
    Entry {
        id: "flush/yield",
        name: "sched_yield",
        actor: Actor::Alone,
        op: "sched_yield with nobody to yield to, two walks of the pages",
        work: HandsOver(0),
        excluded: "nothing",
        source: "sched_yield(2)",
        start: flush::yielding,
    },
];
