//! Processes that wait: some with the lab's memory, some with a copy of it.

use super::Units;
use crate::machine;
use crate::probe::look::look_until;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::futex;
use crate::sys::idle::IdleProcesses;
use crate::sys::memory::Mapping;
use crate::sys::single_thread::SingleThread;
use crate::workers::not_alone;
use nix::sys::signal::{Signal, kill};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Time that forked processes have to check in.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(1);

/// Processes that share the lab's address space.
pub(super) fn sharing_memory() -> Result<Box<dyn Units>> {
    Ok(Box::new(Sharers(IdleProcesses::none_yet())))
}

struct Sharers(IdleProcesses);

impl Units for Sharers {
    fn grow(&mut self, to: u32) -> Result<()> {
        self.0.grow(to).map_err(|e| {
            let tried = format!("keeping {to} idle processes that share memory");
            machine::advised(Failure::os(tried, e), "clone(2)")
        })
    }
}

/// Forked processes.
pub(super) fn forked() -> Result<Box<dyn Units>> {
    let refused = |e| Failure::os("preparing to fork idle processes", e);
    let alone = SingleThread::prove().map_err(|e| not_alone(refused(e)))?;
    let desk = Mapping::shared(size_of::<AtomicU32>()).map_err(refused)?;
    Ok(Box::new(Forked { alone, desk, children: Children::default() }))
}

struct Forked {
    alone: SingleThread,
    /// How many have checked in, and a word that never changes.
    desk: Mapping,
    children: Children,
}

impl Units for Forked {
    fn grow(&mut self, to: u32) -> Result<()> {
        let tried = || format!("keeping {to} idle forked processes");
        let refused = |e| machine::advised(Failure::os(tried(), e), "fork(2)");
        let [here, never, ..] = self.desk.words() else {
            return Err(Failure::new(tried(), "a page holds no two words"));
        };
        // Later the vector would move, which each child would then hold a copy of.
        self.children.0.reserve((to as usize).saturating_sub(self.children.0.len()));
        while self.children.0.len() < to as usize {
            let child = OwnedChild::fork(&self.alone, || {
                here.fetch_add(1, Ordering::AcqRel);
                // Until it is killed.
                futex::wait_while_zero(never);
            });
            self.children.0.push(child.map_err(refused)?);
        }
        let came = || (here.load(Ordering::Acquire) >= to).then_some(());
        look_until(&tried(), PATIENCE, STEP, || Ok(came()))
    }

    fn processes(&self) -> Vec<i32> {
        self.children.pids()
    }
}

/// Children that are killed together on drop, and then reaped.
#[derive(Debug, Default)]
pub(super) struct Children(pub(super) Vec<OwnedChild>);

impl Children {
    pub(super) fn pids(&self) -> Vec<i32> {
        self.0.iter().map(|child| child.pid().as_raw()).collect()
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        // One that died by itself is a zombie until it is reaped below, so the id is still its own.
        for child in &self.0 {
            let _ = kill(child.pid(), Signal::SIGKILL);
        }
    }
}
