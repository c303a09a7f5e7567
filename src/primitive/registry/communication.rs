//! What tells another actor something.

use super::super::Switches::{Each, Varies};
use super::super::{Entry, eventfd, load, socket, spin, stream};
use crate::record::Actor;

pub(super) const ALL: &[Entry] = &[
    Entry {
        id: "share/load",
        actor: Actor::Alone,
        op: "one read of a word in shared memory in a loop whose reads overlap; it stays in the \
             cache, as nobody writes it",
        switches: Each(0),
        excluded: "the time until the word is there, but for what of it the loop waits for",
        source: "mmap(2), MAP_SHARED",
        start: load::shared,
    },
    Entry {
        id: "spin/thread",
        actor: Actor::Thread,
        op: "a word in shared memory to a thread and back, both spinning on it, each on a core of \
             its own",
        switches: Each(0),
        excluded: "starting the partner, and its wake-up before a batch",
        source: "mmap(2), MAP_SHARED",
        start: spin::threads,
    },
    Entry {
        id: "spin/process",
        actor: Actor::Process,
        op: "as spin/thread, to a forked process that shares the word",
        switches: Each(0),
        excluded: "as spin/thread",
        source: "mmap(2), MAP_SHARED",
        start: spin::processes,
    },
    Entry {
        id: "eventfd/thread",
        actor: Actor::Thread,
        op: "a count to a thread and one back, through two eventfds",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: eventfd::threads,
    },
    Entry {
        id: "eventfd/process",
        actor: Actor::Process,
        op: "a count to a forked process and one back, through two eventfds",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: eventfd::processes,
    },
    Entry {
        id: "eventfd/alone",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        switches: Each(0),
        excluded: "the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: eventfd::alone,
    },
    Entry {
        id: "socket/thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through a pair of Unix stream sockets",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "socketpair(2), unix(7)",
        start: socket::threads,
    },
    Entry {
        id: "socket/process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through a pair of Unix stream sockets",
        switches: Each(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "socketpair(2), unix(7)",
        start: socket::processes,
    },
    Entry {
        id: "socket/alone",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        switches: Each(0),
        excluded: "the C library's wrappers of the calls",
        source: "socketpair(2), unix(7)",
        start: socket::alone,
    },
    Entry {
        id: "stream/pipe-thread",
        actor: Actor::Thread,
        op: "one message of the given length to a thread through a pipe, received whole; a batch \
             ends when its last is delivered",
        switches: Varies,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: stream::pipe_thread,
    },
    Entry {
        id: "stream/pipe-process",
        actor: Actor::Process,
        op: "one message of the given length to a forked process through a pipe, received whole; \
             a batch ends when its last is delivered",
        switches: Varies,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: stream::pipe_process,
    },
    Entry {
        id: "stream/socket-thread",
        actor: Actor::Thread,
        op: "as stream/pipe-thread, through a pair of Unix stream sockets",
        switches: Varies,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "unix(7)",
        start: stream::socket_thread,
    },
    Entry {
        id: "stream/socket-process",
        actor: Actor::Process,
        op: "as stream/pipe-process, through a pair of Unix stream sockets",
        switches: Varies,
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "unix(7)",
        start: stream::socket_process,
    },
    Entry {
        id: "stream/memory-thread",
        actor: Actor::Thread,
        op: "as stream/pipe-thread, copied into a window of shared memory (64 KiB, or two \
             messages) and out of it",
        switches: Varies,
        excluded: "starting the partner",
        source: "mmap(2), futex(2)",
        start: stream::memory_thread,
    },
    Entry {
        id: "stream/memory-process",
        actor: Actor::Process,
        op: "as stream/pipe-process, copied into a window of shared memory (64 KiB, or two \
             messages) and out of it",
        switches: Varies,
        excluded: "starting the partner",
        source: "mmap(2), futex(2)",
        start: stream::memory_process,
    },
];
