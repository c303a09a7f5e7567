//! What textbooks say of the memory that threads and processes keep.

use crate::claim::{Band, CellDef, Claim, Estimand, ISOLATION, Quantifier, Which};
use crate::question::memory::plan::{forks_of_big, space, units};
use crate::question::memory::sentences;
use crate::question::servers::plan::{KEEP, of_shape};
use crate::record::Shape;

/// A cell per line: estimand, title, series, condition, and the footprint.
macro_rules! cells {
    ($($estimand:expr, $title:literal, $series:tt, $condition:literal, $footprint:expr;)+) => {
        &[$(CellDef {
            title: $title,
            series: $series,
            condition: $condition,
            experiment: || $footprint,
            estimand: $estimand,
        },)+]
    };
}

/// Id of the claim whose reason begins with the first limit.
pub(crate) const STACKS: &str = "C1";

const SPACE: &str = "address space";
const IN_USE: &str = "memory in use";
const FORKED: &str = "a forked process";

pub(in crate::question) const C1: Claim = Claim {
    id: STACKS,
    topic: "Memory",
    sentence: "Each thread takes one to eight megabytes for its stack.",
    short: "a thread takes 1-8 MB of stack",
    promise: "1-8 MiB",
    source: ISOLATION,
    quantity: "memory per idle thread: once as address space, once as memory in use, kernel \
               memory included",
    band: Band { low: 1048576.0, high: 8388608.0 },
    contrary: None,
    truth: "The megabytes are address space that is reserved: a page of a stack takes memory when \
            it is first touched. An idle thread has touched two or three; the kernel adds a stack \
            of its own, some structures, and a page of page tables, as stacks lie too far apart to \
            share one. What many threads meet first is mostly a limit on their number (pid_max, \
            pids.max, mappings), long before memory is exhausted.",
    exceptions: "Stacks in huge pages take 2 MiB as soon as they are touched; with transparent \
                 huge pages set to always, that can happen to any stack. Where memory may not be \
                 overcommitted (vm.overcommit_memory=2), the reserved megabytes count in full. A \
                 thread that recurses deeply keeps what it has touched. Other libraries reserve \
                 less: musl 128 KiB, std of Rust 2 MiB.",
    quantifier: Quantifier::Every,
    stated: &["in use, default stack"],
    where_time_is_virtual: &[],
    say: sentences::c1,
    cells: cells! {
        Estimand::VirtualPerUnit, "address space, 64 KiB stack", SPACE, "a stack of 64 KiB",
            units("thread-64KiB");
        Estimand::VirtualPerUnit, "address space, default stack", SPACE,
            "a stack of the default size", units("thread");
        Estimand::MemoryPerUnit, "in use, 64 KiB stack", IN_USE, "a stack of 64 KiB",
            units("thread-64KiB");
        Estimand::MemoryPerUnit, "in use, default stack", IN_USE, "a stack of the default size",
            units("thread");
        Estimand::MemoryPerUnit, "in use, stack in huge pages", IN_USE, "a stack in huge pages",
            units("thread-huge");
    },
};

pub(in crate::question) const C2: Claim = Claim {
    id: "C2",
    topic: "Memory",
    sentence: "A process keeps more memory than a thread: an address space of its own.",
    short: "a process takes more memory",
    promise: "> 1×",
    source: ISOLATION,
    quantity: "memory in use per idle process over that per idle thread, kernel memory included; \
               of servers, per idle connection with the process or the thread that waits for it",
    band: Band { low: 1.0, high: f64::INFINITY },
    contrary: None,
    truth: "A process has page tables, a list of mappings, a table of descriptors and one of \
            signal handlers of its own, and the pages that it has written since the fork. That is \
            several times what a thread keeps, and still far below a megabyte for a small one. \
            Page tables grow with the memory that the parent has touched, for a fork copies them. \
            Code and unwritten data are shared with the parent. In a server the connection itself \
            is in both figures, and so brings them closer to each other.",
    exceptions: "A process that shares its creator's address space (clone with CLONE_VM) keeps \
                 about what a thread keeps: it is the address space that costs, not being a \
                 process. A process that goes on to write its pages, or that runs a managed \
                 language, keeps what it writes. Sums of resident sizes overstate processes, as \
                 shared pages are in each.",
    quantifier: Quantifier::Typical,
    stated: &["forked process, small parent", "process after exec, dynamic"],
    where_time_is_virtual: &[],
    say: sentences::c2,
    cells: cells! {
        OVER_THREAD, "forked process, small parent", FORKED, "a small parent", units("fork");
        OVER_THREAD, "forked process, 64 MiB parent", FORKED, "64 MiB of parent memory",
            forks_of_big();
        OVER_THREAD, "process after exec, dynamic", "a process after exec", "",
            units("exec-dynamic");
        OVER_THREAD, "process with CLONE_VM", "a process that shares its address space", "",
            units("vm-process");
        OVER_POOL, "a server's connection: prefork over thread pool",
            "a connection of a prefork server", "",
            of_shape(KEEP, Shape::Prefork);
    },
};

const OVER_THREAD: Estimand = Estimand::MemoryOver(Which(|| units("thread")));
const OVER_POOL: Estimand = Estimand::MemoryOver(Which(|| of_shape(KEEP, Shape::ThreadPool)));

pub(in crate::question) const C3: Claim = Claim {
    id: "C3",
    topic: "Memory",
    sentence: "A process has 128 TiB of address space on a 64-bit system.",
    short: "a process has 128 TiB to address",
    promise: "128 TiB",
    source: ISOLATION,
    quantity: "the last page that can be mapped, and that none can beyond",
    band: Band::YES,
    contrary: None,
    truth: "x86-64 with four levels of page tables translates 48 bits of an address, and half of \
            that is the kernel's: 47 bits are 128 TiB for the process, less a page at the end. It \
            is a space of numbers: reserving all of it takes next to no memory, and how much of it \
            can be used is a matter of memory and of the limit on mappings.",
    exceptions: "With five levels a process has 64 PiB, but gets addresses above 128 TiB only \
                 where it asks for them. arm64 has 256 TiB with 48 bits of address and 512 GiB \
                 with 39; riscv64 with Sv39 has 256 GiB.",
    quantifier: Quantifier::Every,
    stated: &["128 TiB and no more"],
    where_time_is_virtual: &[],
    say: sentences::c3,
    cells: &[CellDef {
        title: "128 TiB and no more",
        series: "address space",
        condition: "",
        experiment: || space("size"),
        estimand: Estimand::Holds,
    }],
};
