//! The lives of the processes that serve: forked, awaited, reaped, and followed by others.

use super::Master;
use super::process::Process;
use crate::machine;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use nix::sys::wait::WaitStatus;
use nix::time::ClockId;
use std::time::{Duration, Instant};

/// Time that all which is started beforehand has to check in, and between two looks at it.
const PATIENCE: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(1);
/// A process that leaves sooner than this could not serve, even if it was about to.
const AT_ONCE: Duration = Duration::from_secs(1);
/// As many that could not serve in a row, and the master gives up.
const MOST_IN_VAIN: u32 = 5;

/// A process that serves.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) child: OwnedChild,
    /// Its CPU time: one call a look, as the id is made once.
    pub(super) cpu: ClockId,
    /// Of the shared status.
    slot: usize,
    since: Instant,
}

impl Master {
    /// Forks the process of a slot.
    pub(super) fn fork(&mut self, slot: usize) -> Result<()> {
        let number = self.processes.len() + 1;
        let refused = |e: std::io::Error| {
            let of = self.settings.processes();
            let tried = format!("forking process {number} of {of} ({})", self.settings.shape);
            machine::advised(Failure::os(tried, e), "fork(2)")
        };
        let process = Process {
            settings: &self.settings,
            listener: &self.listener,
            shared: &self.shared,
            slot: self.status.slot(slot),
        };
        process.slot.clear();
        let since = Instant::now();
        let child = OwnedChild::fork(&self.alone, || process.serve()).map_err(refused)?;
        let cpu = ClockId::pid_cpu_clock_id(child.pid()).map_err(|e| refused(e.into()))?;
        self.processes.push(Serving { child, cpu, slot, since });
        Ok(())
    }

    /// Waits until all have checked in, by looking, so that one that dies is seen.
    pub(super) fn await_all(&mut self) -> Result<()> {
        let (actors, deadline) = (self.settings.actors(), Instant::now() + PATIENCE);
        loop {
            if let Some((dead, status)) = self.dead()?.first() {
                return Err(self.status.slot(dead.slot).reason(&self.settings, status));
            }
            let here = |process: &&Serving| self.status.slot(process.slot).came() >= actors;
            let came = self.processes.iter().filter(here).count();
            if came == self.processes.len() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let tried = format!("starting a server ({})", self.settings.shape);
                let (all, patience) = (self.processes.len(), PATIENCE.as_secs());
                let why = format!("{came} of {all} processes were ready in {patience} s");
                return Err(Failure::new(tried, why));
            }
            crate::sys::clock::pause(STEP);
        }
    }

    /// Starts a successor of each that has died, in its slot.
    pub(super) fn replace_dead(&mut self) -> Result<()> {
        for (dead, status) in self.dead()? {
            let slot = self.status.slot(dead.slot);
            // Where several threads serve, the first may be asked before the last has come.
            let came = slot.came() > 0;
            let left = matches!(status, WaitStatus::Exited(..)) && dead.since.elapsed() < AT_ONCE;
            // One that is killed while it serves has crashed.
            self.in_vain = if !came || left { self.in_vain + 1 } else { 0 };
            if self.in_vain == MOST_IN_VAIN {
                let reason = slot.reason(&self.settings, &status);
                let why = format!("{MOST_IN_VAIN} in a row could not serve: {}", reason.why);
                return Err(Failure { why, ..reason });
            }
            self.fork(dead.slot)?;
            self.restarted += 1;
            let how = match status {
                WaitStatus::Signaled(_, signal, _) => format!("killed by {signal}"),
                WaitStatus::Exited(_, code) => format!("with exit status {code}"),
                other => format!("{other:?}"),
            };
            self.died = Some(format!("process {}, which serves, died: {how}", dead.child.pid()));
        }
        Ok(())
    }

    /// Takes out and reaps those that have died since it was asked last.
    fn dead(&mut self) -> Result<Vec<(Serving, WaitStatus)>> {
        let refused = |e| Failure::os("looking at the processes of a server", e);
        let mut some = false;
        // One signal may stand for many deaths.
        while self.deaths.read_signal().map_err(refused)?.is_some() {
            some = true;
        }
        let mut dead = Vec::new();
        if some {
            let mut at = 0;
            while at < self.processes.len() {
                match self.processes[at].child.look().map_err(refused)? {
                    status @ (WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => {
                        dead.push((self.processes.swap_remove(at), status));
                    }
                    _ => at += 1,
                }
            }
        }
        Ok(dead)
    }
}
