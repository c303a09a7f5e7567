//! Probes of what threads and processes share, and of who gets a signal.

use super::plan::{SIGNAL, STATE};
use super::{signal, state};
use crate::probe::{Entry, Run};
use crate::sys::sharing::Sharing;

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        family: STATE,
        name: "thread",
        statement: "A thread shares with its creator what clone(2) says: all but what is each \
                    task's own",
        run: Run::Plain(|mechanism| state::table(Sharing::All, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-fs-files-sighand",
        statement: "An actor of VM | FS | FILES | SIGHAND shares what clone(2) says: all but its \
                    identity",
        run: Run::Plain(|mechanism| state::table(Sharing::AllButIdentity, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-files",
        statement: "An actor of VM | FILES shares what clone(2) says: memory and descriptors",
        run: Run::Plain(|mechanism| state::table(Sharing::MemoryAndFiles, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm",
        statement: "An actor of VM shares what clone(2) says: memory alone",
        run: Run::Plain(|mechanism| state::table(Sharing::Memory, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-vfork",
        statement: "An actor of VM | VFORK shares what clone(2) says: memory alone",
        run: Run::Plain(|mechanism| state::table(Sharing::MemoryAndTurn, mechanism)),
    },
    Entry {
        family: STATE,
        name: "fs-files",
        statement: "An actor of FS | FILES shares what clone(2) says: descriptors, folder and \
                    umask",
        run: Run::Plain(|mechanism| state::table(Sharing::FoldersAndFiles, mechanism)),
    },
    Entry {
        family: STATE,
        name: "files",
        statement: "An actor of FILES shares what clone(2) says: descriptors alone",
        run: Run::Plain(|mechanism| state::table(Sharing::Files, mechanism)),
    },
    Entry {
        family: STATE,
        name: "none",
        statement: "A process, an actor of no flags, shares with its creator nothing of its state",
        run: Run::Plain(|mechanism| state::table(Sharing::Nothing, mechanism)),
    },
    Entry {
        family: STATE,
        name: "vm-without-files",
        statement: "VM without FILES gives one memory and two tables of descriptors",
        run: Run::Plain(state::vm_without_files),
    },
    Entry {
        family: STATE,
        name: "refused",
        statement: "clone refuses sets of flags that make no sense, with EINVAL",
        run: Run::Plain(state::refused),
    },
    Entry {
        family: STATE,
        name: "credentials",
        statement: "The effective user that one thread sets through the C library is that of all \
                    threads",
        run: Run::Plain(state::credentials),
    },
    Entry {
        family: SIGNAL,
        name: "process",
        statement: "A signal sent to a process by kill is handled once, by a thread that does not \
                    block it",
        run: Run::Plain(signal::process),
    },
    Entry {
        family: SIGNAL,
        name: "thread",
        statement: "A signal sent to a thread by pthread_kill is handled by that thread alone",
        run: Run::Plain(signal::thread),
    },
    Entry {
        family: SIGNAL,
        name: "blocked",
        statement: "A signal that all threads block waits, and the first to unblock it handles it \
                    once",
        run: Run::Plain(signal::blocked),
    },
    Entry {
        family: SIGNAL,
        name: "fatal",
        statement: "A fatal signal sent to one thread ends all threads of its process",
        run: Run::Plain(signal::fatal),
    },
];
