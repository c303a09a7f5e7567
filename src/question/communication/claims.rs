//! What textbooks say of telling another actor something.

use crate::claim::{Band, CellDef, Claim, Estimand, Quantifier, STATE};
use crate::question::communication::plan::{CONDVAR, FUTEX, LOAD, SHARED, SPIN, id};
use crate::question::communication::sentences;
use crate::record::Id;

/// A ratio, by its title in a table and by its name in a sentence.
const fn ratio(title: &'static str, series: &'static str, experiment: fn() -> Id) -> CellDef {
    CellDef { title, series, condition: "", experiment, estimand: Estimand::Ratio }
}

pub(in crate::question) const E1: Claim = Claim {
    id: "E1",
    topic: "Communicate",
    sentence: "Sharing memory is cheap communication.",
    short: "shared memory is 100x cheaper",
    promise: "≥ 100×",
    source: STATE,
    quantity: "time of a round trip through the kernel over time to read a shared variable, or \
               over a round trip through shared memory, in pairs",
    band: Band { low: 100.0, high: f64::INFINITY },
    contrary: None,
    truth: "What is cheap is the memory, not the thread: a word that is already in the cache takes \
            less than a nanosecond of a loop of reads, and a word that another core has written \
            arrives within some tens to hundreds, for processes that map it as for threads. What \
            is dear is the kernel, and above all waking who sleeps. So shared memory is cheap as \
            long as nobody waits: a hand-over by futex or condition variable on one core costs \
            what one through a pipe costs, for both are two switches.",
    exceptions: "Who spins burns a core, and on one core spins its time slice out. Between two \
                 cores a pipe costs a wake-up: some microseconds on a bare machine, 20 to 150 \
                 where an idle virtual CPU has to be woken. Large messages cost their copies, \
                 whatever carries them. Reads that many cores follow with writes are no cached \
                 reads any more.",
    quantifier: Quantifier::Typical,
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
    sentence: "Processes that share memory tell each other something as fast as threads do.",
    short: "processes talk as fast as threads",
    promise: "±3 %",
    source: "the question behind E1, asked by this project",
    quantity: "time of a round trip through shared memory between processes over that between \
               threads, in pairs, on two cores",
    band: Band::EQUAL,
    contrary: None,
    truth: "Caches know physical memory: whether two cores share a line through one address space \
            or through two does not change how it travels. A shared futex is found by the memory \
            that it lies in, for threads as for processes, and the kernel wakes a task the same \
            way. On two cores no address space is switched either: each core keeps its own.",
    exceptions: "On one core each hand-over between processes switches the address space too, \
                 which costs some per cent more (claims B2 and B3). Mutexes and condition \
                 variables are private to a process by default, which is a little cheaper; both \
                 sides here use the shared kind. Waking an idle core varies more than 3 % on many \
                 machines: then futex and condition variable stay inconclusive.",
    quantifier: Quantifier::Every,
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
