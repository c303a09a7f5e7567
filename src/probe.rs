//! Probes: experiments whose answer is yes or no, such as whether a page is shared.
//!
//! A probe runs in a lab of its own, which has one thread and so may fork. It is run several times, and the answer
//! counts if all runs agree ([`crate::record::Probe::agreed`]).

mod cow;
mod fault;
mod protect;
mod smaps;
mod space;
mod workers;

use crate::plan::Question;
use crate::record::{Failure, ProbeRun, Result};
use fault::{Fault, Who};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Whether the mechanism that a probe's statement is about is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// It is: the experiment.
    On,
    /// It is not: the probe's own control, which has to find the statement false.
    Off,
}

/// A probe.
#[derive(Debug)]
pub struct Entry {
    /// Unique id; in filters and lists `probe/` stands before it.
    pub id: &'static str,
    /// What it belongs to.
    pub question: Question,
    /// The sentence that each run finds true or false.
    pub statement: &'static str,
    run: Run,
}

/// How a probe is run.
#[derive(Debug, Clone, Copy)]
enum Run {
    /// As it is.
    Plain(fn(Mechanism) -> Result<ProbeRun>),
    /// With a control group of its own, in whose folder it may set limits and put processes.
    InGroup(fn(Mechanism, &Path) -> Result<ProbeRun>),
}

/// All probes.
pub const ALL: &[Entry] = &[
    Entry {
        id: "cow/shared",
        question: Question::Creation,
        statement: "After a fork, parent and children share every page of private memory",
        run: Run::Plain(cow::shared),
    },
    Entry {
        id: "cow/split",
        question: Question::Creation,
        statement: "Who writes a shared page first gets a copy and pays for it; nobody else notices",
        run: Run::Plain(cow::split),
    },
    Entry {
        id: "cow/code",
        question: Question::Creation,
        statement: "After a fork, parent and children share the program's code",
        run: Run::Plain(cow::code),
    },
    Entry {
        id: "space/size",
        question: Question::Memory,
        statement: "A process can map pages up to 128 TiB, and none beyond",
        run: Run::Plain(space::size),
    },
    Entry {
        id: "fault/segv-thread",
        question: Question::Isolation,
        statement: "A segmentation fault in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Segv, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/segv-process",
        question: Question::Isolation,
        statement: "A segmentation fault in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Segv, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/abort-thread",
        question: Question::Isolation,
        statement: "A call of abort in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Abort, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/abort-process",
        question: Question::Isolation,
        statement: "A call of abort in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Abort, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/stack-overflow-thread",
        question: Question::Isolation,
        statement: "A stack overflow in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::StackOverflow, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/stack-overflow-process",
        question: Question::Isolation,
        statement: "A stack overflow in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::StackOverflow, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/panic-unwind-thread",
        question: Question::Isolation,
        statement: "A panic that unwinds ends its own thread alone",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicUnwind, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/panic-unwind-process",
        question: Question::Isolation,
        statement: "A panic that unwinds in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicUnwind, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/panic-abort-thread",
        question: Question::Isolation,
        statement: "A panic that aborts, here by a hook, in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicAbort, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/panic-abort-process",
        question: Question::Isolation,
        statement: "A panic that aborts, here by a hook, in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicAbort, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/exit-thread",
        question: Question::Isolation,
        statement: "A call of exit_group in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Exit, Who::Thread, mechanism)),
    },
    Entry {
        id: "fault/exit-process",
        question: Question::Isolation,
        statement: "A call of exit_group in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Exit, Who::Process, mechanism)),
    },
    Entry {
        id: "fault/oom-thread",
        question: Question::Isolation,
        statement: "Running out of the memory of its control group in one thread ends every thread of its process",
        run: Run::InGroup(|mechanism, folder| fault::oom(Who::Thread, mechanism, folder)),
    },
    Entry {
        id: "fault/oom-process",
        question: Question::Isolation,
        statement: "Running out of the memory of its control group in one process leaves the others running",
        run: Run::InGroup(|mechanism, folder| fault::oom(Who::Process, mechanism, folder)),
    },
    Entry {
        id: "fault/heap-thread",
        question: Question::Isolation,
        statement: "What one thread writes over in the heap all threads see",
        run: Run::Plain(fault::heap_of_threads),
    },
    Entry {
        id: "fault/heap-process",
        question: Question::Isolation,
        statement: "What one forked process writes over in its heap no other process sees",
        run: Run::Plain(fault::heap_of_processes),
    },
    Entry {
        id: "fault/heap-shared",
        question: Question::Isolation,
        statement: "What one process writes over in shared memory all others see",
        run: Run::Plain(fault::heap_shared),
    },
    Entry {
        id: "fault/lock-dead",
        question: Question::Isolation,
        statement: "Who waits for a lock in shared memory that a dead process held waits in vain",
        run: Run::Plain(fault::lock_dead),
    },
    Entry {
        id: "fault/lock-robust",
        question: Question::Isolation,
        statement: "A robust lock in shared memory tells of its holder's death, and goes on",
        run: Run::Plain(fault::lock_robust),
    },
    Entry {
        id: "protect/child-write",
        question: Question::Isolation,
        statement: "What a forked child writes to its memory its parent does not see",
        run: Run::Plain(protect::child_write),
    },
    Entry {
        id: "protect/shared-mapping",
        question: Question::Isolation,
        statement: "What a forked child writes to memory mapped as shared its parent sees",
        run: Run::Plain(protect::shared_mapping),
    },
    Entry {
        id: "protect/read-other-uid",
        question: Question::Isolation,
        statement: "A process cannot read a process of another user",
        run: Run::Plain(protect::read_other_uid),
    },
    Entry {
        id: "protect/read-undumpable",
        question: Question::Isolation,
        statement: "A process cannot read one of the same user that forbids dumps of its memory",
        run: Run::Plain(protect::read_undumpable),
    },
    Entry {
        id: "protect/read-same-uid",
        question: Question::Isolation,
        statement: "A process cannot read another one of the same user",
        run: Run::Plain(protect::read_same_uid),
    },
    Entry {
        id: "protect/read-child",
        question: Question::Isolation,
        statement: "A process cannot read its own child",
        run: Run::Plain(protect::read_child),
    },
    Entry {
        id: "protect/mem-file",
        question: Question::Isolation,
        statement: "A process cannot read another one of the same user through its memory file",
        run: Run::Plain(protect::mem_file),
    },
];

impl Entry {
    /// Its name in filters and lists.
    #[must_use]
    pub fn name(&self) -> String {
        format!("probe/{}", self.id)
    }

    /// Does a run need a control group of its own?
    #[must_use]
    pub fn needs_group(&self) -> bool {
        matches!(self.run, Run::InGroup(_))
    }

    /// Makes one run, in the calling process: it forks.
    ///
    /// # Errors
    /// What could not be done or seen, and why: the process has more than one thread, or the kernel hides it.
    pub fn run(&self, mechanism: Mechanism, group: Option<&Path>) -> Result<ProbeRun> {
        match (self.run, group) {
            (Run::Plain(run), _) => run(mechanism),
            (Run::InGroup(run), Some(folder)) => run(mechanism, folder),
            (Run::InGroup(_), None) => {
                Err(Failure::new(format!("running {}", self.name()), "it has no control group"))
            }
        }
    }
}

/// The probe with this id.
///
/// # Errors
/// There is none.
pub fn find(id: &str) -> Result<&'static Entry> {
    ALL.iter().find(|entry| entry.id == id).ok_or_else(|| {
        Failure::new(format!("preparing the probe {id}"), "there is no such probe")
            .remedy("`process-vs-thread list` names all probes")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_found() {
        let ids: BTreeSet<&str> = ALL.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|id| find(id).unwrap().id == *id));
        assert!(find("cow/none").unwrap_err().tried.contains("cow/none"));
    }
}
