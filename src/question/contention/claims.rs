//! What textbooks say of actors that work at the same time.

use crate::claim::Hinge::{Cpus, Emulation, Hypervisor, Kernel, Processor};
use crate::claim::{Band, CellDef, Claim, Estimand, Hinge, Quantifier, STATE, Which};
use crate::question::contention::plan::{against, drill};
use crate::question::contention::sentences;
use crate::question::memory::plan as memory;
use crate::question::servers::plan as servers;

/// A cell per line: title, series, condition, and the experiment.
macro_rules! ratios {
    ($($title:literal, $series:literal, $condition:literal, $experiment:expr;)+) => {
        [$(CellDef::new($title, $series, $condition, || $experiment, Estimand::Ratio),)+]
    };
}

/// What working at the same time depends on.
const HINGES: &[Hinge] = &[Emulation, Hypervisor, Cpus, Processor, Kernel];

pub(in crate::question) const E2: Claim = Claim {
    id: "E2",
    topic: "Communicate",
    sentence: "Where they share no state, processes can be faster than threads.",
    short: "processes can be faster",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "time per operation of threads, divided by that of processes with the same work, one \
               worker per CPU, in pairs; for servers, time per request of a thread pool, divided \
               by that of prefork, with client and server on all CPUs",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Threads share kernel objects even where the program shares nothing: one address space \
            and one descriptor table. Mapping and unmapping take the lock of the address space, \
            and unmapping also makes other cores flush TLB entries. Opening and closing take the \
            lock of the descriptor table. A call on a descriptor counts a file reference where \
            several tasks share the table. Processes have each of these to themselves.",
    exceptions: "Before Linux 6.4, page faults also take the lock of the address space. Per-thread \
                 arenas hide most of the sharing in the allocator. Work in user space alone gains \
                 nothing (claim E6). On one CPU there is no contention. A prefork server may lose \
                 the gain again, because each of its switches changes the address space (claim \
                 E3).",
    quantifier: Quantifier::Some,
    hinges_on: HINGES,
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
    sentence: "In user space alone, threads and processes run equally fast.",
    short: "user space: no difference",
    promise: "±3 %",
    source: "the question behind E2, asked by this project",
    quantity: "time per operation of threads, divided by that of processes, on private words or on \
               memory that the workers share by intent; one worker per CPU, in pairs",
    band: Band::EQUAL,
    contrary: None,
    truth: "A core executes user code equally fast in any address space, and caches work with \
            physical addresses. False sharing concerns cache lines: processes that write to one \
            shared line wait as threads do. A contended mutex does enter the kernel, but threads \
            and processes make the same futex calls.",
    exceptions: "The private mutex is cheaper, and glibc takes it without an atomic operation in a \
                 single-threaded process; both sides here use the process-shared kind. The share \
                 of contended locks varies from run to run, so the mutex may stay inconclusive. A \
                 cache line has sixteen words: with more than 16 CPUs, some workers share a word.",
    quantifier: Quantifier::Every,
    hinges_on: HINGES,
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
    "count to 1,000", "ten counters", "1,000 turns", drill(1000);
    "count to 100,000", "ten counters", "100,000 turns", drill(100000);
    "count to 10,000,000", "ten counters", "10,000,000 turns", drill(10000000);
};

pub(in crate::question) const G1: Claim = Claim {
    id: "G1",
    topic: "Create",
    sentence: "Ten threads count faster, and in less memory, than ten processes.",
    short: "ten threads beat ten processes",
    promise: "≥ 1.1×",
    source: STATE,
    quantity: "wall time of ten forked processes, divided by that of ten threads with the same \
               work, in pairs; and peak memory of the processes, divided by that of the threads, \
               in separate launches (a control group counts in steps of 64 pages)",
    band: Band { low: 1.1, high: f64::INFINITY },
    contrary: None,
    truth: "Each process takes some tens of microseconds longer to create than a thread. After \
            that, both count at the same speed. The advantage of threads therefore shrinks as the \
            loop gets longer, and vanishes at a few milliseconds of counting. Threads use less \
            memory at any length: each process has its own page tables, kernel structures and \
            written pages.",
    exceptions: "One counter for all threads, atomic or behind a lock, costs them far more than \
                 creation does. Processes, which count separately, are then faster. A large parent \
                 makes each fork more expensive.",
    quantifier: Quantifier::Every,
    hinges_on: HINGES,
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
