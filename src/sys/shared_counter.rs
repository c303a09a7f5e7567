//! A counter in memory that processes share.

use super::memory::Mapping;
use std::io;
use std::ops::Deref;
use std::sync::atomic::AtomicU64;

/// A counter that forked children share with their parent, on a page of its own; 0 at first.
#[derive(Debug)]
pub struct SharedCounter(Mapping);

impl SharedCounter {
    /// A new one.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn shared() -> io::Result<Self> {
        Mapping::shared(size_of::<AtomicU64>()).map(SharedCounter)
    }
}

impl Deref for SharedCounter {
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
        let counter = SharedCounter::shared().unwrap();
        assert_eq!(counter.fetch_add(1 << 40, Ordering::Relaxed), 0);
        assert_eq!(counter.load(Ordering::Relaxed), 1 << 40);
    }
}
