//! What textbooks say of actors that work at the same time.

use super::STATE;
use crate::claim::{Band, CellDef, Claim, Estimand};

/// A cell per line: title, series, condition, and the experiment's id without its question.
macro_rules! ratios {
    ($($title:literal, $series:literal, $condition:literal, $experiment:literal;)+) => {
        [$(CellDef {
            title: $title,
            series: $series,
            condition: $condition,
            experiment: concat!("contention/", $experiment),
            estimand: Estimand::Ratio,
        },)+]
    };
}

pub(super) const E2: Claim = Claim {
    id: "E2",
    topic: "Share",
    sentence: "Where they share no state, processes can be faster than threads.",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "time per operation of threads over that of processes that do the same at the same time, one on each CPU, in pairs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Threads share in the kernel even where the program shares nothing: one address space with its lock, one \
            table of files. Mapping, unmapping and faulting take that lock and make the other cores drop their \
            translations; a call on a descriptor counts a reference to the file that a process with a table of its \
            own need not count. Processes have each of these to themselves and so gain where the work is such calls. \
            Work that never enters the kernel gains nothing: a core neither knows nor cares whose address space it \
            runs in.",
    exceptions: "False sharing is about cache lines, not about threads: processes that write to one line of shared \
                 memory wait for it as threads do. A mutex between processes can be the dearer one, for the kernel \
                 finds who waits by the page and not by the address. Allocators give each thread an arena, which \
                 hides most of the sharing. On one CPU nothing contends; with more CPUs the kernel's locks contend more.",
    cells: &ratios! {
        "mmap, touch, munmap", "mmap + touch + munmap", "", "mmap";
        "page faults", "page faults", "", "fault";
        "pread of one descriptor", "pread of one descriptor", "", "read";
        "open and close", "open + close", "", "open";
        "malloc and free", "malloc + free", "", "malloc";
        "private counters", "private counters", "", "private";
        "atomics on lines apart", "atomics on lines apart", "", "padded";
        "atomics on one line", "atomics on one line", "", "same-line";
        "atomics on one word", "atomics on one word", "", "same-word";
        "one mutex", "a mutex", "", "mutex";
    },
};

const DRILLS: [CellDef; 3] = ratios! {
    "count to 1,000", "the drill", "1,000 turns", "drill/1000";
    "count to 100,000", "the drill", "100,000 turns", "drill/100000";
    "count to 10,000,000", "the drill", "10,000,000 turns", "drill/10000000";
};

pub(super) const G1: Claim = Claim {
    id: "G1",
    topic: "Serve",
    sentence: "Ten threads count faster, and in less memory, than ten processes.",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "wall time of ten forked processes over that of ten threads that do the same work, and their most memory, in pairs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Creating ten processes takes longer than creating ten threads, by some tens of microseconds each, and then \
            both count at the same speed. So threads win by a share that falls with the length of the loop and is \
            nothing from a few milliseconds of counting on. They need less memory at any length: each process has \
            page tables, kernel structures and written pages of its own.",
    exceptions: "One counter for all threads, as atomic word or behind a lock, costs them far more than creation does: \
                 then processes, which cannot do that by accident, count faster. A big parent makes forks dearer.",
    cells: &G1_CELLS,
};

const G1_CELLS: [CellDef; 4] = {
    let [short, middle, long] = DRILLS;
    [short, middle, long, PEAK]
};

const PEAK: CellDef = CellDef {
    title: "most memory",
    series: "most memory",
    condition: "",
    experiment: "memory/drill-processes",
    estimand: Estimand::PeakOver("memory/drill-threads"),
};
