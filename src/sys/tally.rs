//! A number that processes count together.

use super::memory::Mapping;
use std::io;
use std::ops::Deref;
use std::sync::atomic::AtomicU64;

/// A counter that forked children share with whoever made it, on a page of its own; zero at first.
#[derive(Debug)]
pub struct Tally(Mapping);

impl Tally {
    /// A new one.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn shared() -> io::Result<Self> {
        Mapping::shared(size_of::<AtomicU64>()).map(Tally)
    }
}

impl Deref for Tally {
    type Target = AtomicU64;

    #[inline]
    fn deref(&self) -> &AtomicU64 {
        // SAFETY: the mapping is at least this big, aligned to a page, zeroed by the kernel and
        // lives as long as self; it is private to this type, so that every access to it is this
        // atomic's.
        unsafe { self.0.start().cast().as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn it_begins_with_zero_and_counts_beyond_32_bits() {
        let tally = Tally::shared().unwrap();
        assert_eq!(tally.fetch_add(1 << 40, Ordering::Relaxed), 0);
        assert_eq!(tally.load(Ordering::Relaxed), 1 << 40);
    }
}
