//! The small parent: what a lab is made to be before it prepares anything, whatever its C library
//! and its linking.
//!
//! A fork copies the mappings of its parent and the page-table entries of the pages that the parent
//! has written. A lab by itself has as many as its libraries bring: 29 mappings with a shared
//! glibc, 12 with a static one, fewer with musl; one library more or less would move every figure
//! of fork. So each lab is brought to one state, near that of small real programs (Debian 12,
//! x86-64: mappings, of them written, resident, of that its own):
//!
//! | program | mappings | written | resident | its own |
//! |---|---:|---:|---:|---:|
//! | dash | 24 | 12 | 1.5 MiB | 0.1 MiB |
//! | bash | 42 | 14 | 3.1 MiB | 0.3 MiB |
//! | perl | 48 | 16 | 5.0 MiB | 0.4 MiB |
//! | python3 | 42 | 19 | 7.9 MiB | 2.7 MiB |
//! | nginx, the master | 52 | 23 | 6.6 MiB | 0.9 MiB |
//! | redis-server, empty | 117 | 51 | 11.6 MiB | 2.7 MiB |

use super::state;
use crate::record::{Failure, LabState, Result};
use crate::sys::memory::{Mapping, page_bytes};
use std::fs::File;
use std::io;

/// What a lab is brought to: the least of these that it is not beyond by itself. The first is near
/// bash; older C libraries come in more parts and bring a lab beyond it.
const SMALL: [Small; 2] = [
    Small { mappings: 42, written: 20, own_pages: OWN_PAGES, resident_bytes: 4 << 20 },
    Small { mappings: 64, written: 32, own_pages: 144, resident_bytes: 8 << 20 },
];
/// Own pages that a lab may differ by: reading its state takes memory too.
const TOLERATED_PAGES: u64 = 3;
/// Own pages of the first. A build that is not optimised, by which nothing is measured but in
/// tests, brings almost as many by itself.
const OWN_PAGES: u64 = if cfg!(debug_assertions) { 92 } else { 72 };
/// Most bytes of a part of the padding; no more than the program's file has, which is some
/// megabytes.
const PART_BYTES: usize = 640 << 10;

/// A small parent.
#[derive(Debug, Clone, Copy)]
struct Small {
    /// Mappings.
    mappings: u64,
    /// Those of them with pages that the lab has written: a fork copies their page tables.
    written: u64,
    /// Pages that the lab has written.
    own_pages: u64,
    /// Memory that is resident at least, its program's and libraries' included; bytes.
    resident_bytes: u64,
}

/// Looks at the lab until it is as it should be: what looks takes memory too, so that one look is
/// not enough.
const LOOKS: u32 = 16;

/// What fills the lab up, until it is dropped: parts of its own program, mapped once more as a
/// library's data is.
#[derive(Debug)]
pub(super) struct Padding {
    parts: Vec<Mapping>,
    /// The first so many parts are written.
    written: usize,
    /// Pages that are written besides the first of each of those parts.
    own_pages: usize,
    /// Pages of the parts behind the written ones that are read.
    read_pages: usize,
}

impl Padding {
    /// Brings this lab to the state of the small parent.
    ///
    /// # Errors
    /// It has more than that without being filled up, or its state or its program cannot be read.
    pub(super) fn add() -> Result<Self> {
        let parts = Vec::with_capacity(SMALL[1].mappings as usize);
        let mut padding = Padding { parts, written: 0, own_pages: 0, read_pages: 0 };
        // What a look takes is there before the first one that counts.
        state::read()?;
        let mut found = state::read()?;
        let small = SMALL.into_iter().find(|small| small.has_room_for(&found)).unwrap_or(SMALL[1]);
        for _ in 0..LOOKS {
            if small.is(&found) {
                return Ok(padding);
            }
            padding.approach(small, &found).map_err(refused)?;
            found = state::read()?;
        }
        Err(small.missed_by(&found))
    }

    /// Adds the mappings that are missing, or takes those away that are too many; once they are as
    /// wanted, the pages that are missing. To map may write a mapping of the allocator's, and what
    /// is written cannot be taken back.
    fn approach(&mut self, small: Small, found: &LabState) -> io::Result<()> {
        if found.vmas != small.mappings {
            let parts = (self.parts.len() as u64 + small.mappings).saturating_sub(found.vmas);
            return self.map(parts as usize);
        }
        // A page that is written is one of its own and resident.
        let written = small.written.saturating_sub(found.written_vmas);
        self.write(written as usize);
        let own = small.own_pages.saturating_sub(own_pages(found) + written);
        self.own(own as usize);
        let resident_bytes = found.rss_bytes + (written + own) * page_bytes() as u64;
        let missing = small.resident_bytes.saturating_sub(resident_bytes);
        self.read(missing.div_ceil(page_bytes() as u64) as usize);
        Ok(())
    }

    /// Has this many parts, of which no written one is taken away.
    fn map(&mut self, parts: usize) -> io::Result<()> {
        self.parts.truncate(parts.max(self.written));
        let program = File::open("/proc/self/exe")?;
        while self.parts.len() < parts {
            self.parts.push(Mapping::private_file(&program, part_pages())?);
        }
        Ok(())
    }

    /// Writes a page of each of so many parts more.
    fn write(&mut self, parts: usize) {
        for part in self.parts.iter().skip(self.written).take(parts) {
            part.touch(0..1);
            self.written += 1;
        }
    }

    /// Writes so many pages more of the parts that are written, part by part.
    fn own(&mut self, pages: usize) {
        for number in self.own_pages..self.own_pages + pages {
            let (part, page) = behind_the_first(number, part_pages());
            if let Some(part) = self.parts[..self.written].get(part) {
                part.touch(page..page + 1);
            }
        }
        self.own_pages += pages;
    }

    /// Reads so many pages more of the parts that are not written.
    fn read(&mut self, pages: usize) {
        for at in self.read_pages..self.read_pages + pages {
            if let Some(part) = self.parts.get(self.written + at / part_pages()) {
                part.read_page(at % part_pages());
            }
        }
        self.read_pages += pages;
    }
}

impl Small {
    /// Can a lab like this be filled up to it? Its pages are written in at least one mapping more.
    fn has_room_for(self, lab: &LabState) -> bool {
        lab.vmas < self.mappings
            && lab.written_vmas < self.written
            && own_pages(lab) < self.own_pages
    }

    fn is(self, lab: &LabState) -> bool {
        lab.vmas == self.mappings
            && lab.written_vmas == self.written
            && own_pages(lab).abs_diff(self.own_pages) <= TOLERATED_PAGES
            && lab.rss_bytes >= self.resident_bytes
    }

    fn missed_by(self, lab: &LabState) -> Failure {
        let why = format!(
            "it has {} mappings ({} wanted), {} of them written ({}), {} pages of its own ({}) and \
             {} KiB resident ({})",
            lab.vmas,
            self.mappings,
            lab.written_vmas,
            self.written,
            own_pages(lab),
            self.own_pages,
            lab.rss_bytes >> 10,
            self.resident_bytes >> 10
        );
        Failure::new(TRIED, why).remedy("preloaded libraries and sanitizers add to it")
    }
}

/// Pages of a part: of 64 KiB pages ten, of 4 KiB ones 160.
fn part_pages() -> usize {
    (PART_BYTES / page_bytes()).max(2)
}

/// Part and page of a page that is written, where the first of each part is written already.
fn behind_the_first(number: usize, part_pages: usize) -> (usize, usize) {
    let each = part_pages - 1;
    (number / each, 1 + number % each)
}

fn own_pages(lab: &LabState) -> u64 {
    lab.own_bytes / page_bytes() as u64
}

const TRIED: &str = "bringing the benchmark process to the small-parent state";

fn refused(error: io::Error) -> Failure {
    Failure::os(TRIED, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pages_fill_part_after_part_and_never_the_first_page_of_one() {
        let of = |part_pages| -> Vec<(usize, usize)> {
            (0..5).map(|number| behind_the_first(number, part_pages)).collect()
        };
        assert_eq!(of(160), [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
        assert_eq!(of(3), [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1)]);
        assert_eq!(of(2), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 1)]);
    }

    #[test]
    fn a_lab_that_is_beyond_the_first_parent_is_brought_to_the_second() {
        let lab = |vmas, written_vmas| LabState { vmas, written_vmas, ..LabState::default() };
        let fitting = |lab: LabState| SMALL.iter().position(|small| small.has_room_for(&lab));
        assert_eq!(fitting(lab(13, 5)), Some(0));
        assert_eq!(fitting(lab(34, 15)), Some(0));
        // glibc 2.31 with libm, libpthread and libdl.
        assert_eq!(fitting(lab(45, 20)), Some(1));
        assert_eq!(fitting(lab(34, 20)), Some(1));
        assert_eq!(fitting(lab(64, 20)), None);
    }

    #[test]
    fn what_a_lab_is_instead_is_said() {
        let lab = LabState { vmas: 70, written_vmas: 40, ..LabState::default() };
        let failure = SMALL[1].missed_by(&lab);
        assert!(failure.why.starts_with("it has 70 mappings (64 wanted), 40 of them"), "{failure}");
    }
}
