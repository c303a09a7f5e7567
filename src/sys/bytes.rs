//! Private memory as plain bytes: what a message is sent from, and received into.
//!
//! It lies in a mapping of its own, so that it begins a page for everybody, and so that a forked
//! actor that leaves gives it back without the C library's allocator.

use super::memory::Mapping;
use std::io;
use std::ops::{Deref, DerefMut};

/// Bytes that belong to one actor, resident from the start.
#[derive(Debug)]
pub struct Bytes {
    mapping: Mapping,
    count: usize,
}

impl Bytes {
    /// This many bytes.
    ///
    /// # Errors
    /// ENOMEM.
    pub fn new(count: usize) -> io::Result<Self> {
        let mapping = Mapping::private(count)?;
        mapping.populate()?;
        Ok(Bytes { mapping, count })
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping is live, at least this long and initialised by the kernel; it is
        // private and reached through its owner alone.
        unsafe { std::slice::from_raw_parts(self.mapping.start().as_ptr().cast(), self.count) }
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `deref`, and the owner is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.mapping.start().as_ptr().cast(), self.count) }
    }
}
