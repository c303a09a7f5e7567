//! Memory that the kernel keeps as a mapping of its own.

use super::memory::{Guard, Mapping, page_bytes};
use std::io;

/// Private memory between two pages that nobody may touch. The kernel makes one of two mappings
/// that lie side by side and are alike; this one lies beside none that is like it.
#[derive(Debug)]
pub struct Apart {
    pages: Mapping,
    _guards: [Guard; 2],
}

impl Apart {
    /// So many base pages.
    ///
    /// # Errors
    /// ENOMEM, also at the limit on mappings.
    pub fn of(pages: usize) -> io::Result<Self> {
        let (before, rest) = Mapping::private_pages(pages + 2)?.split(page_bytes());
        let (pages, behind) = rest.split(pages * page_bytes());
        Ok(Apart { pages, _guards: [Guard::over(before)?, Guard::over(behind)?] })
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
        let both = [Apart::of(16).unwrap(), Apart::of(16).unwrap()];
        both.iter().for_each(|one| one.pages().touch_all());
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        for one in &both {
            let start = one.pages().start().addr().get();
            let range = format!("{start:x}-{:x} rw-p", start + 16 * page_bytes());
            assert!(maps.lines().any(|line| line.starts_with(&range)), "{range}\n{maps}");
        }
    }
}
