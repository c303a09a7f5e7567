//! What is done to the pages of a mapping, one after the other.

use super::Mapping;
use crate::sys::barrier::wait_for_all;
use crate::sys::clock::monotonic_ns;
use std::sync::atomic::Ordering;

/// Bytes of a cache line.
const LINE_BYTES: usize = 64;

impl Mapping {
    /// Writes one word of each of these pages, as far as there are as many, so that they are
    /// resident.
    pub fn touch(&self, pages: std::ops::Range<usize>) {
        for words in self.words().chunks(self.page_bytes / 4).take(pages.end).skip(pages.start) {
            words[0].store(1, Ordering::Relaxed);
        }
    }

    /// Writes one word of each page, so that the whole mapping is resident.
    pub fn touch_all(&self) {
        for word in self.words().iter().step_by(self.page_bytes / 4) {
            word.store(1, Ordering::Relaxed);
        }
    }

    /// [`Mapping::touch_all`] in an order that strides over it, so that pages that the kernel gives
    /// one after the other are far apart.
    pub fn touch_scattered(&self) {
        let page = self.page_bytes / 4;
        let pages = self.bytes / self.page_bytes;
        let words = self.words();
        // Odd: it meets each number below a power of two once.
        const STRIDE: usize = 0x9e37_79b1;
        for at in 0..pages.next_power_of_two() {
            let scattered = at.wrapping_mul(STRIDE) % pages.next_power_of_two();
            if scattered < pages {
                words[scattered * page].store(1, Ordering::Relaxed);
            }
        }
    }

    /// [`Mapping::touch_all`], one page after the other, whatever the processor would begin behind
    /// a fault: where faults are what is timed.
    #[inline(always)]
    pub fn touch_in_turn(&self) {
        for word in self.words().iter().step_by(self.page_bytes / 4) {
            word.store(1, Ordering::Relaxed);
            wait_for_all();
        }
    }

    /// [`Mapping::touch_all`], and how long that took, nanoseconds.
    #[inline]
    #[must_use]
    pub fn touch_all_ns(&self) -> u64 {
        let start_ns = monotonic_ns();
        self.touch_all();
        monotonic_ns() - start_ns
    }

    /// Reads one line of each of the first `pages` pages. The line moves from page to page, so that
    /// the lines spread evenly over the sets of the caches.
    #[inline]
    pub fn read_lines(&self, pages: u32) {
        let words = self.words();
        for page in 0..pages as usize {
            let line = (page + page / 32) % (self.page_bytes / LINE_BYTES);
            let word = &words[page * self.page_bytes / 4 + line * (LINE_BYTES / 4)];
            std::hint::black_box(word.load(Ordering::Relaxed));
        }
    }

    /// Reads the first word of this page.
    pub fn read_page(&self, page: usize) {
        let word = &self.words()[page * self.page_bytes / 4];
        std::hint::black_box(word.load(Ordering::Relaxed));
    }

    /// Reads and writes one line of each page, those that [`Self::read_lines`] would read.
    #[inline]
    pub fn change_lines(&self) {
        for (page, words) in self.words().chunks_exact(self.page_bytes / 4).enumerate() {
            let line = (page + page / 32) % (self.page_bytes / LINE_BYTES);
            let word = &words[line * (LINE_BYTES / 4)];
            word.store(word.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory::page_bytes;

    #[test]
    fn one_line_of_each_page_is_changed() {
        let mapping = Mapping::private_pages(40).unwrap();
        mapping.change_lines();
        mapping.change_lines();
        for page in mapping.words().chunks_exact(page_bytes() / 4) {
            let changed: Vec<u32> = page.iter().map(|word| word.load(Ordering::Relaxed)).collect();
            assert_eq!(changed.iter().filter(|word| **word > 0).collect::<Vec<_>>(), [&2]);
        }
    }
}
