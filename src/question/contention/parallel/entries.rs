//! The primitives of all kinds of work.

use super::kinds::{Fault, Malloc, Mmap, Open, Read, Words};
use super::start;
use crate::primitive::Entry;
use crate::record::{Actor, Work};
use crate::sys::memory::page_bytes;
use crate::sys::mutex::Counter;
use std::sync::atomic::AtomicU32;

/// The primitives of all kinds: the two of a kind differ in their workers alone. What the time
/// leaves out besides `excluded` is the same for all.
macro_rules! entries {
    ($($kind:literal {
        name: $name:literal,
        op: $op:literal,
        excluded: $excluded:literal,
        source: $source:literal,
        work: |$setup:ident| $work:expr,
    })+) => {
        &[$(
            Entry {
                id: concat!("together/", $kind, "-thread"),
                name: concat!($name, ", threads"),
                actor: Actor::Thread,
                op: concat!("every worker at the same time: ", $op),
                work: Work::Together,
                excluded: concat!("starting and waking the workers", $excluded),
                source: $source,
                start: |$setup| start(Actor::Thread, $setup, $work),
            },
            Entry {
                id: concat!("together/", $kind, "-process"),
                name: concat!($name, ", processes"),
                actor: Actor::Process,
                op: concat!(
                    "as together/", $kind, "-thread, by forked processes and their creator"
                ),
                work: Work::Together,
                excluded: concat!("as together/", $kind, "-thread"),
                source: $source,
                start: |$setup| start(Actor::Process, $setup, $work),
            },
        )+]
    };
}

const WORD: usize = size_of::<AtomicU32>();
/// Words of a line, as short as lines are: one that is shared by more workers stays one.
const LINE: usize = 64 / WORD;
/// Words of two lines: processors fetch lines in pairs.
const TWO_LINES: usize = 128 / WORD;

pub(in crate::question) const ENTRIES: &[Entry] = entries! {
    "private" {
        name: "private counters",
        op: "a load, an increment and a store of a word in a page of its own",
        excluded: "",
        source: "no call",
        work: |setup| Words::new(setup.cpus.len(), page_bytes() / WORD, false),
    }
    "padded" {
        name: "atomics on lines apart",
        op: "an atomic increment of a word, 128 bytes from the next worker's",
        excluded: "",
        source: "lock xadd and its kin",
        work: |setup| Words::new(setup.cpus.len(), TWO_LINES, true),
    }
    "same-line" {
        name: "atomics on one line",
        op: "an atomic increment of a word that lies in one cache line with the other workers'",
        excluded: "; a line has sixteen words, which more workers share",
        source: "lock xadd and its kin",
        work: |setup| Words::new(LINE, 1, true),
    }
    "same-word" {
        name: "atomics on one word",
        op: "an atomic increment of one word, everybody's",
        excluded: "",
        source: "lock xadd and its kin",
        work: |setup| Words::new(1, 1, true),
    }
    "mutex" {
        name: "one process-shared mutex",
        op: "an increment behind a mutex of the process-shared kind, everybody's",
        excluded: "",
        source: "pthread_mutex_lock(3), pthread_mutexattr_setpshared(3)",
        work: |setup| Counter::new(),
    }
    "mmap" {
        name: "mmap + touch + munmap",
        op: "mmap of 16 private pages, a write to each, munmap",
        excluded: "",
        source: "mmap(2), mm/mmap.c",
        work: |setup| Ok(Mmap),
    }
    "fault" {
        name: "faults + madvise(DONTNEED)",
        op: "a write to each of 16 pages of a mapping of its own, which borders none like it, \
             and their return by madvise",
        excluded: "; making the mapping, once",
        source: "madvise(2), MADV_DONTNEED; mm/memory.c",
        work: |setup| Ok(Fault),
    }
    "read" {
        name: "pread of one descriptor",
        op: "pread of one byte of a memory file through one descriptor, from a page of its own",
        excluded: "; making and opening the file, once",
        source: "pread(2), by the system call itself; fs/file.c",
        work: |setup| Read::new(setup),
    }
    "open" {
        name: "open + close",
        op: "open and close of a folder, each another",
        excluded: "",
        source: "open(2), close(2), by the system calls themselves; fs/file.c",
        work: |setup| Ok(Open),
    }
    "malloc" {
        name: "malloc + free",
        op: "allocation of eight blocks of 64 bytes to 64 KiB, a write to each, their return",
        excluded: "; what the allocator does for threads is part of it: glibc skips its locks in \
                   a process of one thread (SINGLE_THREAD_P)",
        source: "malloc(3)",
        work: |setup| Ok(Malloc),
    }
};

#[cfg(test)]
mod tests {
    use super::super::Task;
    use super::*;

    #[test]
    fn one_line_holds_the_words_of_any_number_of_workers() {
        let line = Words::new(LINE, 1, true).unwrap();
        let places: Vec<usize> = (0..20).map(|number| line.own(number).unwrap()).collect();
        assert_eq!(places[..16], (0..16).collect::<Vec<_>>());
        assert_eq!(places[16..], [0, 1, 2, 3]);
        let apart = Words::new(20, TWO_LINES, true).unwrap();
        assert_eq!(apart.own(19).unwrap(), 19 * 32);
        for words in [line, apart] {
            (0..20).for_each(|number| words.work(&mut words.own(number).unwrap(), 3).unwrap());
            assert_eq!(words.tally(), Some(60));
        }
    }
}
