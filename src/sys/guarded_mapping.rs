//! A mapping that the kernel cannot merge with its neighbours.

use super::memory::{Guard, Mapping, page_bytes};
use std::io;

/// Private memory between two guard pages. The kernel merges adjacent mappings with equal
/// attributes; the guards differ.
#[derive(Debug)]
pub struct GuardedMapping {
    pages: Mapping,
    _guards: [Guard; 2],
}

impl GuardedMapping {
    /// A mapping of this many base pages.
    ///
    /// # Errors
    /// ENOMEM, also at the limit on mappings.
    pub fn of(pages: usize) -> io::Result<Self> {
        let (before, rest) = Mapping::private_pages(pages + 2)?.split(page_bytes());
        let (pages, behind) = rest.split(pages * page_bytes());
        Ok(GuardedMapping { pages, _guards: [Guard::over(before)?, Guard::over(behind)?] })
    }

    /// The memory between the guards.
    #[must_use]
    #[inline]
    pub fn pages(&self) -> &Mapping {
        &self.pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_mapping_of_its_own() {
        let both = [GuardedMapping::of(16).unwrap(), GuardedMapping::of(16).unwrap()];
        both.iter().for_each(|one| one.pages().touch_all());
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        for one in &both {
            let start = one.pages().start().addr().get();
            let range = format!("{start:x}-{:x} rw-p", start + 16 * page_bytes());
            assert!(maps.lines().any(|line| line.starts_with(&range)), "{range}\n{maps}");
        }
    }
}
