//! What textbooks say of actors that work at the same time.

use crate::claim::{Band, CellDef, Claim, Estimand, Quantifier, STATE, Which};
use crate::question::contention::plan::{against, drill};
use crate::question::contention::sentences;
use crate::question::memory::plan as memory;
use crate::question::servers::plan as servers;

/// A cell per line: title, series, condition, and the experiment.
macro_rules! ratios {
    ($($title:literal, $series:literal, $condition:literal, $experiment:expr;)+) => {
        [$(CellDef {
            title: $title,
            series: $series,
            condition: $condition,
            experiment: || $experiment,
            estimand: Estimand::Ratio,
        },)+]
    };
}

pub(in crate::question) const E2: Claim = Claim {
    id: "E2",
    topic: "Communicate",
    sentence: "Where they share no state, processes can be faster than threads.",
    short: "processes can be faster",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "time per operation of threads over that of processes that do the same at the same \
               time, one on each CPU, in pairs; of servers, time per request of a pool of threads \
               over that of prefork processes, client and server on all CPUs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Threads share in the kernel even where the program shares nothing: one address space, \
            one table of descriptors. Mapping and unmapping take the lock of the address space; \
            unmapping pages and giving them back makes the other cores drop their translations. A \
            first touch has nothing to make them drop, and since Linux 6.4 it takes a lock of its \
            mapping alone. Opening and closing take the lock of the table and change its map, and \
            a call on a descriptor counts a reference to the file where a table has several users. \
            Processes have each of these to themselves, and so gain where the work is such calls.",
    exceptions: "Before Linux 6.4, and on architectures without locks of mappings, each fault \
                 takes the address space's. Allocators give each thread an arena, which hides most \
                 of the sharing; that glibc skips its locks in a process of one thread is part of \
                 what is measured. Work that never enters the kernel gains nothing (claim E6). On \
                 one CPU nothing contends; with more CPUs the kernel's locks contend more. With \
                 more than eight CPUs some of those who open share a folder, as threads and as \
                 processes. A server's workers are many more than CPUs and wait most of the time: \
                 what they gain as processes, they may lose again as each switch is one between \
                 address spaces (claim E3).",
    quantifier: Quantifier::Some,
    stated: &[
        "mmap, touch, munmap",
        "faults, madvise(DONTNEED)",
        "pread of one descriptor",
        "open and close",
        "malloc and free",
    ],
    where_time_is_virtual: &[],
    say: sentences::e2,
    cells: &E2_CELLS,
};

const E2_CELLS: [CellDef; 7] = {
    let [mmap, fault, read, open, malloc] = ratios! {
        "mmap, touch, munmap", "mmap + touch + munmap", "", against("mmap");
        "faults, madvise(DONTNEED)", "faults + madvise(DONTNEED)", "", against("fault");
        "pread of one descriptor", "pread of one descriptor", "", against("read");
        "open and close", "open + close", "", against("open");
        "malloc and free", "malloc + free", "", against("malloc");
    };
    [mmap, fault, read, open, malloc, SERVER, SERVER_PAGES]
};

const SERVER: CellDef = CellDef {
    title: "a server on all CPUs",
    series: "a server on all CPUs",
    condition: "0 pages touched",
    experiment: || servers::all_cpus(0),
    estimand: Estimand::Ratio,
};

const SERVER_PAGES: CellDef = CellDef {
    title: "a server on all CPUs, 32 pages touched",
    condition: "32 pages touched",
    experiment: || servers::all_cpus(servers::PAGES),
    ..SERVER
};

pub(in crate::question) const E6: Claim = Claim {
    id: "E6",
    topic: "Communicate",
    sentence: "In user space alone it makes no difference whether actors are threads or processes.",
    short: "user space: no difference",
    promise: "±3 %",
    source: "the question behind E2, asked by this project",
    quantity: "as E2, of work on memory that is shared by intent, or on words of one's own",
    band: Band::EQUAL,
    contrary: None,
    truth: "A core neither knows nor cares whose address space it runs in, and caches know \
            physical memory. False sharing is about cache lines, not about threads: processes that \
            write to one line of shared memory wait for it as threads do. Who finds a mutex taken \
            does enter the kernel, to sleep until it is woken, but by the same calls: the kernel \
            finds who waits by the memory that the mutex lies in.",
    exceptions: "The kind of mutex that is private to a process is the cheaper one, and glibc has \
                 the only thread of a process take it without an atomic operation; both sides here \
                 use the process-shared kind. How often a worker finds the mutex taken, and \
                 sleeps, varies from run to run: that cell may stay inconclusive. A line has \
                 sixteen words: with more CPUs than that, workers on one line share words too.",
    quantifier: Quantifier::Every,
    stated: &["private counters", "atomics on one line", "atomics on one word"],
    where_time_is_virtual: &[],
    say: sentences::e6,
    cells: &ratios! {
        "private counters", "private counters", "", against("private");
        "atomics on lines apart", "atomics on lines apart", "", against("padded");
        "atomics on one line", "atomics on one line", "", against("same-line");
        "atomics on one word", "atomics on one word", "", against("same-word");
        "one process-shared mutex", "a process-shared mutex", "", against("mutex");
    },
};

const DRILLS: [CellDef; 3] = ratios! {
    "count to 1,000", "the drill", "1,000 turns", drill(1000);
    "count to 100,000", "the drill", "100,000 turns", drill(100000);
    "count to 10,000,000", "the drill", "10,000,000 turns", drill(10000000);
};

pub(in crate::question) const G1: Claim = Claim {
    id: "G1",
    topic: "Create",
    sentence: "Ten threads count faster, and in less memory, than ten processes.",
    short: "ten threads beat ten processes",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "wall time of ten forked processes over that of ten threads that do the same work, \
               in pairs; and their most memory over the threads', in launches of their own, which \
               a control group counts in steps of 64 pages",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Creating ten processes takes longer than creating ten threads, by some tens of \
            microseconds each, and then both count at the same speed. So threads win by a share \
            that falls with the length of the loop and is nothing from a few milliseconds of \
            counting on. They need less memory at any length: each process has page tables, kernel \
            structures and written pages of its own.",
    exceptions: "One counter for all threads, as atomic word or behind a lock, costs them far more \
                 than creation does: then processes, which cannot do that by accident, count \
                 faster. A big parent makes forks dearer.",
    quantifier: Quantifier::Every,
    stated: &["count to 100,000", "most memory"],
    where_time_is_virtual: &[],
    say: sentences::g1,
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
    experiment: || memory::units("drill-processes"),
    estimand: Estimand::PeakOver(Which(|| memory::units("drill-threads"))),
};
