//! Idle units: what is kept so that its memory can be read. Each waits in the kernel and does
//! nothing.

mod connection;
mod drill;
mod process;
mod program;
mod thread;

use crate::record::{Failure, Result};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};

/// Idle units of one kind. All end on drop, and with the lab in any case.
pub(super) trait Units {
    /// Has as many live, and waits until all have checked in. Never fewer than before.
    fn grow(&mut self, to: u32) -> Result<()>;

    /// Process ids of the units that have an address space of their own.
    fn processes(&self) -> Vec<i32> {
        Vec::new()
    }
}

/// A kind of unit.
#[derive(Debug)]
pub struct Kind {
    /// Its unique name.
    pub id: &'static str,
    /// What a unit takes.
    pub takes: Takes,
    none_yet: fn() -> Result<Box<dyn Units>>,
}

/// What one unit takes of what is limited. The bytes are a guess on the high side, for the cap on
/// their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Process ids, which threads take too.
    pub pids: u32,
    /// Mappings of the lab.
    pub mappings: u32,
    /// Descriptors of the lab.
    pub descriptors: u32,
    /// Ports of a client, to one server's.
    pub ports: u32,
    /// Memory, bytes.
    pub bytes: u64,
    /// Address space of the lab.
    pub space: AddressSpace,
    /// What all that is promised may come to be, of which the kernel keeps account where it
    /// promises no more than it has.
    pub committed: AddressSpace,
}

/// Address space that a unit takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressSpace {
    /// So many bytes.
    Bytes(u64),
    /// A stack of the C library's default size.
    DefaultStack,
    /// As much as its creator has: what is forked is a copy.
    OfCreator,
}

impl AddressSpace {
    /// In bytes, here.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            AddressSpace::Bytes(bytes) => bytes,
            // What both C libraries take at most, unless a limit says otherwise.
            AddressSpace::DefaultStack => match getrlimit(Resource::RLIMIT_STACK) {
                Ok((RLIM_INFINITY, _)) | Err(_) => USUAL_STACK,
                Ok((soft, _)) => soft,
            },
            AddressSpace::OfCreator => SMALL_PARENT,
        }
    }
}

/// The usual limit on stacks, bytes.
const USUAL_STACK: u64 = 8 << 20;
/// Private memory of a lab that may be written, bytes: more than the small parent's.
const SMALL_PARENT: u64 = 32 << 20;

/// A thread of the C library: stack and guard are a mapping each.
const THREAD: Takes = Takes {
    pids: 1,
    mappings: 2,
    descriptors: 0,
    ports: 0,
    bytes: 40 << 10,
    space: AddressSpace::DefaultStack,
    committed: AddressSpace::DefaultStack,
};
const PROCESS: Takes = Takes {
    mappings: 0,
    bytes: 300 << 10,
    space: AddressSpace::Bytes(0),
    committed: AddressSpace::OfCreator,
    ..THREAD
};
/// A stack of 64 KiB with its guard.
const SMALL_STACK: AddressSpace = AddressSpace::Bytes(128 << 10);
const HUGE_STACK: AddressSpace = AddressSpace::Bytes(4 << 20);

/// All kinds.
pub const KINDS: &[Kind] = &[
    Kind { id: "thread", takes: THREAD, none_yet: thread::default_stacks },
    Kind {
        id: "thread-64KiB",
        takes: Takes { space: SMALL_STACK, committed: SMALL_STACK, ..THREAD },
        none_yet: thread::small_stacks,
    },
    Kind {
        id: "thread-huge",
        takes: Takes { bytes: 2150 << 10, space: HUGE_STACK, committed: HUGE_STACK, ..THREAD },
        none_yet: thread::huge_stacks,
    },
    Kind {
        id: "vm-process",
        takes: Takes { mappings: 1, space: SMALL_STACK, committed: SMALL_STACK, ..THREAD },
        none_yet: process::sharing_memory,
    },
    Kind { id: "fork", takes: PROCESS, none_yet: process::forked },
    Kind { id: "exec-dynamic", takes: PROCESS, none_yet: program::dynamic },
    Kind {
        id: "connection",
        takes: Takes {
            pids: 0,
            descriptors: 2,
            ports: 1,
            bytes: 16 << 10,
            committed: AddressSpace::Bytes(0),
            ..PROCESS
        },
        none_yet: connection::over_loopback,
    },
    Kind { id: "drill-thread", takes: THREAD, none_yet: drill::threads },
    Kind {
        id: "drill-process",
        takes: Takes { descriptors: 2, ..PROCESS },
        none_yet: drill::processes,
    },
];

impl Kind {
    pub(super) fn none_yet(&self) -> Result<Box<dyn Units>> {
        (self.none_yet)()
    }
}

/// The kind of this name.
///
/// # Errors
/// There is none.
pub fn kind(id: &str) -> Result<&'static Kind> {
    KINDS
        .iter()
        .find(|kind| kind.id == id)
        .ok_or_else(|| Failure::new(format!("keeping {id}"), "there is no such kind of unit"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::memory::plan as memory;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_is_kept_and_every_keeping_has_a_kind() {
        let kept: BTreeSet<&str> = memory::keepings().iter().map(|keeping| keeping.kind).collect();
        let kinds: BTreeSet<&str> = KINDS.iter().map(|kind| kind.id).collect();
        assert_eq!(kept, kinds);
        assert_eq!(kinds.len(), KINDS.len());
        assert!(kind("none").unwrap_err().tried.contains("none"));
    }
}
