//! Probes of how much address space there is.

use super::plan::SPACE;
use super::space;
use crate::probe::{Entry, Run};

pub(in crate::question) const ALL: &[Entry] = &[Entry {
    family: SPACE,
    name: "size",
    statement: "A process can map pages up to 128 TiB, and none beyond",
    run: Run::Plain(space::size),
}];
