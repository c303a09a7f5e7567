//! Pages to walk: one line of each, in an order that no prefetcher guesses, at an address of our
//! choice.
//!
//! The pages are one memory file (memfd_create(2)). Mapped at the same address by every actor, or
//! at another by each, its cache lines stay the same: only the translations differ.

use super::memory::page_bytes;
use nix::sys::memfd::{MFdFlags, memfd_create};
use oorandom::Rand32;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Where the first mapping of the pages lies: 64 GiB, between program and libraries on every
/// architecture, also where user space ends at 256 GiB (riscv64 with three levels of tables).
const ADDRESS: usize = 0x10_0000_0000;
/// Distance of mappings at addresses of their own: 1 GiB, so that none shares a page table with
/// another.
const APART: usize = 1 << 30;
/// Bytes of a cache line.
const LINE_BYTES: usize = 64;
/// Bytes of the huge pages that are asked for: those of most machines.
const HUGE_PAGE_BYTES: usize = 2 << 20;
/// Seed of the order: the same in every lab.
const SEED: u64 = 0x7157;

/// How the lines are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each line names the next: what a miss costs when nothing can be done meanwhile.
    Chase,
    /// Each line is read regardless of the others: misses overlap.
    Independent,
}

/// A memory file with a chain of lines, one to a page.
#[derive(Debug)]
pub struct Pages {
    file: OwnedFd,
    bytes: usize,
    pages: u32,
    page_bytes: usize,
    order: Order,
}

/// One mapping of the pages and how to walk it. The mapping goes with the last walk of it.
#[derive(Debug, Clone)]
pub struct PageWalk {
    /// Held for its drop.
    _mapping: Option<Rc<Fixed>>,
    start: *const u8,
    pages: u32,
    page_bytes: usize,
    order: Order,
}

/// A mapping at a fixed address.
#[derive(Debug)]
struct Fixed {
    start: *mut u8,
    bytes: usize,
}

impl Pages {
    /// Makes the file and lays the chain; `huge` takes huge pages from the kernel's pool, of which
    /// each holds many of the pages that are walked.
    ///
    /// # Errors
    /// ENOMEM, also where the pool of huge pages is empty; EMFILE.
    pub fn new(pages: u32, order: Order, huge: bool) -> io::Result<Self> {
        let page_bytes = page_bytes();
        let (kind, unit) = match huge {
            true => (MFdFlags::MFD_HUGETLB | MFdFlags::MFD_HUGE_2MB, HUGE_PAGE_BYTES),
            false => (MFdFlags::empty(), page_bytes),
        };
        let file = memfd_create(c"process-vs-thread-pages", MFdFlags::MFD_CLOEXEC | kind)?;
        let bytes = (pages as usize * page_bytes).max(1).next_multiple_of(unit);
        nix::unistd::ftruncate(&file, bytes as i64)?;
        let made = Pages { file, bytes, pages, page_bytes, order };
        // The kernel gives memory in the order of the chain: neighbours by address are then no
        // neighbours in memory, which some processors would translate together.
        let walk = made.map(0, 0)?;
        for (line, next) in chain(pages, page_bytes) {
            walk.word(line).store(next as u64, Ordering::Relaxed);
        }
        Ok(made)
    }

    /// Maps the pages at address number `place`: the same number gives the same address in every
    /// process.
    ///
    /// # Errors
    /// EEXIST where something lies there already, ENOMEM.
    pub fn walk(&self, place: usize) -> io::Result<PageWalk> {
        self.map(place, libc::MAP_POPULATE)
    }

    fn map(&self, place: usize, how: libc::c_int) -> io::Result<PageWalk> {
        let Pages { pages, page_bytes, order, .. } = *self;
        let wanted = ptr::without_provenance_mut(ADDRESS + place * APART);
        let rights = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_FIXED_NOREPLACE | how;
        let file = self.file.as_raw_fd();
        // SAFETY: MAP_FIXED_NOREPLACE touches nothing that is mapped already.
        let found = unsafe { libc::mmap(wanted, self.bytes, rights, flags, file, 0) };
        if found == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let mapping = Fixed { start: found.cast(), bytes: self.bytes };
        // A kernel older than 4.17 takes the address for a wish.
        if found != wanted {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        Ok(PageWalk {
            start: mapping.start,
            _mapping: Some(Rc::new(mapping)),
            pages,
            page_bytes,
            order,
        })
    }
}

impl PageWalk {
    /// A walk over nothing.
    #[must_use]
    pub fn nowhere() -> Self {
        let order = Order::Chase;
        PageWalk { _mapping: None, start: ptr::null(), pages: 0, page_bytes: 0, order }
    }

    /// Pages that a pass reads a line of.
    #[must_use]
    #[inline(always)]
    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// One pass: each line once.
    #[inline(always)]
    pub fn run(&self) {
        match self.order {
            Order::Chase => {
                let mut offset = 0;
                for _ in 0..self.pages {
                    offset = self.word(offset).load(Ordering::Relaxed) as usize;
                }
                std::hint::black_box(offset);
            }
            Order::Independent => {
                for page in 0..self.pages as usize {
                    std::hint::black_box(
                        self.word(line_of(page, self.page_bytes)).load(Ordering::Relaxed),
                    );
                }
            }
        }
    }

    /// Has the kernel map every page for reading and writing in the address space of the caller.
    pub fn settle(&self) {
        for page in 0..self.pages as usize {
            self.word(line_of(page, self.page_bytes)).fetch_or(0, Ordering::Relaxed);
        }
    }

    /// The word at an offset of the chain.
    #[inline(always)]
    fn word(&self, offset: usize) -> &AtomicU64 {
        // Not asserted in debug builds either: actors walk too, and must not panic
        // (`super::raw_task`). SAFETY: offsets are those of `chain`, which stay within the mapping
        // and are aligned; it is live while the walk is, and all access to it is atomic.
        unsafe { &*self.start.wrapping_add(offset).cast() }
    }
}

/// A dependent chain of loads through memory of any kind: one line of each piece, round and round.
///
/// Indices instead of the offsets of a [`PageWalk`], so that it needs no address of its own and no
/// unsafe code. What the check of each index costs lies beside the chain of loads, except on cores
/// that work in order.
#[derive(Debug)]
pub struct PointerChase<'a> {
    words: &'a [AtomicU32],
}

impl<'a> PointerChase<'a> {
    /// Lays the chain of [`PageWalk`] through the first `pieces` pieces of `piece_bytes` each:
    /// pages, or lines, which then lie next to each other. Writes to the pieces in the order of the
    /// chain, so that pages without memory find it in an order without runs: some processors hold
    /// neighbours in one entry of the TLB where their memory is one run.
    ///
    /// # Panics
    /// The pieces do not fit the words.
    pub fn lay(words: &'a [AtomicU32], pieces: u32, piece_bytes: usize) -> Self {
        for (line, next) in chain(pieces, piece_bytes) {
            words[line / 4].store((next / 4) as u32, Ordering::Relaxed);
        }
        PointerChase { words }
    }

    /// Follows the chain over this many loads, from its first line.
    #[inline(never)]
    pub fn run(&self, loads: u32) {
        let mut at = 0;
        for _ in 0..loads {
            at = self.words[at as usize].load(Ordering::Relaxed);
        }
        std::hint::black_box(at);
    }
}

impl Drop for Fixed {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `Pages::walk`, and this was its last walk.
        unsafe { libc::munmap(self.start.cast(), self.bytes) };
    }
}

/// Offset of the line of a page; for 32 bits of pages it does not overflow. The line moves from
/// page to page, so that lines spread evenly over the sets of the caches, also where the pages are
/// parts of huge ones.
#[inline(always)]
fn line_of(page: usize, page_bytes: usize) -> usize {
    page * page_bytes + (page + page / 32) % (page_bytes / LINE_BYTES) * LINE_BYTES
}

/// Every line with the one after it, in the order of the walk: one cycle through all pages in a
/// random order (Sattolo's shuffle), from the first on.
fn chain(pages: u32, page_bytes: usize) -> Vec<(usize, usize)> {
    let mut next: Vec<u32> = (0..pages).collect();
    let mut random = Rand32::new(SEED);
    for last in (1..pages).rev() {
        next.swap(last as usize, random.rand_range(0..last) as usize);
    }
    let line = |page: usize| line_of(page, page_bytes);
    let mut page = 0;
    let step = |_| {
        let from = page;
        page = next[from] as usize;
        (line(from), line(page))
    };
    (0..pages).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_visits_every_page_once_and_comes_back() {
        for pages in [1, 2, 16, 48, 1024] {
            let (mut offset, mut seen) = (0, std::collections::BTreeSet::new());
            for (line, next) in chain(pages, 4096) {
                // In the order of the walk: so memory is given, and never to neighbours one after
                // the other.
                assert_eq!(line, offset);
                assert!(line % 8 == 0 && line + LINE_BYTES <= pages as usize * 4096);
                assert!(seen.insert(offset / 4096));
                offset = next;
            }
            assert_eq!((offset, seen.len()), (0, pages as usize));
        }
    }

    #[test]
    fn a_chase_goes_round_pages_and_lines() {
        for piece_bytes in [4096, LINE_BYTES] {
            let words: Vec<AtomicU32> =
                std::iter::repeat_with(AtomicU32::default).take(40 * piece_bytes / 4).collect();
            let chase = PointerChase::lay(&words, 40, piece_bytes);
            let (mut at, mut seen) = (0, std::collections::BTreeSet::new());
            for _ in 0..40 {
                assert!(seen.insert(at * 4 / piece_bytes));
                at = chase.words[at].load(Ordering::Relaxed) as usize;
            }
            assert_eq!((at, seen.len()), (0, 40));
        }
    }

    #[test]
    fn two_addresses_lead_to_the_same_memory_and_one_address_is_given_once() {
        let pages = Pages::new(4, Order::Chase, false).unwrap();
        // Far from where labs walk: tests of one process share its addresses.
        let [one, other] = [40, 41].map(|place| pages.walk(place).unwrap());
        assert_eq!(other.start.addr() - one.start.addr(), APART);
        one.word(line_of(3, one.page_bytes) + 8).store(7, Ordering::Relaxed);
        assert_eq!(other.word(line_of(3, one.page_bytes) + 8).load(Ordering::Relaxed), 7);
        let taken = pages.walk(40).unwrap_err();
        assert_eq!(taken.raw_os_error(), Some(libc::EEXIST));
        drop(one);
        pages.walk(40).unwrap();
    }

    #[test]
    fn lines_spread_over_the_sets_of_a_cache() {
        // 1,024 pages must not meet in few of the 1,024 sets of a second-level cache, huge pages or
        // not.
        let sets: std::collections::BTreeSet<usize> =
            (0..1024).map(|page| line_of(page, 4096) / LINE_BYTES % 1024).collect();
        assert!(sets.len() >= 512, "{} sets", sets.len());
    }
}
