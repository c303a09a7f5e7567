//! What does it cost to tell another actor something?

use crate::plan::{Experiment, Grid, TOGETHER};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Family, Id, Placement, Policy};

const QUESTION: &str = "communication";

const fn family(name: &'static str, prefix: &'static str) -> Family {
    Family { question: QUESTION, name, prefix }
}

/// Round trips over reads of shared memory.
pub const LOAD: Family = family("load", "communication/load");
/// Round trips over words in shared memory on which both spin.
pub const SPIN: Family = family("spin", "communication/spin");
/// Round trips by pipe over those by futex.
pub const FUTEX: Family = family("futex", "communication/futex");
/// Round trips by pipe over those by condition variable.
pub const CONDVAR: Family = family("condvar", "communication/condvar");
/// Processes against threads in shared memory.
pub const SHARED: Family = family("equal", "communication/equal");
/// Processes against threads on one core.
pub const ONE_CORE: Family = family("same-core", "communication/same-core");
/// Processes against threads on two cores.
pub const CORES: Family = family("two-cores", "communication/two-cores");
/// Messages to processes against messages to threads.
pub const STREAM: Family = family("stream", "communication/stream");

/// What carries the streams.
pub const CARRIERS: [&str; 3] = ["pipe", "socket", "memory"];

/// Lengths of their messages, bytes.
pub const MESSAGE_BYTES: [u64; 5] = [64, 1 << 10, 16 << 10, 256 << 10, 1 << 20];

/// Mechanisms whose round trips are compared between threads and processes on one core here; those
/// by pipe, futex and condition variable are under `switching`.
pub const SAME_CORE: [&str; 2] = ["eventfd", "socket"];

/// The same on two cores, beside those in shared memory.
pub const TWO_CORES: [&str; 3] = ["pipe", "eventfd", "socket"];

/// Id of the comparison by this mechanism.
#[must_use]
pub fn id(family: Family, mechanism: &str) -> Id {
    family.named(mechanism)
}

/// Id of the stream of messages of this length.
#[must_use]
pub fn stream(carrier: &str, bytes: u64) -> Id {
    STREAM.at([Coordinate::name(carrier), Coordinate::MessageBytes(bytes)])
}

/// The paired experiments. All under `SCHED_OTHER`: two cores need no policy to run at once, and
/// what a wake-up costs is part of the answer.
pub(in crate::question) fn experiments(_: Policy) -> Vec<Experiment> {
    let one = |id, a: Arm, b: Arm| Experiment::new(id, TOGETHER, a, b);
    let called = |primitive: &str| arm(primitive).by_library();
    let two = |arm: Arm| arm.at(Placement::TwoCores);
    let alike = ["futex/thread", "futex/process"].map(|id| two(called(id)));
    let mut plan: Vec<Experiment> = Id::controls(QUESTION)
        .into_iter()
        .zip(alike)
        .map(|(control, arm)| one(control, arm.clone(), arm))
        .collect();
    // By convention the first arm is the one that shares memory.
    plan.extend([
        one(id(LOAD, "pipe"), arm("share/load"), called("pipe/thread")),
        one(id(LOAD, "pipe-alone"), arm("share/load"), called("pipe/alone")),
        one(id(SPIN, "pipe"), two(arm("spin/thread")), two(called("pipe/thread"))),
        one(id(SPIN, "pipe-process"), two(arm("spin/process")), two(called("pipe/process"))),
        one(id(FUTEX, "pipe"), called("futex/thread"), called("pipe/thread")),
        one(id(CONDVAR, "pipe"), arm("condvar/thread"), called("pipe/thread")),
        one(id(SHARED, "spin"), two(arm("spin/thread")), two(arm("spin/process"))),
        one(id(SHARED, "futex"), two(called("futex/thread")), two(called("futex/process"))),
        one(id(SHARED, "condvar"), two(arm("condvar/thread-shared")), two(arm("condvar/process"))),
    ]);
    let both = |mechanism: &str| ["thread", "process"].map(|actor| format!("{mechanism}/{actor}"));
    for mechanism in SAME_CORE {
        let [a, b] = both(mechanism).map(|primitive| called(&primitive));
        plan.push(one(id(ONE_CORE, mechanism), a, b));
    }
    for mechanism in TWO_CORES {
        let [a, b] = both(mechanism).map(|primitive| two(called(&primitive)));
        plan.push(one(id(CORES, mechanism), a, b));
    }
    for (carrier, bytes) in CARRIERS.iter().flat_map(|carrier| MESSAGE_BYTES.map(|b| (carrier, b)))
    {
        let [a, b] =
            ["thread", "process"].map(|actor| arm(&format!("stream/{carrier}-{actor}")).of(bytes));
        let [a, b] = [a, b].map(|arm| arm.at(Placement::TwoCores));
        plan.push(one(stream(carrier, bytes), a, b));
    }
    plan
}

/// The benchmarks. Round trips by pipe are among those of switching.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    let two = |primitive: &str| arm(primitive).at(Placement::TwoCores);
    let futexes = ["futex/thread", "futex/process"].map(|id| two(id).by_library());
    let mut arms = vec![two("spin/thread")];
    arms.extend(futexes);
    if grid == Grid::Default {
        return arms;
    }
    arms.push(arm("share/load"));
    arms.push(two("spin/process"));
    arms.extend(["condvar/thread", "condvar/process"].map(two));
    for mechanism in SAME_CORE {
        let each = ["thread", "process", "alone"];
        arms.extend(each.map(|actor| arm(&format!("{mechanism}/{actor}")).by_library()));
    }
    for bytes in [64, 1 << 20] {
        let carriers = ["stream/pipe-thread", "stream/memory-thread"];
        arms.extend(carriers.map(|carrier| two(carrier).of(bytes)));
    }
    arms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_the_unit_that_fits() {
        let ids = MESSAGE_BYTES.map(|bytes| stream("pipe", bytes));
        let said = ["64B", "1KiB", "16KiB", "256KiB", "1MiB"];
        assert_eq!(
            ids.map(|id| id.to_string()),
            said.map(|length| format!("communication/stream/pipe/{length}"))
        );
    }
}
