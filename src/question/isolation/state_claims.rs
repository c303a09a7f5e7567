//! What textbooks say of the state that threads and processes share.

use crate::claim::Hinge::{Kernel, Libc, Rights};
use crate::claim::{Band, CellDef, Claim, Estimand, Quantifier, STATE};
use crate::question::isolation::plan::{signal, state};
use crate::question::isolation::sentences;

/// A cell per line: what is read off, title, series, condition, and the probe's id without its
/// folder.
macro_rules! cells {
    ($of:ident; $($estimand:ident$(($what:literal))?
        $title:literal, $series:expr, $condition:literal, $probe:literal;)+) => {
        &[$(CellDef::new(
            $title, $series, $condition, || $of($probe), Estimand::$estimand$(($what))?
        ),)+]
    };
}

pub(in crate::question) const F1: Claim = Claim {
    id: "F1",
    topic: "Isolation",
    sentence: "Threads share memory, descriptors, handlers, directory and identity; processes \
               share none of these; clone flags choose.",
    short: "threads share, processes do not",
    promise: "as listed",
    source: STATE,
    quantity: "what one side sees after the other has changed it, attribute by attribute",
    band: Band::YES,
    contrary: None,
    truth: "One kernel call starts every task. Its flags decide whether the new task shares an \
            attribute or gets a copy: VM memory, FILES descriptors, FS directory and umask, \
            SIGHAND handlers, THREAD process id and limits. Thread and process are the two ends, \
            and the sets between them work. Registers, signal mask, thread id and credentials \
            belong to each task; the C library changes the user of all threads together.",
    exceptions: "Stack and registers are not tested: every task starts with its own. Threads also \
                 share resource limits; each has its own nice value, name, alternate signal stack \
                 and robust list. The raw setuid system call changes one thread. After fork, both \
                 processes use the same open files, with one position. After vfork the parent \
                 sleeps until the child leaves its memory.",
    quantifier: Quantifier::Typical,
    hinges_on: &[Kernel, Rights, Libc],
    stated: &[
        "thread: address space",
        "thread: descriptors",
        "thread: signal handlers",
        "thread: signal mask",
        "thread: folder",
        "thread: umask",
        "thread: PID",
        "thread: TID",
        "process: address space",
        "process: descriptors",
        "process: signal handlers",
        "process: signal mask",
        "process: folder",
        "process: umask",
        "process: PID",
        "process: TID",
    ],
    where_time_is_virtual: &[],
    say: sentences::f1,
    cells: cells! {
        state;
        Seen("memory") "thread: address space", "threads", "address space", "thread";
        Seen("descriptors") "thread: descriptors", "threads", "descriptors", "thread";
        Seen("handlers") "thread: signal handlers", "threads", "signal handlers", "thread";
        Unseen("mask") "thread: signal mask", "threads", "signal mask", "thread";
        Seen("folder") "thread: folder", "threads", "folder", "thread";
        Seen("umask") "thread: umask", "threads", "umask", "thread";
        Seen("pid") "thread: PID", "threads", "PID", "thread";
        Unseen("tid") "thread: TID", "threads", "TID", "thread";
        Seen("credentials through the C library") "thread: user set by the C library", BY_LIBRARY,
            "", "credentials";
        Seen("user by system call") "thread: user set by the system call", BY_CALL, "", "thread";
        Unseen("memory") "process: address space", "processes", "address space", "none";
        Unseen("descriptors") "process: descriptors", "processes", "descriptors", "none";
        Unseen("handlers") "process: signal handlers", "processes", "signal handlers", "none";
        Unseen("mask") "process: signal mask", "processes", "signal mask", "none";
        Unseen("folder") "process: folder", "processes", "folder", "none";
        Unseen("umask") "process: umask", "processes", "umask", "none";
        Unseen("pid") "process: PID", "processes", "PID", "none";
        Unseen("tid") "process: TID", "processes", "TID", "none";
        Unseen("user by system call") "process: user", "processes", "user", "none";
        Holds "clone: all flags of a thread", FLAGS, "all flags of a thread", "thread";
        Holds "clone: VM | FS | FILES | SIGHAND", FLAGS, "VM | FS | FILES | SIGHAND",
            "vm-fs-files-sighand";
        Holds "clone: VM | FILES", FLAGS, "VM | FILES", "vm-files";
        Holds "clone: VM", FLAGS, "VM", "vm";
        Holds "clone: VM | VFORK", FLAGS, "VM | VFORK", "vm-vfork";
        Holds "clone: FS | FILES", FLAGS, "FS | FILES", "fs-files";
        Holds "clone: FILES", FLAGS, "FILES", "files";
        Holds "clone: no flags", FLAGS, "no flags", "none";
        Holds "VM without FILES", "VM without FILES", "", "vm-without-files";
        Holds "sets that clone refuses", "sets that clone refuses", "", "refused";
    },
};

const BY_LIBRARY: &str = "the user of threads, set through the C library";
const BY_CALL: &str = "the user of threads, set by the system call";
const FLAGS: &str = "sets of clone flags";

pub(in crate::question) const F2: Claim = Claim {
    id: "F2",
    topic: "Isolation",
    sentence: "kill targets a process, pthread_kill a thread; a fatal signal ends all threads.",
    short: "signals: kill vs pthread_kill",
    promise: "as stated",
    source: STATE,
    quantity: "which thread handled the signal, counted per thread",
    band: Band::YES,
    contrary: None,
    truth: "A signal waits with the process, where any thread that does not block it may take it, \
            or with one thread. kill uses the first, pthread_kill (tgkill) the second. Each \
            thread's mask decides whether it may take the signal. The action belongs to the \
            process: handlers are shared, and a fatal default ends all threads.",
    exceptions: "Linux offers a signal of the process to its main thread first. Programs that \
                 block it there and wait in another thread (sigwait, signalfd) receive it in that \
                 thread. A pending standard signal is not counted twice. A fault, such as SIGSEGV, \
                 is always for the thread that caused it.",
    quantifier: Quantifier::Every,
    hinges_on: &[Kernel, Rights, Libc],
    stated: &[
        "kill: a thread that does not block it",
        "kill: waits while all block it",
        "pthread_kill: the named thread alone",
        "fatal: no thread is left",
    ],
    where_time_is_virtual: &[],
    say: sentences::f2,
    cells: cells! {
        signal;
        Holds "kill: a thread that does not block it", "kill", "", "process";
        Holds "kill: waits while all block it", "kill while all threads block the signal", "",
            "blocked";
        Holds "pthread_kill: the named thread alone", "pthread_kill", "", "thread";
        Holds "fatal: no thread is left", "a fatal signal", "", "fatal";
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::creation::plan::FLAG_SETS;
    use crate::question::isolation::pieces::PIECES;
    use crate::record::Id;

    #[test]
    fn cells_read_pieces_that_probes_look_at() {
        for cell in F1.cells {
            if let Estimand::Seen(what) | Estimand::Unseen(what) = cell.estimand {
                let piece = PIECES.iter().any(|piece| piece.name == what);
                let library = cell.series == BY_LIBRARY;
                assert!(piece != library, "{what}");
            }
        }
    }

    #[test]
    fn every_set_of_flags_has_its_cell() {
        let judged = F1.cells.iter().filter(|cell| cell.series == FLAGS);
        let judged: Vec<Id> = judged.map(CellDef::id).collect();
        assert_eq!(judged, FLAG_SETS.map(|(set, _)| state(set)));
    }
}
