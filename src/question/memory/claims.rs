//! What textbooks say of the memory that threads and processes keep.

use crate::claim::Hinge::{HugePages, Kernel, Libc, PageSize, Processor};
use crate::claim::{Band, CellDef, Claim, Estimand, ISOLATION, Quantifier, Which};
use crate::question::memory::plan::{forks_of_big, space, units};
use crate::question::memory::sentences;
use crate::question::servers::plan::{KEEP, of_shape};
use crate::record::Shape;

/// A cell per line: estimand, title, series, condition, and the footprint.
macro_rules! cells {
    ($($estimand:expr, $title:literal, $series:tt, $condition:literal, $footprint:expr;)+) => {
        &[$(CellDef::new($title, $series, $condition, || $footprint, $estimand),)+]
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
    quantity: "memory per idle thread: as reserved address space, and as memory in use, kernel \
               memory included",
    band: Band { low: 1048576.0, high: 8388608.0 },
    contrary: None,
    truth: "The megabytes are reserved address space; a stack page uses memory only when it is \
            first touched. An idle thread has touched two or three pages. The kernel adds a stack \
            of its own, some structures and a page-table page. Programs with many threads usually \
            reach a limit on their number first (pid_max, pids.max, mappings), long before memory \
            runs out.",
    exceptions: "Stacks in huge pages use 2 MiB as soon as they are touched; with transparent huge \
                 pages set to always, that can happen to any stack. With vm.overcommit_memory=2 \
                 the reserved megabytes count in full. Deep recursion leaves its pages in use. \
                 Other libraries reserve less: musl 128 KiB, Rust's std 2 MiB.",
    quantifier: Quantifier::Every,
    hinges_on: &[Kernel, PageSize, HugePages, Libc],
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
    sentence: "A process uses more memory than a thread: an address space of its own.",
    short: "a process takes more memory",
    promise: "> 1×",
    source: ISOLATION,
    quantity: "memory in use per idle process, divided by that per idle thread, kernel memory \
               included; for servers, per idle connection with its process or thread",
    band: Band { low: 1.0, high: f64::INFINITY },
    contrary: None,
    truth: "A process has its own page tables, mappings, descriptor table, signal handlers, and \
            the pages that it has written since the fork. That is several times the memory of a \
            thread, but far below a megabyte for a small process. Page tables grow with the \
            parent's touched memory, because fork copies them. Code and unwritten data stay \
            shared. In a server, the connection itself counts on both sides.",
    exceptions: "A process that shares its creator's address space (CLONE_VM) uses about as much \
                 as a thread. A process that writes its pages, or runs a managed language, uses \
                 what it writes. Sums of RSS overstate processes, because they count shared pages \
                 several times.",
    quantifier: Quantifier::Typical,
    hinges_on: &[Kernel, PageSize, HugePages, Libc],
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
    quantity: "the highest page that can be mapped, and that no page above it can",
    band: Band::YES,
    contrary: None,
    truth: "x86-64 with four levels of page tables translates 48 address bits. Half of the \
            addresses belong to the kernel, so a process has 47 bits: 128 TiB, less one page. \
            Reserving addresses uses almost no memory; memory and the limit on mappings decide how \
            much can be used.",
    exceptions: "With five levels a process has 64 PiB, but gets addresses above 128 TiB only on \
                 request. arm64 has 256 TiB with 48 address bits and 512 GiB with 39; riscv64 with \
                 Sv39 has 256 GiB.",
    quantifier: Quantifier::Every,
    hinges_on: &[Processor, Kernel],
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
