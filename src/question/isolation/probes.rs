//! Probes of isolation: who survives a fault, and who sees or reads whose memory.

use super::fault::{self, Fault, Who};
use super::plan::{FAULT, PROTECT};
use super::protect;
use crate::probe::{Entry, Run};

pub(in crate::question) const ALL: &[Entry] = &[
    Entry {
        family: FAULT,
        name: "segv-thread",
        statement: "A segmentation fault in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Segv, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "segv-process",
        statement: "A segmentation fault in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Segv, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "abort-thread",
        statement: "A call of abort in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Abort, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "abort-process",
        statement: "A call of abort in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Abort, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "stack-overflow-thread",
        statement: "A stack overflow in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::StackOverflow, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "stack-overflow-process",
        statement: "A stack overflow in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::StackOverflow, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-unwind-thread",
        statement: "A panic that unwinds ends its own thread alone",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicUnwind, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-unwind-process",
        statement: "A panic that unwinds in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicUnwind, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-abort-thread",
        statement: "A panic that aborts, here by a hook, in one thread ends every thread of its \
                    process",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicAbort, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "panic-abort-process",
        statement: "A panic that aborts, here by a hook, in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::PanicAbort, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "exit-thread",
        statement: "A call of exit_group in one thread ends every thread of its process",
        run: Run::Plain(|mechanism| fault::run(Fault::Exit, Who::Thread, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "exit-process",
        statement: "A call of exit_group in one process leaves the others running",
        run: Run::Plain(|mechanism| fault::run(Fault::Exit, Who::Process, mechanism)),
    },
    Entry {
        family: FAULT,
        name: "oom-thread",
        statement: "Running out of the memory of its control group in one thread ends every \
                    thread of its process",
        run: Run::InGroup(|mechanism, folder| fault::oom(Who::Thread, mechanism, folder)),
    },
    Entry {
        family: FAULT,
        name: "oom-process",
        statement: "Running out of the memory of its control group in one process leaves the \
                    others running",
        run: Run::InGroup(|mechanism, folder| fault::oom(Who::Process, mechanism, folder)),
    },
    Entry {
        family: FAULT,
        name: "heap-thread",
        statement: "What one thread writes over in the heap all threads see",
        run: Run::Plain(fault::heap_of_threads),
    },
    Entry {
        family: FAULT,
        name: "heap-process",
        statement: "What one forked process writes over in its heap no other process sees",
        run: Run::Plain(fault::heap_of_processes),
    },
    Entry {
        family: FAULT,
        name: "heap-shared",
        statement: "What one process writes over in shared memory all others see",
        run: Run::Plain(fault::heap_shared),
    },
    Entry {
        family: FAULT,
        name: "lock-dead",
        statement: "Who waits for a lock in shared memory that a dead process held waits in vain",
        run: Run::Plain(fault::lock_dead),
    },
    Entry {
        family: FAULT,
        name: "lock-robust",
        statement: "A robust lock in shared memory tells of its holder's death, and goes on",
        run: Run::Plain(fault::lock_robust),
    },
    Entry {
        family: PROTECT,
        name: "child-write",
        statement: "What a forked child writes to its memory its parent does not see",
        run: Run::Plain(protect::child_write),
    },
    Entry {
        family: PROTECT,
        name: "shared-mapping",
        statement: "What a forked child writes to memory mapped as shared its parent sees",
        run: Run::Plain(protect::shared_mapping),
    },
    Entry {
        family: PROTECT,
        name: "read-other-uid",
        statement: "A process cannot read a process of another user",
        run: Run::Plain(protect::read_other_uid),
    },
    Entry {
        family: PROTECT,
        name: "read-undumpable",
        statement: "A process cannot read one of the same user that forbids dumps of its memory",
        run: Run::Plain(protect::read_undumpable),
    },
    Entry {
        family: PROTECT,
        name: "read-same-uid",
        statement: "A process cannot read another one of the same user",
        run: Run::Plain(protect::read_same_uid),
    },
    Entry {
        family: PROTECT,
        name: "read-child",
        statement: "A process cannot read its own child",
        run: Run::Plain(protect::read_child),
    },
    Entry {
        family: PROTECT,
        name: "mem-file",
        statement: "A process cannot read another one of the same user through its memory file",
        run: Run::Plain(protect::mem_file),
    },
];
