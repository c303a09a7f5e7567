//! What workers do, kind by kind: in user space alone, and through what the kernel or the allocator
//! keeps for an address space or for a table of files.

use super::{Setup, Task};
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
pub(super) struct Words {
    words: Mapping,
    places: usize,
    apart: usize,
    /// With an atomic addition, which needs the line; else with a load and a store, which the store
    /// buffer hides.
    atomic: bool,
}

impl Words {
    pub(super) fn new(places: usize, apart: usize, atomic: bool) -> io::Result<Self> {
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
pub(super) struct Mmap;

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
pub(super) struct Fault;

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
pub(super) struct Read(OwnedFd);

impl Read {
    pub(super) fn new(setup: &Setup) -> io::Result<Self> {
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
pub(super) struct Open;

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
pub(super) struct Malloc;

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
