//! Probes of memory: what forks share of it, and how much address space there is.

use super::super::{Entry, Run, cow, space};
use crate::plan::creation::COPYING;
use crate::plan::memory::SPACE;

pub(super) const ALL: &[Entry] = &[
    Entry {
        family: COPYING,
        name: "shared",
        statement: "After a fork, parent and children share every page of private memory",
        run: Run::Plain(cow::shared),
    },
    Entry {
        family: COPYING,
        name: "split",
        statement: "Who writes a shared page first gets a copy and pays for it; nobody else \
                    notices",
        run: Run::Plain(cow::split),
    },
    Entry {
        family: COPYING,
        name: "code",
        statement: "After a fork, parent and children share the program's code",
        run: Run::Plain(cow::code),
    },
    Entry {
        family: SPACE,
        name: "size",
        statement: "A process can map pages up to 128 TiB, and none beyond",
        run: Run::Plain(space::size),
    },
];
