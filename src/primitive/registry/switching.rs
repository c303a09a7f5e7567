//! What hands a turn to another actor, and back.

use super::super::Switches::Each;
use super::super::{Entry, condvar, futex, pipe};
use crate::record::Actor;

pub(super) const ALL: &[Entry] = &[
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
        op: "a word in shared memory to a thread and back, with shared futex calls to sleep and \
             wake",
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
        op: "a turn to a forked process and back, behind a process-shared mutex and condition \
             variable",
        switches: Each(2),
        excluded: "starting the partner",
        source: "pthread_mutexattr_setpshared(3)",
        start: condvar::processes,
    },
];
