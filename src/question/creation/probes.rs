//! Probes of copy-on-write: what forks share of memory.

use super::cow;
use super::plan::COPYING;
use crate::probe::{Entry, Run};

pub(in crate::question) const ALL: &[Entry] = &[
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
];
