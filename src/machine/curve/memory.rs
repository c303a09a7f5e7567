//! The memory that is walked, and whether the kernel gave huge pages where it was asked to.

use crate::machine::kernel;
use crate::proc::{self, Found, MapLine};
use crate::sys::memory::Mapping;
use crate::sys::walk::PointerChase;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

/// Bytes of a cache line.
pub(super) const LINE_BYTES: usize = 64;

/// The most memory that is walked one way, bytes.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// From this share on of memory in huge pages, the memory counts as being in them.
const GRANTED: f64 = 0.9;

/// What is walked; unmapped on drop.
pub(super) struct Memory {
    pub(super) page_bytes: usize,
    pub(super) base: Region,
    /// Or why there is none.
    pub(super) huge: Found<Region>,
    pub(super) dense: Region,
}

/// Memory that begins where a huge page can.
pub(super) struct Region {
    mapping: Mapping,
    /// Words before that.
    skipped: usize,
}

impl Region {
    /// Address space for `bytes`, from a multiple of `unit` bytes on; no memory yet.
    fn map(bytes: usize, unit: usize) -> Found<Region> {
        let bytes = bytes.next_multiple_of(unit);
        let mapping = Mapping::private(bytes + unit)
            .map_err(|error| format!("{} MiB of memory: {error}", bytes >> 20))?;
        let skipped = mapping.words().as_ptr().align_offset(unit);
        Ok(Region { mapping, skipped })
    }

    pub(super) fn words(&self) -> &[AtomicU32] {
        &self.mapping.words()[self.skipped..]
    }
}

impl Memory {
    pub(super) fn map(pages: u32, page_bytes: usize) -> Found<Memory> {
        let bytes = pages as usize * page_bytes;
        let base = Region::map(bytes, page_bytes)?;
        // The kernel refuses where it has no huge pages: then there is nothing to forbid.
        let _ = base.mapping.refuse_huge_pages();
        let huge = huge_region(bytes);
        // In huge pages where there are some, so that this costs as little translation as can be.
        let unit = if huge.is_ok() { kernel::huge_page_bytes()? as usize } else { page_bytes };
        let dense = Region::map(pages as usize * LINE_BYTES, unit)?;
        let _ = dense.mapping.prefer_huge_pages();
        Ok(Memory { page_bytes, base, huge, dense })
    }

    /// Gives memory to the pages, until it takes too long: to so many sizes of `grid`, at least
    /// one. Not to the dense lines yet: the kernel may list them with the mapping of the huge
    /// pages, whose grant is looked at first.
    pub(super) fn populate(&self, grid: &[u32], until: Instant) -> usize {
        for (done, &pages) in grid.iter().enumerate() {
            PointerChase::lay(self.base.words(), pages, self.page_bytes);
            if let Ok(huge) = &self.huge {
                PointerChase::lay(huge.words(), pages, self.page_bytes);
            }
            if Instant::now() > until {
                return done + 1;
            }
        }
        grid.len()
    }
}

fn huge_region(bytes: usize) -> Found<Region> {
    let none = |reason: String| format!("this kernel has no transparent huge pages: {reason}");
    let unit = kernel::huge_page_bytes().map_err(none)?;
    if unit > MOST_BYTES {
        return Err(format!("a huge page has {} MiB here: too much for a check", unit >> 20));
    }
    let region = Region::map(bytes, unit as usize)?;
    region.mapping.prefer_huge_pages().map_err(|error| none(error.to_string()))?;
    Ok(region)
}

/// Is the memory of the region's first `bytes` in huge pages, as far as the kernel gave any?
pub(super) fn granted(region: &Region, bytes: usize) -> Found<()> {
    let smaps = proc::read("/proc/self/smaps")
        .map_err(|error| format!("whether huge pages were granted: /proc/self/smaps: {error}"))?;
    let found = huge_bytes_at(&smaps, region.words().as_ptr().addr() as u64).unwrap_or(0);
    let setting = kernel::huge_pages().unwrap_or_else(|reason| reason);
    judge_grant(found, bytes as u64, &setting)
}

/// Bytes in huge pages of the mapping that holds an address (proc_pid_smaps(5)).
fn huge_bytes_at(smaps: &str, address: u64) -> Option<u64> {
    let lines = smaps.lines().map(MapLine::of);
    let here = |line: &MapLine| matches!(line, MapLine::Mapping(at) if at.contains(&address));
    lines.skip_while(|line| !here(line)).find_map(|line| match line {
        MapLine::Bytes("AnonHugePages", bytes) => Some(bytes),
        _ => None,
    })
}

fn judge_grant(found: u64, wanted: u64, setting: &str) -> Found<()> {
    if found as f64 >= GRANTED * wanted as f64 {
        return Ok(());
    }
    let remedy = match setting {
        "never" => {
            "`echo madvise > /sys/kernel/mm/transparent_hugepage/enabled` lets programs ask for \
             them"
        }
        _ => {
            "memory may be fragmented: `echo 1 > /proc/sys/vm/compact_memory`, or \
             the program that started this one forbade them (PR_SET_THP_DISABLE)"
        }
    };
    let [found, wanted] = [found, wanted].map(|bytes| bytes >> 20);
    Err(format!(
        "the kernel gave {found} of {wanted} MiB in huge pages, which are set to '{setting}': \
         {remedy}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_pages_of_one_mapping_alone() {
        let smaps = "00400000-00500000 r-xp 00000000 fe:00 7 /a\nAnonHugePages:         0 kB\n\
                     7f0000000000-7f0004000000 rw-p 00000000 00:00 0\nSize:  65536 kB\n\
                     AnonHugePages:     63488 kB\nVmFlags: rd wr hg\n";
        assert_eq!(huge_bytes_at(smaps, 0x7f00_0020_0000), Some(62 << 20));
        assert_eq!(huge_bytes_at(smaps, 0x40_0000), Some(0));
        assert_eq!(huge_bytes_at(smaps, 0x7f00_0400_0000), None);
    }

    #[test]
    fn a_grant_needs_nine_parts_of_ten() {
        assert_eq!(judge_grant(58 << 20, 64 << 20, "madvise"), Ok(()));
        let pieces = judge_grant(56 << 20, 64 << 20, "madvise").unwrap_err();
        assert!(pieces.contains("56 of 64 MiB") && pieces.contains("compact"), "{pieces}");
        let never = judge_grant(0, 64 << 20, "never").unwrap_err();
        assert!(never.contains("echo madvise"), "{never}");
    }

    #[test]
    fn regions_begin_where_huge_pages_can() {
        let region = Region::map(3 << 20, 2 << 20).unwrap();
        assert_eq!(region.words().as_ptr().addr() % (2 << 20), 0);
        assert!(region.words().len() >= 1 << 20);
    }
}
