//! The fault matrix: one of several workers commits a fault. Who goes on, and what is the parent
//! told?

mod commit;
mod heap;
mod lock;
mod oom;
mod shared_status;
mod workers;

use super::plan::FAULT;
use crate::probe::{Entry, Mechanism, Run};
pub(crate) use heap::{heap_of_processes, heap_of_threads, heap_shared};
pub(crate) use lock::{lock_dead, lock_robust};
pub(crate) use oom::oom;

use crate::probe::smaps::seen;
use crate::record::{ProbeRun, Result, Seen};
use nix::sys::wait::WaitStatus;
use shared_status::{SharedStatus, WORKERS};
use std::path::Path;
use workers::{End, Workers};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        family: FAULT,
        name: "segv-thread",
        statement: "A segmentation fault in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| run(Fault::Segv, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "segv-process",
        statement: "A segmentation fault in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::Segv, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "abort-thread",
        statement: "A call of abort in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| run(Fault::Abort, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "abort-process",
        statement: "A call of abort in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::Abort, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "stack-overflow-thread",
        statement: "A stack overflow in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| run(Fault::StackOverflow, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "stack-overflow-process",
        statement: "A stack overflow in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::StackOverflow, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-unwind-thread",
        statement: "A panic that unwinds ends only its own thread",
        run: Run::Plain(|mechanism| run(Fault::PanicUnwind, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-unwind-process",
        statement: "A panic that unwinds in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::PanicUnwind, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-abort-thread",
        statement: "A panic that aborts, here by a hook, in one thread ends every thread of its \
                    process",
        run: Run::Plain(|mechanism| run(Fault::PanicAbort, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-abort-process",
        statement: "A panic that aborts, here by a hook, in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::PanicAbort, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "exit-thread",
        statement: "A call of exit_group in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| run(Fault::Exit, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "exit-process",
        statement: "A call of exit_group in one process leaves the others running",
        run: Run::Plain(|mechanism| run(Fault::Exit, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "oom-thread",
        statement: "Running out of control-group memory in one thread ends every thread of its \
                    process",
        run: Run::InGroup(|mechanism, folder| oom(Who::Thread, mechanism, folder)),
    },
    Entry {
        family: FAULT,
        name: "oom-process",
        statement: "Running out of control-group memory in one process leaves the others running",
        run: Run::InGroup(|mechanism, folder| oom(Who::Process, mechanism, folder)),
    },
    Entry {
        family: FAULT,
        name: "heap-thread",
        statement: "All threads see what one thread overwrites in the heap",
        run: Run::Plain(heap_of_threads),
    },
    Entry {
        family: FAULT,
        name: "heap-process",
        statement: "No other process sees what a forked process overwrites in its heap",
        run: Run::Plain(heap_of_processes),
    },
    Entry {
        family: FAULT,
        name: "heap-shared",
        statement: "All processes see what one of them overwrites in shared memory",
        run: Run::Plain(heap_shared),
    },
    Entry {
        family: FAULT,
        name: "lock-dead",
        statement: "A lock in shared memory stays locked after its holder has died",
        run: Run::Plain(lock_dead),
    },
    Entry {
        family: FAULT,
        name: "lock-robust",
        statement: "A robust lock in shared memory reports its holder's death and can be taken",
        run: Run::Plain(lock_robust),
    },
];

/// What the workers are: threads of one process, or processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Thread,
    Process,
}

/// What a worker does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Reads an address that may not be read.
    Segv,
    /// Calls abort(3).
    Abort,
    /// Calls itself until its stack is used up.
    StackOverflow,
    /// Panics, and unwinds.
    PanicUnwind,
    /// Panics, and a panic hook calls abort(3), as a program built with `panic=abort` does: a lab
    /// is not.
    PanicAbort,
    /// Calls _exit(2), which is exit_group.
    Exit,
    /// Writes memory until its control group has no more.
    Oom,
}

/// Without the mechanism, one thread does not commit the fault, and processes are threads of one
/// process.
pub(crate) fn run(fault: Fault, who: Who, mechanism: Mechanism) -> Result<ProbeRun> {
    let found = found(fault, who, mechanism, None)?;
    Ok(ProbeRun { holds: found.holds(fault, who), seen: found.seen() })
}

/// What there was to see of one fault.
#[derive(Debug)]
struct Found {
    /// Workers that go on after it.
    survivors: u64,
    /// How it ended; `None` where nothing happened.
    end: Option<End>,
    /// From the end being known to the first beat of a replacement, nanoseconds.
    replaced_ns: u64,
}

fn found(fault: Fault, who: Who, mechanism: Mechanism, group: Option<&Path>) -> Result<Found> {
    // That one which unwinds leaves other threads alone is what it is about: its control does not
    // unwind.
    let otherwise = if fault == Fault::PanicUnwind { Fault::PanicAbort } else { fault };
    let (who, fault) = match (mechanism, who) {
        (Mechanism::On, who) => (who, Some(fault)),
        (Mechanism::Off, Who::Thread) => {
            (Who::Thread, (fault == Fault::PanicUnwind).then_some(otherwise))
        }
        (Mechanism::Off, Who::Process) => (Who::Thread, Some(otherwise)),
    };
    let mut workers = Workers::start(who, WORKERS, fault, group)?;
    // Made before: what it takes is no part of a replacement.
    let spare = SharedStatus::new()?;
    let end = workers.commit()?;
    let replaced_ns = match &end {
        Some(end) => workers.replace(end, spare)?,
        None => 0,
    };
    Ok(Found { survivors: workers.survivors()?, end, replaced_ns })
}

impl Found {
    /// Is the statement about this fault true?
    fn holds(&self, fault: Fault, who: Who) -> bool {
        match (who, fault) {
            (Who::Thread, Fault::PanicUnwind) | (Who::Process, _) => {
                self.survivors == WORKERS as u64 - 1
            }
            (Who::Thread, _) => self.survivors == 0,
        }
    }

    fn seen(&self) -> Vec<Seen> {
        let mut all = vec![
            seen("survivors", self.survivors, "workers"),
            seen("of", WORKERS as u64, "workers"),
        ];
        let Some(end) = &self.end else { return all };
        all.extend(match end.status {
            Some(WaitStatus::Signaled(_, signal, _)) => Some(seen("signal", signal as u64, "")),
            Some(WaitStatus::Exited(_, code)) => Some(seen("exit code", code as u64, "")),
            // A thread was joined; no process was waited for.
            _ => Some(seen("joined as panicked", 1, "threads")),
        });
        all.push(seen("known after", end.known_after_ns, "ns"));
        all.push(seen("replaced after", self.replaced_ns, "ns"));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_decide() {
        let holds = |survivors, fault, who| {
            Found { survivors, end: None, replaced_ns: 0 }.holds(fault, who)
        };
        assert!(holds(0, Fault::Segv, Who::Thread) && !holds(4, Fault::Segv, Who::Thread));
        assert!(!holds(1, Fault::Segv, Who::Thread), "one of them is one too many");
        assert!(holds(3, Fault::Segv, Who::Process) && !holds(0, Fault::Segv, Who::Process));
        assert!(!holds(2, Fault::Oom, Who::Process), "it took another with it");
        assert!(!holds(4, Fault::Abort, Who::Process), "nothing happened");
        assert!(holds(3, Fault::PanicUnwind, Who::Thread));
        assert!(!holds(0, Fault::PanicUnwind, Who::Thread));
    }
}
