//! The spectrum from thread to process: one primitive whose argument is a set of clone flags.

use crate::primitive::{Entry, Primitive, Setup};
use crate::question::creation::way::{First, Way, create};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::clone_and_wait::ShortLivedTask;
use crate::sys::sharing::Sharing;
use crate::sys::timestamp::Timestamp;
use crate::workers::not_alone;
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "clone/thread",
        name: "raw clone of a thread",
        actor: Actor::Thread,
        op: "clone of a thread that exits at once, on a prepared stack, and the wait for its end",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand; it has no thread-local storage",
        source: "clone(2), CLONE_CHILD_CLEARTID in set_tid_address(2)",
        start: thread,
    },
    Entry {
        id: "clone/vm-fs-files-sighand",
        name: "clone with VM, FS, FILES and SIGHAND",
        actor: Actor::VmProcess,
        op: "as clone/thread with the flags VM, FS, FILES and SIGHAND: a process that shares all \
             but its identity, and waitpid",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: vm_fs_files_sighand,
    },
    Entry {
        id: "clone/vm-files",
        name: "clone with VM and FILES",
        actor: Actor::VmProcess,
        op: "as clone/vm with the flags VM and FILES",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: vm_files,
    },
    Entry {
        id: "clone/vm",
        name: "clone with CLONE_VM",
        actor: Actor::VmProcess,
        op: "clone with the flag VM alone, exit in the child, waitpid: a process in its creator's \
             address space",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: vm,
    },
    Entry {
        id: "clone/vm-vfork",
        name: "vfork",
        actor: Actor::VmProcess,
        op: "as clone/vm with the flags VM and VFORK, which is vfork: the creator sleeps until the \
             child has exited",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: vm_vfork,
    },
    Entry {
        id: "clone/fs-files",
        name: "clone with FS and FILES",
        actor: Actor::Process,
        op: "as clone/none with the flags FS and FILES: the descriptor table and the paths are \
             shared",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: fs_files,
    },
    Entry {
        id: "clone/files",
        name: "clone with FILES",
        actor: Actor::Process,
        op: "as clone/none with the flag FILES: the descriptor table is shared",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: files,
    },
    Entry {
        id: "clone/none",
        name: "raw fork (clone without flags)",
        actor: Actor::Process,
        op: "clone without flags, exit in the child, waitpid: fork without the C library's \
             handlers",
        work: Work::Creates,
        excluded: "the stack, prepared beforehand",
        source: "clone(2), wait(2)",
        start: none,
    },
];

impl Way for ShortLivedTask {
    #[inline]
    fn once<M: Timestamp>(&mut self, timestamp: &M) -> io::Result<u64> {
        ShortLivedTask::once(self, timestamp)
    }
}

fn start(setup: &Setup, sharing: Sharing) -> Result<Box<dyn Primitive>> {
    let refused = |e| not_alone(Failure::os("preparing to clone", e));
    let actors = ShortLivedTask::new(sharing).map_err(refused)?;
    create(setup, First::Actor, actors)
}

pub(crate) fn thread(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::All)
}

pub(crate) fn vm_fs_files_sighand(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::AllButIdentity)
}

pub(crate) fn vm_files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::MemoryAndFiles)
}

pub(crate) fn vm(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Memory)
}

pub(crate) fn vm_vfork(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::MemoryAndTurn)
}

pub(crate) fn fs_files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::FoldersAndFiles)
}

pub(crate) fn files(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Files)
}

pub(crate) fn none(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Sharing::Nothing)
}
