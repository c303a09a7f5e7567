//! Probes of isolation: who survives a fault, and who sees or reads whose memory.

use super::super::fault::{self, Fault, Who};
use super::super::{Entry, Run, protect};
use crate::plan::Question;

pub(super) const ALL: &[Entry] = &[
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
        statement: "A panic that aborts, here by a hook, in one thread ends every thread of its \
                    process",
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
        statement: "Running out of the memory of its control group in one thread ends every \
                    thread of its process",
        run: Run::InGroup(|mechanism, folder| fault::oom(Who::Thread, mechanism, folder)),
    },
    Entry {
        id: "fault/oom-process",
        question: Question::Isolation,
        statement: "Running out of the memory of its control group in one process leaves the \
                    others running",
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
