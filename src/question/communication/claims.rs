//! What textbooks say of telling another actor something.

use crate::claim::Hinge::{Cpus, Emulation, Fifo, Hypervisor, Kernel, Processor};
use crate::claim::{Band, CellDef, Claim, Estimand, Hinge, Quantifier, STATE};
use crate::question::communication::plan::{CONDVAR, FUTEX, LOAD, SHARED, SPIN, id};
use crate::question::communication::sentences;
use crate::record::Id;

/// A ratio, by its title in a table and by its name in a sentence.
const fn ratio(title: &'static str, series: &'static str, experiment: fn() -> Id) -> CellDef {
    CellDef { title, series, condition: "", experiment, estimand: Estimand::Ratio }
}

/// What talking depends on.
const HINGES: &[Hinge] = &[Emulation, Hypervisor, Fifo, Cpus, Processor, Kernel];

pub(in crate::question) const E1: Claim = Claim {
    id: "E1",
    topic: "Communicate",
    sentence: "Sharing memory is cheap communication.",
    short: "shared memory is 100x cheaper",
    promise: "≥ 100×",
    source: STATE,
    quantity: "time of a round trip through the kernel, divided by the time to read a shared \
               variable or by that of a round trip through shared memory; in pairs",
    band: Band { low: 100.0, high: f64::INFINITY },
    contrary: None,
    truth: "A read of a cached word takes less than a nanosecond. A word that another core has \
            written arrives in some tens to hundreds of nanoseconds, for processes as for threads. \
            The kernel is expensive, above all the wake-up of a sleeping task. Shared memory is \
            therefore cheap only while both sides spin. On one core, a futex or condition variable \
            costs as much as a pipe: both need two switches.",
    exceptions: "Spinning occupies a core, and on one core it uses up the time slice. Between two \
                 cores a pipe adds a wake-up: some microseconds on bare metal, 20 to 150 µs for an \
                 idle virtual CPU. Large messages cost their copies either way. Reads of a word \
                 that other cores write are not cached reads.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["spin against pipe, threads", "futex against pipe"],
    where_time_is_virtual: &[],
    say: sentences::e1,
    cells: &[
        ratio("load against pipe", "a cached load against a pipe", || id(LOAD, "pipe")),
        ratio(
            "load against pipe's calls",
            "a cached load against a pipe's system calls alone",
            || id(LOAD, "pipe-alone"),
        ),
        ratio("spin against pipe, threads", "spinning threads", || id(SPIN, "pipe")),
        ratio("spin against pipe, processes", "spinning processes", || id(SPIN, "pipe-process")),
        ratio("futex against pipe", "a futex on one core", || id(FUTEX, "pipe")),
        ratio("condvar against pipe", "a condition variable on one core", || id(CONDVAR, "pipe")),
    ],
};

pub(in crate::question) const E5: Claim = Claim {
    id: "E5",
    topic: "Communicate",
    sentence: "Processes that share memory communicate as fast as threads do.",
    short: "processes talk as fast as threads",
    promise: "±3 %",
    source: "the question behind E1, asked by this project",
    quantity: "round-trip time through shared memory between processes, divided by that between \
               threads; in pairs, on two cores",
    band: Band::EQUAL,
    contrary: None,
    truth: "Caches work with physical addresses. A cache line travels between two cores in the \
            same way, whether they share one address space or not. The kernel finds a shared futex \
            by its memory and wakes a task in the same way. On two cores no address space is \
            switched.",
    exceptions: "On one core each round trip between processes also switches address spaces, which \
                 costs some per cent more (claims B2 and B3). Private mutexes and condition \
                 variables, the default, are slightly cheaper; both sides here use the shared \
                 kind. The wake-up of an idle core often varies by more than 3 %; futex and \
                 condition variable then stay inconclusive.",
    quantifier: Quantifier::Every,
    hinges_on: HINGES,
    stated: &["spinning words", "futexes", "condition variables"],
    where_time_is_virtual: &[],
    say: sentences::e5,
    cells: &[
        ratio("spinning words", "words that both spin on", || id(SHARED, "spin")),
        ratio("futexes", "futexes", || id(SHARED, "futex")),
        ratio("condition variables", "process-shared condition variables", || {
            id(SHARED, "condvar")
        }),
    ],
};
