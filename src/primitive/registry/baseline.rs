//! Baselines: what everything else contains, or is held against.

use super::super::Switches::Each;
use super::super::{Entry, baseline};
use crate::record::Actor;

pub(super) const ALL: &[Entry] = &[
    Entry {
        id: "baseline/null",
        actor: Actor::Alone,
        op: "an empty body: the loop itself",
        switches: Each(0),
        excluded: "nothing",
        source: "the loop of every primitive",
        start: baseline::null,
    },
    Entry {
        id: "baseline/clock",
        actor: Actor::Alone,
        op: "one read of the monotonic clock",
        switches: Each(0),
        excluded: "nothing",
        source: "clock_gettime(2), vdso(7)",
        start: baseline::clock_read,
    },
    Entry {
        id: "baseline/batch",
        actor: Actor::Alone,
        op: "one empty batch: two pairs of clock reads and the call between them",
        switches: Each(0),
        excluded: "nothing",
        source: "the timing loop of this project",
        start: baseline::empty_batch,
    },
    Entry {
        id: "baseline/getppid",
        actor: Actor::Alone,
        op: "one system call that does nearly nothing",
        switches: Each(0),
        excluded: "nothing",
        source: "getppid(2)",
        start: baseline::getppid,
    },
];
