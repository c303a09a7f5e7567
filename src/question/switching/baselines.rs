//! Baselines: what everything else contains, or is held against.

use super::baseline;
use crate::primitive::Entry;
use crate::record::Actor;
use crate::record::Work::HandsOver;

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        id: "baseline/null",
        name: "empty loop",
        actor: Actor::Alone,
        op: "an empty body: the loop itself",
        work: HandsOver(0),
        excluded: "nothing",
        source: "the loop of every primitive",
        start: baseline::null,
    },
    Entry {
        id: "baseline/clock",
        name: "clock_gettime",
        actor: Actor::Alone,
        op: "one read of the monotonic clock",
        work: HandsOver(0),
        excluded: "nothing",
        source: "clock_gettime(2), vdso(7)",
        start: baseline::clock_read,
    },
    Entry {
        id: "baseline/batch",
        name: "empty batch",
        actor: Actor::Alone,
        op: "one empty batch: two pairs of clock reads and the call between them",
        work: HandsOver(0),
        excluded: "nothing",
        source: "the timing loop of this project",
        start: baseline::empty_batch,
    },
    Entry {
        id: "baseline/getppid",
        name: "getppid",
        actor: Actor::Alone,
        op: "one system call that does nearly nothing",
        work: HandsOver(0),
        excluded: "nothing",
        source: "getppid(2)",
        start: baseline::getppid,
    },
];
