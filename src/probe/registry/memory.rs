//! Probes of memory: what forks share of it, and how much address space there is.

use super::super::{Entry, Run, cow, space};
use crate::plan::Question;
use crate::plan::creation::COPYING;

pub(super) const ALL: &[Entry] = &[
    Entry {
        id: COPYING[0],
        question: Question::Creation,
        statement: "After a fork, parent and children share every page of private memory",
        run: Run::Plain(cow::shared),
    },
    Entry {
        id: COPYING[1],
        question: Question::Creation,
        statement: "Who writes a shared page first gets a copy and pays for it; nobody else \
                    notices",
        run: Run::Plain(cow::split),
    },
    Entry {
        id: COPYING[2],
        question: Question::Creation,
        statement: "After a fork, parent and children share the program's code",
        run: Run::Plain(cow::code),
    },
    Entry {
        id: "space/size",
        question: Question::Memory,
        statement: "A process can map pages up to 128 TiB, and none beyond",
        run: Run::Plain(space::size),
    },
];
