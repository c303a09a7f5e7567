//! What textbooks say of creation.

use crate::claim::Hinge::{
    Cpus, Emulation, HugePages, Hypervisor, Kernel, PageTableIsolation, Processor,
};
use crate::claim::{Band, CellDef, Claim, Estimand, Hinge, ISOLATION, Quantifier, STATE};
use crate::plan::BIG_PARENT_MIB;
use crate::question::creation::plan::Axis::{Descriptors, HugeMemory, Mappings, Memory, Threads};
use crate::question::creation::plan::{dispatch, flags, moving, race, stamped, sweep, way};
use crate::question::creation::sentences;
use crate::record::Placement;

/// A cell per line: estimand, title, series, condition, and the experiment.
macro_rules! cells {
    ($($estimand:ident $title:literal, $series:tt, $condition:literal, $experiment:expr;)+) => {
        &[$(CellDef::new($title, $series, $condition, || $experiment, Estimand::$estimand),)+]
    };
}

/// The cells of the races of fork against pools: one series per line, with the sizes of the pools.
macro_rules! race_cells {
    ($($series:literal $race:literal [$($size:tt)+];)+) => {
        &[$($(CellDef {
            title: concat!($series, ", ", threads!($size)),
            series: $series,
            condition: threads!($size),
            experiment: || race($race, $size),
            estimand: Estimand::ReadyRatio,
        },)+)+]
    };
}

macro_rules! threads {
    (1) => {
        "1 thread"
    };
    ($size:tt) => {
        concat!($size, " threads")
    };
}

pub(crate) const A1: Claim = Claim {
    id: "A1",
    topic: "Create",
    sentence: "Creating a process takes milliseconds.",
    short: "a process takes 1-10 ms",
    promise: "1-10 ms",
    source: ISOLATION,
    quantity: "time from the call until the child is reaped; where stated, until the child's first \
               instruction",
    band: Band { low: 1e6, high: 10e6 },
    contrary: None,
    truth: "fork copies the page tables, mappings and descriptor table of its parent. Its cost \
            therefore grows with the parent's touched memory, and stays far below a millisecond \
            for a small parent. exec adds the loading of a program; a dynamic program also pays \
            for its linker and page faults. The milliseconds date from machines of the 1990s.",
    exceptions: "A hypervisor that traps CPUID slows the start of every libc program. Huge pages \
                 make the fork of a large parent tens of times cheaper. vfork and posix_spawn copy \
                 none of the parent's memory.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["fork, small parent", "fork + exec dynamic, small parent"],
    where_time_is_virtual: &[],
    say: sentences::a1,
    cells: cells! {
        TimeB "fork, small parent", "fork", "a small parent", way("fork", 0);
        TimeB "fork, 1 MiB parent", "fork", "1 MiB of parent memory", sweep(Memory, 1);
        TimeB "fork, 16 MiB parent", "fork", "16 MiB of parent memory", sweep(Memory, 16);
        TimeB "fork, 64 MiB parent", "fork", "64 MiB of parent memory", sweep(Memory, 64);
        TimeB "fork, 256 MiB parent", "fork", "256 MiB of parent memory", sweep(Memory, 256);
        TimeB "fork, 1024 MiB parent", "fork", "1024 MiB of parent memory", sweep(Memory, 1024);
        TimeB "fork, 64 MiB in huge pages", HUGE, "64 MiB", sweep(HugeMemory, 64);
        TimeB "fork, 256 MiB in huge pages", HUGE, "256 MiB", sweep(HugeMemory, 256);
        TimeB "fork, 1024 MiB in huge pages", HUGE, "1024 MiB", sweep(HugeMemory, 1024);
        TimeB "fork + exec tiny, small parent", TINY, "a small parent", way("fork-exec-tiny", 0);
        TimeB "fork + exec tiny, 64 MiB", TINY, "64 MiB of parent memory",
            way("fork-exec-tiny", BIG_PARENT_MIB);
        TimeB "fork + exec static, small parent", STATIC, "", way("fork-exec-static", 0);
        TimeB "fork + exec dynamic, small parent", DYNAMIC, "a small parent",
            way("fork-exec-dynamic", 0);
        TimeB "fork + exec dynamic, 64 MiB", DYNAMIC, "64 MiB of parent memory",
            way("fork-exec-dynamic", BIG_PARENT_MIB);
        TimeB "posix_spawn tiny", "posix_spawn", "", way("spawn-tiny", 0);
        TimeB "Rust Command tiny", "std::process::Command", "", way("command-tiny", 0);
        FirstB "fork: first instruction", "first instruction after fork", "",
            stamped("process/fork");
        FirstB "fork + exec: first instruction", "first instruction after exec", "",
            stamped("process/fork-exec-tiny");
        FirstB "posix_spawn: first instruction", "first instruction after posix_spawn", "",
            stamped("process/spawn-tiny");
    },
};

const HUGE: &str = "fork in huge pages";
const TINY: &str = "exec of a tiny program";
const STATIC: &str = "exec of a static program";
const DYNAMIC: &str = "exec of a dynamic program";

/// What the creation of threads and processes depends on.
const HINGES: &[Hinge] =
    &[Emulation, Hypervisor, PageTableIsolation, HugePages, Cpus, Processor, Kernel];

pub(in crate::question) const A2: Claim = Claim {
    id: "A2",
    topic: "Create",
    sentence: "Creating a thread takes tens of microseconds.",
    short: "a thread takes 10-100 µs",
    promise: "10-100 µs",
    source: ISOLATION,
    quantity: "time from the call until the thread is joined; where stated, until its first \
               instruction",
    band: Band { low: 10e3, high: 100e3 },
    contrary: None,
    truth: "A thread is one clone call plus a stack, which the C library caches for reuse. On the \
            same core this takes from a few to some tens of microseconds. The wake-up of another, \
            sleeping core can make it hundreds.",
    exceptions: "The first threads of a program, and stacks beyond the library's cache of 40 MiB, \
                 add mmap and munmap. The wake-up of a halted virtual CPU costs more than the \
                 thread itself.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["pthread_create", "Rust std::thread"],
    where_time_is_virtual: &[],
    say: sentences::a2,
    cells: cells! {
        TimeB "Rust std::thread", "std::thread", "", way("std", 0);
        TimeA "pthread_create", "pthread", "", way("fork", 0);
        TimeB "raw clone", "raw clone", "", way("raw", 0);
        ReapedB "Rust scoped thread", "a scoped thread", "", stamped("thread/scoped");
        ReapedB "pthread_create, new stack", "pthread with a new stack", "",
            stamped("thread/pthread-fresh-stack");
        FirstB "Rust std::thread: first instruction", "first instruction of std::thread", "",
            stamped("thread/std");
        FirstA "pthread_create: first instruction", "first instruction of a pthread", "",
            stamped("clone/thread");
        FirstB "raw clone: first instruction", "first instruction of a raw clone", "",
            stamped("clone/thread");
        FirstB "scoped thread: first instruction", "first instruction of a scoped thread", "",
            stamped("thread/scoped");
        FirstB "new stack: first instruction", "first instruction on new stack", "",
            stamped("thread/pthread-fresh-stack");
    },
};

pub(in crate::question) const A3: Claim = Claim {
    id: "A3",
    topic: "Create",
    sentence: "A thread is ten to a hundred times faster to create than a process.",
    short: "a thread is 10-100x faster",
    promise: "10-100×",
    source: ISOLATION,
    quantity: "creation time of the process, divided by that of a pthread from the same parent, in \
               pairs; for vfork and sets of clone flags, divided by that of a raw clone of a \
               thread",
    band: Band { low: 10.0, high: 100.0 },
    contrary: None,
    truth: "There is no single factor. The kernel creates both with the same call. The difference \
            is the copy of the parent's address space, and after exec the new program. The \
            parent's memory, its mappings, its open files where there are thousands, and exec \
            decide the ratio. A process that shares its parent's memory (CLONE_VM, vfork) costs \
            little more than a thread.",
    exceptions: "Huge pages make the copy small again. A wake-up on another core adds to both \
                 times and lowers the factor. Cold caches change it too: the data list the first \
                 operation separately. fork copies only the calling thread, but each idle thread \
                 adds its stack.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["fork, small parent", "fork + exec dynamic, small parent"],
    where_time_is_virtual: &[],
    say: sentences::a3,
    cells: cells! {
        Ratio "fork, small parent", "fork", "a small parent", way("fork", 0);
        Ratio "fork, 1 MiB parent", "fork", "1 MiB of parent memory", sweep(Memory, 1);
        Ratio "fork, 16 MiB parent", "fork", "16 MiB of parent memory", sweep(Memory, 16);
        Ratio "fork, 64 MiB parent", "fork", "64 MiB of parent memory", sweep(Memory, 64);
        Ratio "fork, 256 MiB parent", "fork", "256 MiB of parent memory", sweep(Memory, 256);
        Ratio "fork, 1024 MiB parent", "fork", "1024 MiB of parent memory", sweep(Memory, 1024);
        Ratio "fork, 64 MiB in huge pages", HUGE, "64 MiB", sweep(HugeMemory, 64);
        Ratio "fork, 256 MiB in huge pages", HUGE, "256 MiB", sweep(HugeMemory, 256);
        Ratio "fork, 1024 MiB in huge pages", HUGE, "1024 MiB", sweep(HugeMemory, 1024);
        Ratio "fork, no mappings added", MAPPINGS, "a small parent", way("fork", 0);
        Ratio "fork, 200 mappings", MAPPINGS, "200 mappings", sweep(Mappings, 200);
        Ratio "fork, 1000 mappings", MAPPINGS, "1000 mappings", sweep(Mappings, 1000);
        Ratio "fork, 5000 mappings", MAPPINGS, "5000 mappings", sweep(Mappings, 5000);
        Ratio "fork, no descriptors added", DESCRIPTORS, "a small parent", way("fork", 0);
        Ratio "fork, 100 descriptors", DESCRIPTORS, "100 descriptors", sweep(Descriptors, 100);
        Ratio "fork, 1000 descriptors", DESCRIPTORS, "1000 descriptors", sweep(Descriptors, 1000);
        Ratio "fork, 10000 descriptors", DESCRIPTORS, "10000 descriptors",
            sweep(Descriptors, 10000);
        Ratio "fork, no threads added", THREADS, "a small parent", way("fork", 0);
        Ratio "fork, 10 idle threads", THREADS, "10 threads", sweep(Threads, 10);
        Ratio "fork, 100 idle threads", THREADS, "100 threads", sweep(Threads, 100);
        Ratio "fork, 1000 idle threads", THREADS, "1000 threads", sweep(Threads, 1000);
        Ratio "fork + exec tiny, small parent", TINY, "a small parent", way("fork-exec-tiny", 0);
        Ratio "fork + exec tiny, 64 MiB", TINY, "64 MiB of parent memory",
            way("fork-exec-tiny", BIG_PARENT_MIB);
        Ratio "fork + exec static, small parent", STATIC, "", way("fork-exec-static", 0);
        Ratio "fork + exec dynamic, small parent", DYNAMIC, "a small parent",
            way("fork-exec-dynamic", 0);
        Ratio "fork + exec dynamic, 64 MiB", DYNAMIC, "64 MiB of parent memory",
            way("fork-exec-dynamic", BIG_PARENT_MIB);
        Ratio "vfork + exec tiny", "vfork + exec of a tiny program", "", way("vfork-exec-tiny", 0);
        Ratio "posix_spawn tiny", "posix_spawn", "", way("spawn-tiny", 0);
        Ratio "Rust Command tiny", "std::process::Command", "", way("command-tiny", 0);
        Ratio "vfork, small parent", "vfork", "a small parent", flags("vm-vfork", 0);
        Ratio "vfork, 64 MiB parent", "vfork", "64 MiB of parent memory",
            flags("vm-vfork", BIG_PARENT_MIB);
        Ratio "fork on two cores", "fork on two cores", "", moving(Placement::TwoCores);
        Ratio "fork, not pinned", "unpinned fork", "", moving(Placement::Free);
        Ratio "VM | FS | FILES | SIGHAND, small parent", FLAGS, "VM | FS | FILES | SIGHAND",
            flags("vm-fs-files-sighand", 0);
        Ratio "VM | FILES, small parent", FLAGS, "VM | FILES", flags("vm-files", 0);
        Ratio "VM, small parent", FLAGS, "VM", flags("vm", 0);
        Ratio "FS | FILES, small parent", FLAGS, "FS | FILES", flags("fs-files", 0);
        Ratio "FILES, small parent", FLAGS, "FILES", flags("files", 0);
        Ratio "no flags, small parent", FLAGS, "no flags", flags("none", 0);
        Ratio "VM | FS | FILES | SIGHAND, 64 MiB", FLAGS_BIG, "VM | FS | FILES | SIGHAND",
            flags("vm-fs-files-sighand", BIG_PARENT_MIB);
        Ratio "VM | FILES, 64 MiB", FLAGS_BIG, "VM | FILES", flags("vm-files", BIG_PARENT_MIB);
        Ratio "VM, 64 MiB", FLAGS_BIG, "VM", flags("vm", BIG_PARENT_MIB);
        Ratio "FS | FILES, 64 MiB", FLAGS_BIG, "FS | FILES", flags("fs-files", BIG_PARENT_MIB);
        Ratio "FILES, 64 MiB", FLAGS_BIG, "FILES", flags("files", BIG_PARENT_MIB);
        Ratio "no flags, 64 MiB", FLAGS_BIG, "no flags", flags("none", BIG_PARENT_MIB);
    },
};

const MAPPINGS: &str = "fork over mappings";
const DESCRIPTORS: &str = "fork over descriptors";
const THREADS: &str = "fork beside idle threads";
const FLAGS: &str = "clone flags in a small parent";
const FLAGS_BIG: &str = "clone flags in a 64 MiB parent";

/// Id of the claim whose reason names the break-even of each race.
pub(crate) const RACE: &str = "A4";

pub(in crate::question) const A4: Claim = Claim {
    id: RACE,
    topic: "Create",
    sentence: "With copy-on-write, a fork is often quicker than building a thread pool from \
               scratch.",
    short: "fork beats building a thread pool",
    promise: "fork ≤ pool",
    source: STATE,
    quantity: "time until the child is ready, divided by the time until all threads of a new pool \
               are ready; same parent, in pairs",
    band: Band { low: 0.0, high: 1.0 },
    contrary: None,
    truth: "A fork costs the same whatever the size of the pool. A pool costs one thread after \
            another, and stacks beyond the C library's cache (40 MiB) need a new mapping each. \
            There is therefore a break-even: a pool size from which the fork is ready first. It is \
            low for a small parent.",
    exceptions: "The break-even rises with the parent's touched memory, because fork copies its \
                 page tables, and with exec, which loads a program. Later copy-on-write faults of \
                 the parent are not included. Where cores sleep, their wake-up adds to both sides.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["fork, small parent, 8 threads", "fork, 64 MiB parent, 8 threads"],
    where_time_is_virtual: &[],
    say: sentences::a4,
    cells: race_cells! {
        "fork, small parent" "small" [1 2 4 8 16 32 64 128];
        "fork + exec, small parent" "small-exec" [1 2 4 8 16 32 64 128];
        "fork, 64 MiB parent" "64MiB" [1 2 4 8 16 32 64 128];
        "fork + exec, 64 MiB parent" "64MiB-exec" [1 2 4 8 16 32 64 128];
        "unpinned fork, small parent" "small-free" [1 2 4 8 16 32 64 128];
    },
};

pub(in crate::question) const E4: Claim = Claim {
    id: "E4",
    topic: "Create",
    sentence: "Creating a worker for each task costs at least ten times as much as using a pool of \
               workers.",
    short: "a worker pool saves 10x per task",
    promise: "≥ 10×",
    source: ISOLATION,
    quantity: "time to create and reap a worker, divided by the round trip of a task to a waiting \
               worker; in pairs, on one core",
    band: Band { low: 10.0, high: f64::INFINITY },
    contrary: None,
    truth: "A task for a waiting worker costs a wake-up and a switch in each direction. A new \
            worker adds the work to create and remove a thread or a process. The more expensive \
            that is, the more a pool saves: most for processes that exec, least for threads.",
    exceptions: "Creating a thread is itself little more than a wake-up and a switch, so a thread \
                 pool saves less. Waiting workers hold their memory, and a crashed worker must be \
                 created again.",
    quantifier: Quantifier::Typical,
    hinges_on: HINGES,
    stated: &["fork, by futex", "exec, by futex", "pthread, by futex"],
    where_time_is_virtual: &[],
    say: sentences::e4,
    cells: cells! {
        Ratio "fork, by futex", "fork against futex", "", dispatch("futex-process/fork");
        Ratio "fork, by pipe", "fork against pipe", "", dispatch("pipe-process/fork");
        Ratio "exec, by futex", "exec against futex", "",
            dispatch("futex-process/fork-exec-dynamic");
        Ratio "exec, by pipe", "exec against pipe", "", dispatch("pipe-process/fork-exec-dynamic");
        Ratio "pthread, by futex", "pthread against futex", "", dispatch("futex-thread/pthread");
        Ratio "pthread, by pipe", "pthread against pipe", "", dispatch("pipe-thread/pthread");
    },
};
