//! Threads of the C library that wait.

use super::Units;
use crate::machine;
use crate::proc;
use crate::record::{Failure, Result};
use crate::sys::idle::{IdleThreads, Stacks};

/// A small stack, bytes.
const SMALL_BYTES: usize = 64 << 10;
/// Of the stacks that are to be huge pages, at least this share in percent must be.
const HUGE_PERCENT: u64 = 90;

struct Threads {
    kept: IdleThreads,
    /// Bytes of the huge page that each stack is to be.
    huge_bytes: Option<u64>,
}

/// With the C library's default attributes: of glibc a stack as long as `ulimit -s`.
pub(super) fn default_stacks() -> Result<Box<dyn Units>> {
    threads(Stacks::Default, None)
}

/// With stacks of 64 KiB.
pub(super) fn small_stacks() -> Result<Box<dyn Units>> {
    threads(Stacks::Of(SMALL_BYTES), None)
}

/// With stacks that are a huge page each.
pub(super) fn huge_stacks() -> Result<Box<dyn Units>> {
    let bytes = machine::huge_page_bytes()
        .map_err(|why| Failure::new("looking for the size of a huge page", why))?;
    threads(Stacks::Huge(bytes as usize), Some(bytes))
}

fn threads(stacks: Stacks, huge_bytes: Option<u64>) -> Result<Box<dyn Units>> {
    let kept = IdleThreads::with(stacks)
        .map_err(|e| Failure::os("preparing the attributes of idle threads", e))?;
    Ok(Box::new(Threads { kept, huge_bytes }))
}

impl Units for Threads {
    fn grow(&mut self, to: u32) -> Result<()> {
        let tried = format!("keeping {to} idle threads");
        let refused = |e| machine::advised(Failure::os(&tried, e), "clone3(2) or mmap(2)");
        self.kept.grow(to).map_err(refused)?;
        let Some(bytes) = self.huge_bytes else { return Ok(()) };
        let wanted_bytes = u64::from(to) * bytes;
        let given_bytes = proc::own_huge_bytes()
            .map_err(|why| Failure::new("looking for the huge pages of stacks", why))?;
        match given_bytes * 100 >= wanted_bytes * HUGE_PERCENT {
            true => Ok(()),
            false => {
                let given = given_bytes / bytes;
                Err(Failure::new(tried, format!("the kernel gave {given} huge pages for stacks"))
                    .remedy(
                        "see /sys/kernel/mm/transparent_hugepage/enabled; memory may be fragmented",
                    ))
            }
        }
    }
}
