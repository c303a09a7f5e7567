//! Workers with a heartbeat, of whom the first commits a fault when it is told.
//!
//! They run in forked children, which are whole copies of a lab with a single thread, and so may
//! start threads.

use super::board::{BEAT, Board, ERRNO, LIFE_S, ORDER, PASSED};
use super::commit::NO_FAULT;
use super::{Fault, Who};
use crate::probe::look::look_until;
use crate::record::{Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::clock::monotonic_ns;
use crate::sys::fork::{SingleThread, exit};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Who goes on beats at least this many times more.
const MORE_BEATS: u32 = 3;
/// Who is to be counted as dead has this long to beat.
const WINDOW: Duration = Duration::from_millis(100);
/// Time that workers have to appear, and survivors to beat.
const PATIENCE: Duration = Duration::from_secs(4);
/// Status of a process that could not be prepared.
const UNPREPARED: i32 = 98;

/// How a fault ended, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// The end of the process; `None` where a thread alone ended.
    pub(super) status: Option<WaitStatus>,
    /// When it was known, as waitpid or the join had returned: nanoseconds of `CLOCK_MONOTONIC`.
    known_ns: u64,
    /// How long after the moment right before the fault that was, nanoseconds.
    pub(super) known_after_ns: u64,
}

impl End {
    fn new(status: Option<WaitStatus>, fault_ns: u64, known_ns: u64) -> Result<Self> {
        let known_after_ns = match fault_ns {
            0 => return Err(Failure::new("timing a fault", format!("{status:?} came before it"))),
            fault_ns => span(fault_ns, known_ns)?,
        };
        Ok(End { status, known_ns, known_after_ns })
    }
}

/// From one moment to another, nanoseconds.
fn span(from_ns: u64, to_ns: u64) -> Result<u64> {
    let backwards = || Failure::new("timing a fault", "the second moment lies before the first");
    to_ns.checked_sub(from_ns).ok_or_else(backwards)
}

/// Live workers. They are killed and reaped on drop, and die with this process.
#[derive(Debug)]
pub(super) struct Crew {
    who: Who,
    count: usize,
    fault: Option<Fault>,
    board: Board,
    started: Instant,
    children: Vec<OwnedChild>,
}

impl Crew {
    /// Starts workers, in this control group or where the lab is, and waits until all beat. The
    /// fault is what the first one commits when it is told.
    ///
    /// # Errors
    /// This process has more than one thread or cannot fork, or the workers do not come.
    pub(super) fn start(
        who: Who,
        count: usize,
        fault: Option<Fault>,
        group: Option<&Path>,
    ) -> Result<Self> {
        let mut crew = Self::start_on(Board::new()?, who, count, fault, group)?;
        crew.await_word("starting workers", |board| {
            (0..count).all(|worker| board.beats(worker) > 0).into()
        })?;
        // From now on it is a replacement's.
        let _ = crew.board.first.take_ns();
        Ok(crew)
    }

    fn start_on(
        board: Board,
        who: Who,
        count: usize,
        fault: Option<Fault>,
        group: Option<&Path>,
    ) -> Result<Self> {
        let refused = |e| Failure::os("forking workers", e);
        let alone = SingleThread::prove().map_err(refused)?;
        let processes = if who == Who::Thread { 1 } else { count };
        let (started, children) = (Instant::now(), Vec::with_capacity(processes));
        let mut crew = Crew { who, count, fault, board, started, children };
        for worker in 0..processes {
            let board = &crew.board;
            let child = OwnedChild::fork(&alone, || {
                if let Err(e) = board.prepare(group) {
                    let errno = e.raw_os_error().unwrap_or(Errno::EIO as i32);
                    board.word(ERRNO).store(errno as u32, Ordering::Release);
                    exit(UNPREPARED);
                }
                match who {
                    Who::Thread => board.lead(count, fault),
                    Who::Process => board.work(worker, fault),
                }
            });
            crew.children.push(child.map_err(refused)?);
        }
        Ok(crew)
    }

    /// Tells the first worker to commit the fault, and waits until its end is known; `None` where
    /// it commits none.
    ///
    /// # Errors
    /// The fault did not happen, or ended nothing in time.
    pub(super) fn commit(&mut self) -> Result<Option<End>> {
        self.board.word(ORDER).store(1, Ordering::Release);
        let Some(fault) = self.fault else {
            self.await_word("passing by a fault", |board| {
                board.word(PASSED).load(Ordering::Acquire).into()
            })?;
            return Ok(None);
        };
        if (self.who, fault) == (Who::Thread, Fault::PanicUnwind) {
            let known_ns = self.await_word("joining a thread", |board| board.joined.take_ns())?;
            return End::new(None, self.board.fault.take_ns(), known_ns).map(Some);
        }
        // Its alarm goes off at the latest.
        let status = self.children[0].wait();
        let known_ns = monotonic_ns();
        let tried = || format!("committing {}", fault.name());
        match status.map_err(|e| Failure::os(tried(), e))? {
            WaitStatus::Exited(_, NO_FAULT) if fault == Fault::Oom => {
                let why = "memory could be written to four times the limit: it does not bind";
                Err(Failure::new(tried(), why))
            }
            WaitStatus::Exited(_, NO_FAULT) => Err(Failure::new(tried(), "nothing happened")),
            WaitStatus::Signaled(_, Signal::SIGALRM, _) => {
                Err(Failure::new(tried(), format!("it ended nothing in {LIFE_S} s")))
            }
            status => End::new(Some(status), self.board.fault.take_ns(), known_ns).map(Some),
        }
    }

    /// Starts what was lost anew; returns how long after its end was known the replacement beats,
    /// nanoseconds. It stays outside a control group: to enter one can take the kernel longer than
    /// all else.
    ///
    /// # Errors
    /// It does not come.
    pub(super) fn replace(&mut self, end: &End, spare: Board) -> Result<u64> {
        let tried = "replacing what was lost";
        let came_ns = match end.status {
            // The process has done so itself.
            None => self.await_word(tried, |board| board.first.take_ns())?,
            Some(_) => {
                let count = if self.who == Who::Thread { self.count } else { 1 };
                let mut crew = Self::start_on(spare, self.who, count, None, None)?;
                crew.await_word(tried, |board| board.first.take_ns())?
            }
        };
        span(end.known_ns, came_ns)
    }

    /// How many workers go on: they beat some times more.
    ///
    /// # Errors
    /// It took so long that those who went on ended themselves.
    pub(super) fn survivors(&mut self) -> Result<u64> {
        let going_on = self.going_on();
        match self.started.elapsed() < Duration::from_secs(LIFE_S.into()) {
            true => Ok(going_on),
            false => {
                let why = format!("all of it took longer than {LIFE_S} s");
                Err(Failure::new("counting the survivors", why))
            }
        }
    }

    fn going_on(&mut self) -> u64 {
        let then: Vec<u32> = (0..self.count).map(|worker| self.board.beats(worker)).collect();
        let start = Instant::now();
        loop {
            std::thread::sleep(BEAT);
            let goes_on = |worker: &usize| {
                self.board.beats(*worker) >= then[*worker].wrapping_add(MORE_BEATS)
            };
            let going_on = (0..self.count).filter(goes_on).count() as u64;
            // Who committed the fault may have ended alone; nobody else whose process lives has.
            let waited_for = (1..self.count).filter(|worker| !goes_on(worker)).collect::<Vec<_>>();
            let missed = waited_for.into_iter().any(|worker| self.lives(worker));
            let waited = start.elapsed();
            if waited >= PATIENCE || (waited >= WINDOW && !missed) {
                return going_on;
            }
        }
    }

    /// Does the process of this worker live?
    fn lives(&mut self, worker: usize) -> bool {
        let process = if self.who == Who::Thread { 0 } else { worker };
        matches!(self.children[process].look(), Ok(WaitStatus::StillAlive))
    }

    fn all_live(&mut self) -> Result<()> {
        for child in &mut self.children {
            match child.look() {
                Ok(WaitStatus::StillAlive) => {}
                Ok(WaitStatus::Exited(_, UNPREPARED)) => {
                    let errno = self.board.word(ERRNO).load(Ordering::Acquire) as i32;
                    return Err(Failure::os("preparing workers", Errno::from_raw(errno)));
                }
                found => {
                    let why = format!("one of them ended: {found:?}");
                    return Err(Failure::new("working with heartbeats", why));
                }
            }
        }
        Ok(())
    }

    /// Waits until this is not 0 by looking, so that a worker that died is seen.
    fn await_word(&mut self, tried: &str, read: impl Fn(&Board) -> u64) -> Result<u64> {
        look_until(tried, PATIENCE, BEAT, || match read(&self.board) {
            0 => self.all_live().map(|()| None),
            found => Ok(Some(found)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_cannot_be_is_a_reason_and_no_zero() {
        let end = End::new(None, 5, 12).unwrap();
        assert_eq!((end.known_after_ns, end.known_ns), (7, 12));
        assert!(
            End::new(None, 0, 12).unwrap_err().why.contains("before it"),
            "no fault was stamped"
        );
        assert!(End::new(None, 12, 5).is_err());
    }
}
