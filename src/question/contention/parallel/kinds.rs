//! The kinds of work: in user space alone, and through what the kernel or the allocator keeps for
//! an address space or for a table of files.

use super::{Setup, Task, start};
use crate::primitive::Entry;
use crate::record::{Actor, Work};
use crate::sys::file::{close, open_to_read, read_byte_at};
use crate::sys::guarded_mapping::GuardedMapping;
use crate::sys::memory::{Mapping, page_bytes};
use crate::sys::mutex::Counter;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::ffi::CStr;
use std::fs::File;
use std::hint::black_box;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU32, Ordering};

/// Pages of a mapping that is made, or whose pages fault.
const PAGES: usize = 16;
/// Sizes that are allocated in one operation and then freed, bytes.
const SIZES: [usize; 8] = [64, 4 << 10, 256, 64 << 10, 1 << 10, 16 << 10, 128, 32 << 10];

/// Words in shared memory, so many apart; a worker has one, and where there are fewer than workers
/// they double up.
struct Words {
    words: Mapping,
    places: usize,
    apart: usize,
    /// With an atomic addition, which needs the line; else with a load and a store, which the store
    /// buffer hides.
    atomic: bool,
}

impl Words {
    fn new(places: usize, apart: usize, atomic: bool) -> io::Result<Self> {
        let places = places.max(1);
        let words = Mapping::shared(places * apart * size_of::<AtomicU32>())?;
        for word in words.words() {
            word.store(0, Ordering::Relaxed);
        }
        Ok(Words { words, places, apart, atomic })
    }
}

impl Task for Words {
    /// The place of its word.
    type Own = usize;

    fn own(&self, number: usize) -> io::Result<usize> {
        Ok(number % self.places * self.apart)
    }

    fn work(&self, place: &mut usize, times: u64) -> io::Result<()> {
        let word = &self.words.words()[*place];
        match self.atomic {
            true => (0..times).for_each(|_| _ = word.fetch_add(1, Ordering::Relaxed)),
            false => (0..times).for_each(|_| {
                word.store(word.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
            }),
        }
        Ok(())
    }

    fn tally(&self) -> Option<u32> {
        let places = self.words.words().iter().step_by(self.apart);
        Some(
            places
                .take(self.places)
                .fold(0, |sum, word| sum.wrapping_add(word.load(Ordering::Relaxed))),
        )
    }
}

impl Task for Counter {
    type Own = ();

    fn own(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn work(&self, (): &mut (), times: u64) -> io::Result<()> {
        (0..times).try_for_each(|_| self.add_one())
    }

    fn tally(&self) -> Option<u32> {
        Some(self.number())
    }
}

/// Maps, touches and unmaps.
struct Mmap;

impl Task for Mmap {
    type Own = usize;

    fn own(&self, _: usize) -> io::Result<usize> {
        Ok(PAGES * page_bytes())
    }

    fn work(&self, bytes: &mut usize, times: u64) -> io::Result<()> {
        (0..times).try_for_each(|_| Mapping::private(*bytes).map(|mapping| mapping.touch_in_turn()))
    }
}

/// Touches pages that it then gives back.
struct Fault;

impl Task for Fault {
    /// Mappings that lie side by side would be one, and its lock every worker's.
    type Own = GuardedMapping;

    fn own(&self, _: usize) -> io::Result<GuardedMapping> {
        let mapping = GuardedMapping::of(PAGES)?;
        // A kernel that refuses knows no huge pages, which would be one fault for all of it.
        let _ = mapping.pages().refuse_huge_pages();
        Ok(mapping)
    }

    fn work(&self, mapping: &mut GuardedMapping, times: u64) -> io::Result<()> {
        let pages = mapping.pages();
        (0..times).try_for_each(|_| {
            pages.touch_in_turn();
            pages.give_back_pages()
        })
    }
}

/// Reads a byte of one file through one descriptor, each worker of a page of its own: the page's
/// reference count is then the worker's alone, the descriptor's is shared by all.
struct Read(OwnedFd);

impl Read {
    fn new(setup: &Setup) -> io::Result<Self> {
        let file = memfd_create(c"process-vs-thread-read", MFdFlags::MFD_CLOEXEC)?;
        let file = File::from(file);
        let zeros = vec![0; page_bytes() * setup.cpus.len()];
        file.write_all_at(&zeros, 0)?;
        Ok(Read(file.into()))
    }
}

impl Task for Read {
    /// Where it reads.
    type Own = u64;

    fn own(&self, number: usize) -> io::Result<u64> {
        Ok((number * page_bytes()) as u64)
    }

    fn work(&self, place: &mut u64, times: u64) -> io::Result<()> {
        (0..times).try_for_each(|_| match read_byte_at(&self.0, *place)? {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        })
    }
}

/// Folders that every Linux has. Each counts its references: workers that open one and the same
/// would wait for that count, as processes and as threads.
const FOLDERS: [&CStr; 8] = [c"/", c"/usr", c"/etc", c"/dev", c"/proc", c"/sys", c"/tmp", c"/var"];

/// Opens and closes a folder, each worker another one; from the ninth on they share.
struct Open;

impl Task for Open {
    type Own = &'static CStr;

    fn own(&self, number: usize) -> io::Result<&'static CStr> {
        let folder = FOLDERS[number % FOLDERS.len()];
        // One that is missing is no other worker's.
        drop(open_to_read(folder)?);
        Ok(folder)
    }

    fn work(&self, folder: &mut &'static CStr, times: u64) -> io::Result<()> {
        (0..times).try_for_each(|_| close(open_to_read(folder)?))
    }
}

/// Allocates and frees.
struct Malloc;

impl Task for Malloc {
    type Own = ();

    fn own(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn work(&self, (): &mut (), times: u64) -> io::Result<()> {
        for _ in 0..times {
            black_box(SIZES.map(|bytes| {
                let mut block: Vec<u8> = Vec::with_capacity(bytes);
                block.push(1);
                block
            }));
        }
        Ok(())
    }
}

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
