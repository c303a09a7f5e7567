//! The lives of the processes that serve: forked, awaited, reaped, and followed by others.

use super::process::Process;
use super::{LIMITS, Master};
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
/// As many of these in a row, and the master gives up.
const MOST_LEFT: u32 = 5;
/// The same of those that were killed before they served. Somebody else may kill them, and then all
/// at once: only so many that each start is sure to end like this are a reason to give up.
const MOST_KILLED: u32 = 1_000;
/// Time that a successor has to be forked in, and between two tries: a limit may be reached for a
/// moment, in which the others can serve on.
const SCARCE: Duration = Duration::from_secs(1);
const SCARCE_STEP: Duration = Duration::from_millis(20);

/// A process that serves.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) child: OwnedChild,
    /// Its CPU time: one call a look, as the id is made once.
    pub(super) cpu: ClockId,
    /// Of the board.
    slot: usize,
    since: Instant,
}

/// Processes in a row that could not serve.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct InVain {
    /// They left by themselves.
    left: u32,
    /// They were killed before they had checked in.
    killed: u32,
}

impl InVain {
    /// One more has died. Says how many in a row are too many, if these are.
    fn count(&mut self, status: &WaitStatus, came: bool, lived: Duration) -> Option<u32> {
        // One that is killed while it serves has crashed; one that leaves by itself should not
        // have.
        match status {
            WaitStatus::Exited(..) if !came || lived < AT_ONCE => self.left += 1,
            WaitStatus::Signaled(..) if !came => self.killed += 1,
            _ => *self = InVain::default(),
        }
        let (left, killed) = (self.left >= MOST_LEFT, self.killed >= MOST_KILLED);
        if left { Some(MOST_LEFT) } else { killed.then_some(MOST_KILLED) }
    }
}

impl Master {
    /// Forks the process of a slot.
    pub(super) fn fork(&mut self, slot: usize) -> Result<()> {
        let number = self.processes.len() + 1;
        let refused = |e: std::io::Error| {
            let of = self.settings.processes();
            let tried = format!("forking process {number} of {of} ({})", self.settings.shape);
            Failure::os(tried, e).remedy(LIMITS)
        };
        let process = Process {
            settings: &self.settings,
            listener: &self.listener,
            shared: &self.shared,
            slot: self.board.slot(slot),
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
                return Err(self.board.slot(dead.slot).reason(&self.settings, status));
            }
            let here = |process: &&Serving| self.board.slot(process.slot).came() >= actors;
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
            std::thread::sleep(STEP);
        }
    }

    /// Starts a successor of each that has died, in its slot.
    pub(super) fn replace_dead(&mut self) -> Result<()> {
        for (dead, status) in self.dead()? {
            let slot = self.board.slot(dead.slot);
            let came = slot.came() >= self.settings.actors();
            if let Some(many) = self.in_vain.count(&status, came, dead.since.elapsed()) {
                let reason = slot.reason(&self.settings, &status);
                let why = format!("{many} in a row could not serve: {}", reason.why);
                return Err(Failure { why, ..reason });
            }
            self.follow(dead.slot)?;
            self.restarted += 1;
        }
        Ok(())
    }

    /// Forks a successor. What refuses it may pass, and the others serve meanwhile.
    fn follow(&mut self, slot: usize) -> Result<()> {
        insist(SCARCE, SCARCE_STEP, || self.fork(slot))
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

/// Tries again after each refusal until it is late; the last one is the reason then.
fn insist(patience: Duration, step: Duration, mut act: impl FnMut() -> Result<()>) -> Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        match act() {
            Err(_) if Instant::now() < deadline => std::thread::sleep(step),
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::Signal;
    use nix::unistd::Pid;

    const LEFT: WaitStatus = WaitStatus::Exited(Pid::from_raw(7), 98);
    const KILLED: WaitStatus = WaitStatus::Signaled(Pid::from_raw(7), Signal::SIGKILL, false);

    #[test]
    fn who_leaves_by_itself_again_and_again_cannot_serve() {
        let (mut early, mut at_once, mut late) = <[InVain; 3]>::default().into();
        for number in 1..=MOST_LEFT {
            let many = (number == MOST_LEFT).then_some(MOST_LEFT);
            assert_eq!(early.count(&LEFT, false, 2 * AT_ONCE), many);
            assert_eq!(at_once.count(&LEFT, true, AT_ONCE / 2), many);
            assert_eq!(late.count(&LEFT, true, AT_ONCE), None);
        }
    }

    #[test]
    fn it_takes_many_more_that_are_killed() {
        let (mut early, mut serving) = <[InVain; 2]>::default().into();
        for number in 1..=MOST_KILLED {
            let many = (number == MOST_KILLED).then_some(MOST_KILLED);
            assert_eq!(early.count(&KILLED, false, Duration::ZERO), many);
            assert_eq!(serving.count(&KILLED, true, Duration::ZERO), None);
        }
    }

    #[test]
    fn one_that_serves_ends_the_row() {
        let mut row = InVain { left: MOST_LEFT - 1, killed: MOST_KILLED - 1 };
        assert_eq!(row.count(&KILLED, true, Duration::ZERO), None);
        assert_eq!(row, InVain::default());
    }

    #[test]
    fn what_is_refused_for_a_moment_is_done_and_for_good_is_the_reason() {
        let tries = |refusals: u32, patience| {
            let mut tried = 0;
            let done = insist(patience, Duration::ZERO, || {
                tried += 1;
                let refused = || Failure::new("forking", format!("refusal {tried}"));
                if tried > refusals { Ok(()) } else { Err(refused()) }
            });
            (tried, done)
        };
        assert_eq!(tries(0, SCARCE), (1, Ok(())));
        assert_eq!(tries(3, SCARCE), (4, Ok(())));
        let (tried, done) = tries(3, Duration::ZERO);
        assert_eq!((tried, done.unwrap_err().why.as_str()), (1, "refusal 1"));
    }
}
