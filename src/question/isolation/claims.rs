//! What textbooks say of crashes and of memory that others cannot touch.

use crate::claim::Hinge::{Kernel, Rights};
use crate::claim::{Band, CellDef, Claim, Estimand, ISOLATION, Quantifier};
use crate::question::isolation::plan::{fault, protect};
use crate::question::isolation::sentences;
use crate::question::servers::plan::crash;
use crate::record::Shape;

/// A cell per line: title, series, condition, the probe, and what is read off it. Then those of
/// shots at servers, with the shape in the probe's place.
macro_rules! cells {
    ($($title:literal, $series:expr, $condition:literal, $probe:expr, $estimand:expr;)+
     $(shot $shot:literal, $server:expr, $kind:literal, $shape:ident, $toll:expr;)*) => {
        &[
            $(CellDef::new($title, $series, $condition, || $probe, $estimand),)+
            $(CellDef::new($shot, $server, $kind, || crash(Shape::$shape), $toll),)*
        ]
    };
}

use Estimand::{Holds, SparesOthers, TakesAll, Unseen};

pub(in crate::question) const D1: Claim = Claim {
    id: "D1",
    topic: "Isolation",
    sentence: "A crash in one thread ends its whole process; a crash of one process leaves the \
               others running.",
    short: "a thread's crash kills all",
    promise: "contained",
    source: ISOLATION,
    quantity: "which workers survive a fault of one of several, and what the parent is told; for \
               servers under load, how many other connections end when one worker crashes",
    band: Band::YES,
    contrary: None,
    truth: "A fatal signal ends the whole thread group, whichever thread it was for, because \
            threads share one memory. A crashed process loses only what is its own; its parent \
            learns how it ended and can start another. Memory that processes share is not \
            protected. A prefork server therefore loses one connection. A server of threads, or an \
            event loop, loses all connections and all state.",
    exceptions: "A Rust panic that unwinds ends only its own thread; built with panic=abort it \
                 ends all. Half-written data in shared memory stays half written, and a plain lock \
                 stays locked; a robust lock tells its next holder. A control group out of memory \
                 may be killed as a whole. A process loses all connections that it serves.",
    quantifier: Quantifier::Every,
    hinges_on: &[Kernel, Rights],
    stated: &[
        "a thread: segmentation fault",
        "a thread: abort",
        "a thread: stack overflow",
        "a thread: exit",
        "a process: segmentation fault",
        "a process: abort",
        "a process: stack overflow",
        "a process: exit",
    ],
    where_time_is_virtual: &[],
    say: sentences::d1,
    cells: cells! {
        "a thread: segmentation fault", THREAD, "a segmentation fault", fault("segv-thread"), Holds;
        "a thread: abort", THREAD, "a call of abort", fault("abort-thread"), Holds;
        "a thread: stack overflow", THREAD, "a stack overflow", fault("stack-overflow-thread"),
            Holds;
        "a thread: panic that unwinds", THREAD, "a panic that unwinds",
            fault("panic-unwind-thread"),
            Unseen("survivors");
        "a thread: panic that aborts", THREAD, "a panic that aborts", fault("panic-abort-thread"),
            Holds;
        "a thread: exit", THREAD, "a call of exit_group", fault("exit-thread"), Holds;
        "a thread: out of memory", THREAD, "running out of memory", fault("oom-thread"), Holds;
        "a process: segmentation fault", PROCESS, "a segmentation fault", fault("segv-process"),
            Holds;
        "a process: abort", PROCESS, "a call of abort", fault("abort-process"), Holds;
        "a process: stack overflow", PROCESS, "a stack overflow", fault("stack-overflow-process"),
            Holds;
        "a process: panic that unwinds", PROCESS, "a panic that unwinds",
            fault("panic-unwind-process"), Holds;
        "a process: panic that aborts", PROCESS, "a panic that aborts",
            fault("panic-abort-process"), Holds;
        "a process: exit", PROCESS, "a call of exit_group", fault("exit-process"), Holds;
        "a process: out of memory", PROCESS, "running out of memory", fault("oom-process"), Holds;
        "the heap: threads see a write", "the heap", "threads", fault("heap-thread"), Holds;
        "the heap: processes do not", "the heap", "forked processes", fault("heap-process"), Holds;
        "shared memory: a write is not seen", SHARED, "what is written over", fault("heap-shared"),
            Unseen("see it");
        "shared memory: robust lock of the dead", SHARED, "a robust lock", fault("lock-robust"),
            Holds;
        "shared memory: plain lock of the dead", SHARED, "a plain lock", fault("lock-dead"),
            Unseen("stuck");
        shot "a server: a pool of threads", TOGETHER, "a pool of threads", ThreadPool, TakesAll;
        shot "a server: a thread per connection", TOGETHER, "a thread per connection",
            ThreadPerConnection, TakesAll;
        shot "a server: an event loop", TOGETHER, "an event loop", Epoll, TakesAll;
        shot "a server: an event loop on each CPU, one shared with the client", TOGETHER,
            "an event loop on each CPU", EpollPerCore, TakesAll;
        shot "a server: prefork processes", APART, "", Prefork, SparesOthers;
    },
};

pub(in crate::question) const D2: Claim = Claim {
    id: "D2",
    topic: "Isolation",
    sentence: "No other process can read or write a process's memory directly.",
    short: "no process can read another's",
    promise: "never",
    source: ISOLATION,
    quantity: "whether one process sees another's writes, and whether the kernel lets it read the \
               other's memory",
    band: Band::YES,
    contrary: None,
    truth: "Each process has its own page tables, so no instruction of one process reaches private \
            memory of another. The kernel does it on request, for debuggers (process_vm_readv, \
            /proc/pid/mem). It asks whether the reader may trace the target: never across users, \
            and within one user as Yama's ptrace_scope and the target's dumpable flag decide.",
    exceptions: "Without Yama, or with ptrace_scope 0, a process may read any process of its user; \
                 with 1, its descendants and processes that permit it; with 2 or 3, none. Root and \
                 CAP_SYS_PTRACE may read all, so both sides here are ordinary users. Memory mapped \
                 as shared is visible by design.",
    quantifier: Quantifier::Every,
    hinges_on: &[Kernel, Rights],
    stated: &[
        "reading one of the same user",
        "reading one's own child",
        "the memory file of one of the same user",
    ],
    where_time_is_virtual: &[],
    say: sentences::d2,
    cells: cells! {
        "a forked child's write", "a forked child's writes", "", protect("child-write"), Holds;
        "a write to shared memory", "memory mapped as shared", "", protect("shared-mapping"),
            Unseen("parent sees it");
        "reading another user's process", CALL, "another user's process", protect("read-other-uid"),
            Holds;
        "reading one that forbids dumps", CALL, "one that forbids dumps",
            protect("read-undumpable"), Holds;
        "reading one of the same user", CALL, "one of the same user", protect("read-same-uid"),
            Holds;
        "reading one's own child", CALL, "one's own child", protect("read-child"), Holds;
        "the memory file of one of the same user", "/proc/pid/mem", "one of the same user",
            protect("mem-file"), Holds;
    },
};

const THREAD: &str = "a thread's fault";
const PROCESS: &str = "a process's fault";
const SHARED: &str = "shared memory";
const CALL: &str = "process_vm_readv";
const TOGETHER: &str = "a server of one process whose worker crashes";
const APART: &str = "a server of processes whose worker crashes";
