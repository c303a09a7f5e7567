//! Copy-on-write, seen at work: what parent and forked children share, and who gets a copy when.

mod split;

use super::plan::COPYING;
use crate::probe::{Entry, Mechanism, Run};
pub(crate) use split::split;

use crate::probe::smaps::{Share, around};
use crate::record::{Failure, ProbeRun, Result};
use crate::sys::guarded_mapping::GuardedMapping;
use crate::sys::memory::{Mapping, page_bytes};
use crate::workers::Workers;
use nix::errno::Errno;
use nix::unistd::getpid;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        family: COPYING,
        name: "shared",
        statement: "After a fork, parent and children share every page of private memory",
        run: Run::Plain(shared),
    },
    Entry {
        family: COPYING,
        name: "split",
        statement: "The first process to write a shared page gets a copy; no other process is \
                    affected",
        run: Run::Plain(split),
    },
    Entry {
        family: COPYING,
        name: "code",
        statement: "After a fork, parent and children share the program's code",
        run: Run::Plain(code),
    },
];

/// Forked children; with the parent they are one more.
const WORKERS: usize = 4;
const SHARERS: u64 = WORKERS as u64 + 1;

/// Memory that is looked at.
const BYTES: usize = 16 << 20;

/// What the pages hold, as [`Mapping::touch_all`] leaves them.
const ORIGINAL: u32 = 1;

/// After the forks, before anybody writes. Without the mechanism the memory is mapped as shared,
/// which a fork hands over without its pages.
pub(crate) fn shared(mechanism: Mechanism) -> Result<ProbeRun> {
    let memory = Memory::make(mechanism)?;
    let workers = Workers::fork(WORKERS, || Ok(()))?;
    let parent = Share::of(getpid(), &memory.range)?;
    let worker = Share::of(workers.pid(0), &memory.range)?;
    workers.end()?;
    let holds = [parent, worker].iter().all(all_shared);
    Ok(ProbeRun { holds, seen: [parent.seen("parent"), worker.seen("worker")].concat() })
}

/// The program's code, of which everybody has read every page. Without the mechanism the parent's
/// code is written over with itself, as a debugger does to set a breakpoint.
pub(crate) fn code(mechanism: Mechanism) -> Result<ProbeRun> {
    let range = around(code as fn(Mechanism) -> Result<ProbeRun> as usize as u64)?;
    // A fork leaves the pages of a file to be found again when they are needed.
    let mut workers = Workers::fork(WORKERS, || read_through(&range))?;
    (0..WORKERS).try_for_each(|worker| workers.work(worker).map(drop))?;
    read_through(&range).map_err(|e| Failure::os("reading the program's code", e))?;
    if mechanism == Mechanism::Off {
        write_over(&range).map_err(|e| Failure::os("writing over the program's code", e))?;
    }
    let parent = Share::of(getpid(), &range)?;
    let of_workers: Vec<Share> =
        (0..WORKERS).map(|w| Share::of(workers.pid(w), &range)).collect::<Result<_>>()?;
    workers.end()?;
    // Other labs of the same program may share it too.
    let holds = of_workers.iter().chain([&parent]).all(|share| {
        share.rss > 0 && share.private() == 0 && share.pss * SHARERS * 20 <= share.rss * 21
    });
    Ok(ProbeRun { holds, seen: [parent.seen("parent"), of_workers[0].seen("worker")].concat() })
}

/// Resident memory in base pages, a mapping of its own.
struct Memory {
    held: Held,
    range: Range<u64>,
}

/// Private memory lies between guards: where nothing else tells it apart (a kernel without huge
/// pages has no such mark), the kernel makes one mapping of it and of what lies beside it.
enum Held {
    Private(GuardedMapping),
    Shared(Mapping),
}

impl Held {
    fn pages(&self) -> &Mapping {
        match self {
            Held::Private(guarded) => guarded.pages(),
            Held::Shared(mapping) => mapping,
        }
    }
}

impl Memory {
    fn make(mechanism: Mechanism) -> Result<Self> {
        let refused = |e| Failure::os(format!("holding {} MiB in base pages", BYTES >> 20), e);
        let held = match mechanism {
            Mechanism::On => GuardedMapping::of(BYTES / page_bytes()).map(Held::Private),
            Mechanism::Off => Mapping::shared(BYTES).map(Held::Shared),
        };
        let held = held.map_err(refused)?;
        let mapping = held.pages();
        match mapping.refuse_huge_pages() {
            // A kernel without huge pages has nothing to refuse.
            Err(e) if e.raw_os_error() != Some(Errno::EINVAL as i32) => return Err(refused(e)),
            _ => mapping.touch_all(),
        }
        let start = mapping.words().as_ptr().addr() as u64;
        Ok(Memory { held, range: start..start + BYTES as u64 })
    }

    fn pages(&self) -> usize {
        BYTES / page_bytes()
    }

    fn write(&self, pages: Range<usize>, value: u32) {
        let words = page_bytes() / size_of::<u32>();
        let all = self.held.pages().words();
        pages.for_each(|page| all[page * words].store(value, Ordering::Relaxed));
    }

    /// How many pages do not hold any more what they did.
    fn pages_changed(&self) -> u64 {
        let firsts = self.held.pages().words().iter().step_by(page_bytes() / size_of::<u32>());
        firsts.filter(|word| word.load(Ordering::Relaxed) != ORIGINAL).count() as u64
    }
}

/// All resident, no page of one's own, and as many sharers as there are processes.
fn all_shared(share: &Share) -> bool {
    share.rss == BYTES as u64
        && nearly_none(share.private())
        && near(share.pss * SHARERS, share.rss)
}

/// Under one percent of the memory.
fn nearly_none(bytes: u64) -> bool {
    bytes * 100 < BYTES as u64
}

/// Within five percent.
fn near(found: u64, expected: u64) -> bool {
    found.abs_diff(expected) * 20 <= expected
}

/// Reads a byte of each page through the kernel, which brings the page as a load would. Allocates
/// nothing.
fn read_through(range: &Range<u64>) -> io::Result<()> {
    let memory = File::open("/proc/self/mem")?;
    let mut byte = [0];
    range.clone().step_by(page_bytes()).try_for_each(|at| memory.read_exact_at(&mut byte, at))
}

/// Writes over each page what it holds. The kernel makes a copy of it even where writing is
/// forbidden (proc(5), `/proc/pid/mem`).
fn write_over(range: &Range<u64>) -> io::Result<()> {
    let memory = OpenOptions::new().read(true).write(true).open("/proc/self/mem")?;
    let mut byte = [0];
    range.clone().step_by(page_bytes()).try_for_each(|at| {
        memory.read_exact_at(&mut byte, at)?;
        memory.write_all_at(&byte, at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_a_mapping_of_its_own_beside_its_like() {
        // Alike in everything, as all memory is on a kernel without huge pages.
        let all: Vec<Memory> = (0..3).map(|_| Memory::make(Mechanism::On).unwrap()).collect();
        for memory in &all {
            let share = Share::of(getpid(), &memory.range).unwrap();
            assert_eq!(share.rss, BYTES as u64);
        }
    }

    #[test]
    fn shares_are_judged_by_their_figures() {
        let all = BYTES as u64;
        let share = |pss, private_dirty| Share { rss: all, pss, private_dirty, ..Share::default() };
        assert!(all_shared(&share(all / 5, 0)));
        assert!(all_shared(&share(all / 5, all / 128)));
        assert!(!all_shared(&share(all / 5, all / 64)), "copies");
        assert!(!all_shared(&share(all / 4, 0)), "somebody does not share");
        assert!(!all_shared(&Share { rss: all / 2, ..share(all / 10, 0) }), "not resident");
    }
}
