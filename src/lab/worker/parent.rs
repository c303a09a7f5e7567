//! What a lab holds besides its own, made on purpose and checked, because a fork pays for it.

use crate::machine::{self, Demanded};
use crate::proc;
use crate::record::{Failure, Parent, Result};
use crate::sys::fork_safe_threads::ForkSafeThreads;
use crate::sys::memory::{Mapping, page_bytes};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::fs::File;
use std::os::fd::OwnedFd;

/// A lab may hold this share of the memory that is available, so that no machine is pressed.
const SHARE_OF_AVAILABLE: u64 = 10;
/// Of the memory that was asked for in huge pages, at least this share in percent must be.
const HUGE_PERCENT: u64 = 90;
/// Descriptors that a lab may need besides those it holds.
const OWN_DESCRIPTORS: u64 = 64;

/// What is held, until it is dropped.
#[derive(Debug)]
pub(super) struct ParentState {
    _memory: Option<Mapping>,
    _mappings: Vec<Mapping>,
    _clean: Vec<Mapping>,
    _descriptors: Vec<OwnedFd>,
    _threads: ForkSafeThreads,
}

impl ParentState {
    /// Holds what the arm wants. Threads come last: they are none of the memory's business.
    pub(super) fn by(parent: &Parent) -> Result<Self> {
        Ok(ParentState {
            _memory: memory(parent)?,
            _mappings: mappings(parent.mappings)?,
            _clean: clean_mappings(parent.clean_mappings)?,
            _descriptors: descriptors(parent.descriptors)?,
            _threads: ForkSafeThreads::start(parent.threads).map_err(|e| {
                let tried = format!("holding {} idle threads", parent.threads);
                machine::advised(Failure::os(tried, e), "clone(2)")
            })?,
        })
    }
}

/// Most memory that a parent is given on this machine as it is now, bytes; `None` where the machine
/// does not say what is available.
#[must_use]
pub fn most_parent_bytes() -> Option<u64> {
    machine::available_memory_bytes().ok().map(|available| available / SHARE_OF_AVAILABLE)
}

/// Resident private memory, in pages of the kind that was asked for.
fn memory(parent: &Parent) -> Result<Option<Mapping>> {
    if parent.memory_bytes == 0 {
        return Ok(None);
    }
    let kind = if parent.huge { "huge" } else { "base" };
    let tried = || format!("holding {} MiB in {kind} pages", parent.mebibytes());
    if let Some(most) = most_parent_bytes().filter(|most| parent.memory_bytes > *most) {
        let why = format!("a tenth of the available memory is {} MiB", most >> 20);
        return Err(Failure::new(tried(), why));
    }
    let refused = |e| {
        machine::advised_for(
            Failure::os(tried(), e),
            "mmap(2)",
            Demanded::bytes(parent.memory_bytes),
        )
    };
    let memory = Mapping::private(parent.memory_bytes as usize).map_err(refused)?;
    match if parent.huge { memory.prefer_huge_pages() } else { memory.refuse_huge_pages() } {
        // A kernel without huge pages has nothing to refuse.
        Err(e) if parent.huge || e.raw_os_error() != Some(Errno::EINVAL as i32) => {
            return Err(Failure::os(tried(), e));
        }
        _ if parent.scattered => memory.touch_scattered(),
        _ => memory.populate().map_err(|e| Failure::os(tried(), e))?,
    }
    if parent.huge {
        granted(parent.memory_bytes).map_err(|why| {
            Failure::new(tried(), why)
                .remedy("see /sys/kernel/mm/transparent_hugepage/enabled; memory may be fragmented")
        })?;
    }
    Ok(Some(memory))
}

/// Were huge pages granted? The kernel gives base pages where it has no others, and says nothing.
fn granted(asked_bytes: u64) -> std::result::Result<(), String> {
    let found_bytes = proc::own_huge_bytes()?;
    match found_bytes * 100 >= asked_bytes * HUGE_PERCENT {
        true => Ok(()),
        false => Err(format!("the kernel gave {} MiB in huge pages", found_bytes >> 20)),
    }
}

/// Mappings that cannot merge: each a touched page with a hole behind it.
fn mappings(count: u32) -> Result<Vec<Mapping>> {
    let tried = || format!("holding {count} mappings");
    let refused = |e| machine::advised(Failure::os(tried(), e), "mmap(2)");
    let Some(pages) = 2usize.checked_mul(count as usize).filter(|pages| *pages > 0) else {
        return Ok(Vec::new());
    };
    let whole = Mapping::private(pages * page_bytes()).map_err(refused)?;
    // One page each, like the stacks and small libraries of a real program.
    if let Err(e) = whole.refuse_huge_pages() {
        if e.raw_os_error() != Some(Errno::EINVAL as i32) {
            return Err(refused(e));
        }
    }
    whole.every_second_page().map_err(refused)
}

/// Mappings of the first page of this program's file each, read and not written, as the code and
/// the constants of libraries are. They do not merge: none goes on where another ends.
fn clean_mappings(count: u32) -> Result<Vec<Mapping>> {
    let tried = || format!("holding {count} clean mappings");
    if count == 0 {
        return Ok(Vec::new());
    }
    let program = File::open("/proc/self/exe").map_err(|e| Failure::os(tried(), e))?;
    let one = |_| {
        let mapping = Mapping::private_file(&program, 1)?;
        mapping.read_page(0);
        Ok(mapping)
    };
    let mapped: std::io::Result<Vec<Mapping>> = (0..count).map(one).collect();
    mapped.map_err(|e| Failure::os(tried(), e).remedy("see vm.max_map_count"))
}

/// Copies of one descriptor. The limit is raised as far as allowed, as a server would.
fn descriptors(count: u32) -> Result<Vec<OwnedFd>> {
    let tried = || format!("holding {count} open descriptors");
    let refused = |e| machine::advised(Failure::os(tried(), e), "dup(2)");
    if count == 0 {
        return Ok(Vec::new());
    }
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)
        .map_err(|e| Failure::os("reading the limit on descriptors", e))?;
    let wanted = (u64::from(count) + OWN_DESCRIPTORS).min(hard);
    if wanted > soft {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)
            .map_err(|e| Failure::os(format!("raising the limit on descriptors to {wanted}"), e))?;
    }
    let null = File::open("/dev/null").map_err(|e| Failure::os("opening /dev/null", e))?;
    (0..count).map(|_| null.try_clone().map(OwnedFd::from).map_err(refused)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parent: Parent) -> Result<ParentState> {
        ParentState::by(&parent)
    }

    #[test]
    fn more_than_a_tenth_of_the_memory_is_refused_with_the_figure() {
        let failure = of(Parent::of_mib(1 << 30)).unwrap_err();
        assert!(failure.why.contains("a tenth"), "{failure}");
    }

    #[test]
    fn mappings_do_not_merge() {
        let lines = || proc::read("/proc/self/maps").unwrap().lines().count();
        let before = lines();
        let held = of(Parent { mappings: 100, ..Parent::default() }).unwrap();
        // Other tests map and unmap meanwhile.
        assert!(lines() >= before + 80);
        drop(held);
        assert!(lines() < before + 80);
    }

    #[test]
    fn clean_mappings_hold_no_page_of_their_own() {
        let held = of(Parent { clean_mappings: 100, ..Parent::default() }).unwrap();
        assert_eq!(held._clean.len(), 100);
        let clean = |maps: &str| maps.matches("Anonymous:             0 kB").count();
        let before = clean(&proc::read("/proc/self/smaps").unwrap());
        drop(held);
        // Other tests map and unmap meanwhile.
        assert!(clean(&proc::read("/proc/self/smaps").unwrap()) + 80 <= before);
    }

    #[test]
    fn scattered_memory_is_resident_to_its_last_page() {
        let held = of(Parent::of_scattered_mib(3)).unwrap();
        let memory = held._memory.as_ref().unwrap();
        let touched = memory
            .words()
            .chunks(page_bytes() / 4)
            .filter(|page| page[0].load(std::sync::atomic::Ordering::Relaxed) == 1);
        assert_eq!(touched.count(), (3 << 20) / page_bytes());
    }

    #[test]
    fn descriptors_are_open() {
        let held = of(Parent { descriptors: 200, ..Parent::default() }).unwrap();
        assert_eq!(held._descriptors.len(), 200);
        let failure = of(Parent { descriptors: u32::MAX, ..Parent::default() }).unwrap_err();
        assert_eq!(failure.errno, Some(Errno::EMFILE as i32), "{failure}");
    }
}
