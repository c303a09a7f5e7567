//! Copy-on-write: what a page costs that is written after a fork, and who pays.
//!
//! The bill is the purpose, so it is stamped always; nothing else of the operation is.

use crate::primitive::{Entry, Moments, Primitive, Setup, witness};
use crate::question::creation::way::OwnPages;
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::fork::{Child, fork, reap};
use crate::sys::futex;
use crate::sys::memory::Mapping;
use crate::sys::single_thread::SingleThread;
use crate::sys::timestamp::{NoTimestamp, SharedTimestamp};
use nix::unistd::{Pid, getpid};
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "process/write-own",
        name: "writes to private pages",
        actor: Actor::Process,
        op: "a completed fork, and a write to each of the pages, which are no longer shared",
        work: Work::Creates,
        excluded: "everything except the writes",
        source: "fork(2)",
        start: own,
    },
    Entry {
        id: "process/write-parent",
        name: "the parent's writes after a fork",
        actor: Actor::Process,
        op: "fork, a write by the parent to each of the pages while the child lives, the child's \
             end",
        work: Work::Creates,
        excluded: "everything except the writes",
        source: "fork(2), mm/memory.c",
        start: parent,
    },
    Entry {
        id: "process/write-child",
        name: "the child's writes after a fork",
        actor: Actor::Process,
        op: "fork, a write by the child to each of the pages, the child's end",
        work: Work::Creates,
        excluded: "everything except the writes",
        source: "fork(2), mm/memory.c",
        start: child,
    },
];

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
enum Writer {
    /// The parent, to pages that it has written since the child left.
    Own,
    /// The parent, while a child lives that has inherited the pages.
    Parent,
    /// That child.
    Child,
}

struct Write {
    writer: Writer,
    alone: SingleThread,
    parent: Pid,
    pages: OwnPages,
    /// The child's bill, in memory that it shares.
    noted: SharedTimestamp,
    /// What a child waits for, in memory that it shares: 1 when it may leave.
    gate: Mapping,
    bill_ns: u64,
}

impl Write {
    /// The bill of one operation, nanoseconds.
    fn once(&self) -> io::Result<u64> {
        match self.writer {
            Writer::Own => {
                reap(fork(&self.alone, Child::Exit, &NoTimestamp)?)?;
                self.pages.write_ns();
                Ok(self.pages.write_ns())
            }
            Writer::Parent => {
                let gate = &self.gate.words()[0];
                gate.store(0, Ordering::Relaxed);
                let child = fork(&self.alone, Child::Wait(self.parent, gate), &NoTimestamp)?;
                let bill_ns = self.pages.write_ns();
                gate.store(1, Ordering::Release);
                let woken = futex::wake_one(gate);
                reap(child)?;
                woken?;
                Ok(bill_ns)
            }
            Writer::Child => {
                let missing = || io::Error::other("there is no page to write");
                let pages = self.pages.memory().ok_or_else(missing)?;
                let bill = Child::Bill(self.parent, pages, &self.noted);
                reap(fork(&self.alone, bill, &NoTimestamp)?)?;
                match self.noted.take_ns() {
                    0 => Err(io::Error::other("the child's report is missing")),
                    bill_ns => Ok(bill_ns),
                }
            }
        }
    }
}

impl Primitive for Write {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            self.bill_ns += self.once()?;
            // The next child is to inherit pages that its parent alone has, and has written.
            self.pages.write_ns();
            done += 1;
        }
        Ok(done)
    }

    fn moments(&self) -> Moments {
        Moments { bill_ns: self.bill_ns, ..Moments::default() }
    }
}

/// At least one page: without any there is nothing to write.
fn start(setup: &Setup, writer: Writer) -> Result<Box<dyn Primitive>> {
    let alone = witness()?;
    let shared = |e| Failure::os("mapping memory to share with a child", e);
    Ok(Box::new(Write {
        writer,
        alone,
        parent: getpid(),
        pages: OwnPages::new(setup.arm.pages.max(1))?,
        noted: SharedTimestamp::new().map_err(shared)?,
        gate: Mapping::shared(size_of::<AtomicU32>()).map_err(shared)?,
        bill_ns: 0,
    }))
}

pub(crate) fn own(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Writer::Own)
}

pub(crate) fn parent(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Writer::Parent)
}

pub(crate) fn child(setup: &Setup) -> Result<Box<dyn Primitive>> {
    start(setup, Writer::Child)
}
