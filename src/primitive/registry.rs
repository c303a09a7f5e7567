//! The registry: every primitive, once.

use super::Switches::{Each, OneForEachActor, Unstated};
use super::{Entry, baseline, condvar, flush, futex, pipe, process, ring, thread};
use crate::record::Actor;

/// Every primitive of the suite.
pub const ALL: &[Entry] = &[
    Entry {
        id: "baseline/null",
        actor: Actor::Alone,
        op: "an empty body: the loop itself",
        switches: Each(0),
        excluded: "nothing",
        source: "the loop of every primitive",
        start: baseline::null,
    },
    Entry {
        id: "baseline/clock",
        actor: Actor::Alone,
        op: "one read of the monotonic clock",
        switches: Each(0),
        excluded: "nothing",
        source: "clock_gettime(2), vdso(7)",
        start: baseline::clock_read,
    },
    Entry {
        id: "baseline/batch",
        actor: Actor::Alone,
        op: "one empty batch: two pairs of clock reads and the call between them",
        switches: Each(0),
        excluded: "nothing",
        source: "the timing loop of this project",
        start: baseline::empty_batch,
    },
    Entry {
        id: "baseline/getppid",
        actor: Actor::Alone,
        op: "one system call that does nearly nothing",
        switches: Each(0),
        excluded: "nothing",
        source: "getppid(2)",
        start: baseline::getppid,
    },
    Entry {
        id: "thread/std",
        actor: Actor::Thread,
        op: "std::thread spawn of an empty closure, and join",
        switches: Unstated,
        excluded: "nothing: its allocations and its stack are part of it",
        source: "Rust standard library, std::thread",
        start: thread::std_thread,
    },
    Entry {
        id: "thread/pthread",
        actor: Actor::Thread,
        op: "pthread_create of an empty routine with default attributes, and pthread_join",
        switches: Unstated,
        excluded: "the first mapping of the stack, which the C library keeps and reuses",
        source: "pthread_create(3), pthread_join(3)",
        start: thread::pthread,
    },
    Entry {
        id: "thread/raw",
        actor: Actor::Thread,
        op: "clone of a thread that leaves at once on a prepared stack, and the wait for its end",
        switches: Unstated,
        excluded: "the stack, prepared beforehand; thread-local storage, which it does not have",
        source: "clone(2), CLONE_CHILD_CLEARTID in set_tid_address(2)",
        start: thread::raw,
    },
    Entry {
        id: "process/fork",
        actor: Actor::Process,
        op: "fork, _exit in the child, waitpid",
        switches: Unstated,
        excluded: "the page faults that the parent pays after the child has left",
        source: "fork(2), wait(2)",
        start: process::forked,
    },
    Entry {
        id: "process/raw-fork",
        actor: Actor::Process,
        op: "clone without flags, exit in the child, waitpid: fork without the C library's handlers",
        switches: Unstated,
        excluded: "as process/fork",
        source: "clone(2), pthread_atfork(3)",
        start: process::raw_forked,
    },
    Entry {
        id: "process/vfork",
        actor: Actor::Process,
        op: "clone with CLONE_VM and CLONE_VFORK on a prepared stack, _exit in the child, waitpid",
        switches: Unstated,
        excluded: "the stack, prepared beforehand",
        source: "vfork(2), clone(2)",
        start: process::vforked,
    },
    Entry {
        id: "process/fork-exec-tiny",
        actor: Actor::Process,
        op: "fork, exec of a static program of 130 bytes without libc, waitpid",
        switches: Unstated,
        excluded: "making the program, which lives in memory",
        source: "fork(2), execve(2), elf(5)",
        start: process::fork_exec_tiny,
    },
    Entry {
        id: "process/fork-exec-dynamic",
        actor: Actor::Process,
        op: "fork, exec of the dynamically linked `true` found in PATH, waitpid",
        switches: Unstated,
        excluded: "reading the program from disk: it is cached; its environment is empty",
        source: "fork(2), execve(2), ld.so(8)",
        start: process::fork_exec_dynamic,
    },
    Entry {
        id: "process/spawn-tiny",
        actor: Actor::Process,
        op: "posix_spawn of a static program of 130 bytes without libc, waitpid",
        switches: Unstated,
        excluded: "making the program, which lives in memory",
        source: "posix_spawn(3)",
        start: process::spawn_tiny,
    },
    Entry {
        id: "process/spawn-dynamic",
        actor: Actor::Process,
        op: "posix_spawn of the dynamically linked `true` found in PATH, waitpid",
        switches: Unstated,
        excluded: "reading the program from disk: it is cached; its environment is empty",
        source: "posix_spawn(3), ld.so(8)",
        start: process::spawn_dynamic,
    },
    Entry {
        id: "pipe/thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through two pipes",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::threads,
    },
    Entry {
        id: "pipe/process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through two pipes",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::processes,
    },
    Entry {
        id: "pipe/alone",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        switches: Each(0),
        excluded: "the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::alone,
    },
    Entry {
        id: "futex/thread",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, with shared futex calls to sleep and wake",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::threads,
    },
    Entry {
        id: "futex/process",
        actor: Actor::Process,
        op: "a word in shared memory to a forked process and back, with the same futex calls",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::processes,
    },
    Entry {
        id: "futex/alone",
        actor: Actor::Alone,
        op: "two wakes of nobody and two waits that return at once: the same calls, no switch",
        switches: Each(0),
        excluded: "the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::alone,
    },
    Entry {
        id: "condvar/thread",
        actor: Actor::Thread,
        op: "a turn to a thread and back, behind a mutex and a condition variable",
        switches: Each(2),
        excluded: "starting the partner",
        source: "pthread_cond_wait(3)",
        start: condvar::threads,
    },
    Entry {
        id: "condvar/thread-shared",
        actor: Actor::Thread,
        op: "as condvar/thread, with the process-shared kind of both: what that kind alone costs",
        switches: Each(2),
        excluded: "starting the partner",
        source: "pthread_condattr_setpshared(3)",
        start: condvar::threads_shared,
    },
    Entry {
        id: "condvar/process",
        actor: Actor::Process,
        op: "a turn to a forked process and back, behind a process-shared mutex and condition variable",
        switches: Each(2),
        excluded: "starting the partner",
        source: "pthread_mutexattr_setpshared(3)",
        start: condvar::processes,
    },
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
        op: "a forced flush of the whole TLB (mprotect of 64 written pages to and fro), two walks of the pages",
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
        op: "as flush/whole with 64 pages that were never touched: the same calls, nothing to flush",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Grid, Question};
    use crate::record::Policy;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique() {
        let ids: BTreeSet<&str> = ALL.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }

    #[test]
    fn the_plan_names_registered_primitives_and_leaves_none_out() {
        let mut named: BTreeSet<String> = BTreeSet::new();
        named.extend(Question::ALL.into_iter().flat_map(plan::benches).map(|arm| arm.primitive));
        named.extend(plan::counted(Policy::Fifo).into_iter().map(|c| c.arm.primitive));
        for e in plan::experiments(Policy::Fifo, Grid::Default) {
            named.extend([e.a.primitive, e.b.primitive]);
        }
        let registered: BTreeSet<String> = ALL.iter().map(|entry| entry.id.to_owned()).collect();
        assert_eq!(named, registered);
    }
}
