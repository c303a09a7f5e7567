//! What hands a turn to another actor, and back.

use super::{condvar, futex, pipe};
use crate::primitive::Entry;
use crate::record::Actor;
use crate::record::Work::HandsOver;

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        id: "pipe/thread",
        name: "round trip by pipe to a thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through two pipes",
        work: HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::threads,
    },
    Entry {
        id: "pipe/process",
        name: "round trip by pipe to a process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through two pipes",
        work: HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::processes,
    },
    Entry {
        id: "pipe/alone",
        name: "the calls of a round trip by pipe",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: HandsOver(0),
        excluded: "the C library's wrappers of the calls",
        source: "pipe(7)",
        start: pipe::alone,
    },
    Entry {
        id: "futex/thread",
        name: "round trip by futex to a thread",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, with shared futex calls to sleep and \
             wake",
        work: HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::threads,
    },
    Entry {
        id: "futex/process",
        name: "round trip by futex to a process",
        actor: Actor::Process,
        op: "a word in shared memory to a forked process and back, with the same futex calls",
        work: HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::processes,
    },
    Entry {
        id: "futex/alone",
        name: "the calls of a round trip by futex",
        actor: Actor::Alone,
        op: "two wakes of nobody and two waits that return at once: the same calls, no switch",
        work: HandsOver(0),
        excluded: "the C library's wrappers of the calls",
        source: "futex(2)",
        start: futex::alone,
    },
    Entry {
        id: "condvar/thread",
        name: "round trip by condition variable to a thread",
        actor: Actor::Thread,
        op: "a turn to a thread and back, behind a mutex and a condition variable",
        work: HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_cond_wait(3)",
        start: condvar::threads,
    },
    Entry {
        id: "condvar/thread-shared",
        name: "the same, process-shared kind",
        actor: Actor::Thread,
        op: "as condvar/thread, with the process-shared kind of both: what that kind alone costs",
        work: HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_condattr_setpshared(3)",
        start: condvar::threads_shared,
    },
    Entry {
        id: "condvar/process",
        name: "round trip by condition variable to a process",
        actor: Actor::Process,
        op: "a turn to a forked process and back, behind a process-shared mutex and condition \
             variable",
        work: HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_mutexattr_setpshared(3)",
        start: condvar::processes,
    },
];
