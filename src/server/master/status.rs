//! Where processes that serve check in, and say why they cannot: memory that they share with their
//! master.

use super::Settings;
use crate::machine::{self, Demanded};
use crate::record::{Failure, Result};
use crate::sys::memory::Mapping;
use nix::sys::wait::WaitStatus;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Words of a slot.
const WORDS: usize = 4;

/// A slot for each process that serves; its successor has the same one.
#[derive(Debug)]
pub(super) struct SharedStatus(Mapping);

/// What a process was at when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Making itself ready.
    Prepare = 1,
    /// Starting the thread of this number, the first being 0.
    Thread,
    /// Pinning a loop to the CPU of this number.
    Pin,
    /// Serving.
    Serve,
}

impl Step {
    const ALL: [Step; 4] = [Step::Prepare, Step::Thread, Step::Pin, Step::Serve];
}

impl SharedStatus {
    /// Empty slots.
    pub(super) fn of(slots: usize) -> Result<Self> {
        let words = Mapping::shared(slots * WORDS * size_of::<AtomicU32>());
        words
            .map(SharedStatus)
            .map_err(|e| Failure::os("sharing memory with processes that serve", e))
    }

    /// One of them.
    pub(super) fn slot(&self, at: usize) -> Slot<'_> {
        match &self.0.words()[at * WORDS..][..WORDS] {
            [came, step, errno, at] => Slot { came, step, errno, at },
            _ => unreachable!("a slot has that many words"),
        }
    }
}

/// The slot of one process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<'b> {
    came: &'b AtomicU32,
    step: &'b AtomicU32,
    errno: &'b AtomicU32,
    at: &'b AtomicU32,
}

impl Slot<'_> {
    /// For a process that is to be.
    pub(super) fn clear(&self) {
        for word in [self.came, self.step, self.errno, self.at] {
            word.store(0, Ordering::Release);
        }
    }

    /// One of the process's threads is about to accept.
    pub(super) fn come(&self) {
        self.came.fetch_add(1, Ordering::AcqRel);
    }

    /// How many are.
    pub(super) fn came(&self) -> u32 {
        self.came.load(Ordering::Acquire)
    }

    /// The process leaves because of this. Of several of its threads the last one is heard.
    pub(super) fn note(&self, step: Step, at: usize, error: &io::Error) {
        self.errno.store(error.raw_os_error().unwrap_or(0) as u32, Ordering::Relaxed);
        self.at.store(at as u32, Ordering::Relaxed);
        self.step.store(step as u32, Ordering::Release);
    }

    /// Why a process left that ended like this.
    pub(super) fn reason(&self, settings: &Settings, status: &WaitStatus) -> Failure {
        let number = self.step.load(Ordering::Acquire);
        let step = Step::ALL.into_iter().find(|step| *step as u32 == number);
        let at = self.at.load(Ordering::Relaxed);
        let tried = match step {
            None | Some(Step::Prepare) => "preparing it".to_owned(),
            Some(Step::Thread) => format!("starting thread {} of {}", at + 1, settings.actors()),
            Some(Step::Pin) => format!("pinning a loop to CPU {at}"),
            Some(Step::Serve) => "serving".to_owned(),
        };
        let tried = format!("a process of a server ({}): {tried}", settings.shape);
        match (step, self.errno.load(Ordering::Relaxed)) {
            (Some(_), errno @ 1..) => {
                let refused = Failure::os(tried, io::Error::from_raw_os_error(errno as i32));
                // Those that it had started are gone with it.
                let (calls, wanted) = match step {
                    Some(Step::Thread) => {
                        ("clone3(2)", Demanded::threads(settings.actors().into()))
                    }
                    _ => ("", Demanded::ACTOR),
                };
                machine::advised_for(refused, calls, wanted)
            }
            _ => Failure::new(tried, format!("it ended: {status:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::settings;
    use super::*;
    use crate::record::Shape;
    use nix::errno::Errno;
    use nix::unistd::Pid;

    #[test]
    fn a_reason_names_the_step_and_the_errno() {
        let status = SharedStatus::of(2).unwrap();
        let settings = Settings { workers: 1_000, ..settings(Shape::ThreadPool) };
        let ended = WaitStatus::Exited(Pid::from_raw(7), 98);
        let slot = status.slot(1);
        slot.come();
        slot.note(Step::Thread, 499, &Errno::EAGAIN.into());
        let failure = slot.reason(&settings, &ended);
        assert!(failure.tried.contains("thread-pool"), "{failure}");
        assert!(failure.tried.ends_with("starting thread 500 of 1000"), "{failure}");
        assert_eq!(failure.errno, Some(Errno::EAGAIN as i32));
        assert!(failure.remedy.is_some());
        assert_eq!((slot.came(), status.slot(0).came()), (1, 0));
        slot.clear();
        assert_eq!(slot.came(), 0);
        let failure = slot.reason(&settings, &ended);
        assert!(failure.why.contains("98") && failure.errno.is_none(), "{failure}");
    }
}
