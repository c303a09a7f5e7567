//! Stacks of actors that the clone system call makes: the C library has no part in them.

use super::memory::{Guard, Mapping, page_bytes};
use std::io;
use std::sync::atomic::AtomicU32;

/// Bytes of a stack, its guard included: the bodies of actors call nothing deep.
const STACK_BYTES: usize = 64 << 10;

/// The stack of one actor after the other.
#[derive(Debug)]
pub struct Stack {
    frames: Mapping,
    _guard: Option<Guard>,
}

impl Stack {
    /// A resident stack above a guard page: a task that overflows it is killed and overwrites
    /// nothing.
    ///
    /// # Errors
    /// ENOMEM, also at the limit on mappings.
    pub fn guarded() -> io::Result<Self> {
        let page = page_bytes();
        let (below, frames) = Mapping::private(STACK_BYTES.max(2 * page))?.split(page);
        let guard = Guard::over(below)?;
        frames.touch_all();
        Ok(Stack { frames, _guard: Some(guard) })
    }

    /// A stack that adds at most one mapping, and none where it lies next to another, nothing of it
    /// touched: for the actors of parents whose count of mappings is a part of what is measured.
    /// The frames of their bodies are known.
    ///
    /// # Errors
    /// ENOMEM.
    pub(super) fn without_guard() -> io::Result<Self> {
        Ok(Stack { frames: Mapping::private(STACK_BYTES)?, _guard: None })
    }

    /// Makes all of it resident.
    pub(super) fn touch_all(&self) {
        self.frames.touch_all();
    }

    /// Where an actor's first frame ends, aligned as every ABI wants it.
    pub(super) fn top(&mut self) -> *mut libc::c_void {
        // SAFETY: one past the end of the same mapping.
        unsafe { self.frames.start().as_ptr().byte_add(self.frames.bytes()) }
    }

    /// The far end, which frames reach last.
    pub(super) fn last_word(&self) -> *const AtomicU32 {
        self.frames.words().as_ptr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_may_touch_the_page_below_a_guarded_stack() {
        let mut stack = Stack::guarded().unwrap();
        let (end, top) = (stack.last_word().addr(), stack.top().addr());
        assert!(top - end >= page_bytes() && top % page_bytes() == 0);
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        // The guard may have merged with another one below it.
        let guard = format!("-{end:x} ---p");
        assert!(maps.lines().any(|line| line.contains(&guard)), "{guard}\n{maps}");
    }
}
