//! What a process does that serves: makes itself ready, checks in, and serves by its shape.

use super::status::{Slot, Step};
use crate::record::Shape;
use crate::server::handler::SharedState;
use crate::server::{Settings, blocking, event};
use crate::sys::fork::exit;
use crate::sys::signal::by_default;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, dup2_stdin, dup2_stdout};
use std::fs::File;
use std::io;
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;

/// Status of a process that cannot serve.
const UNABLE: i32 = 98;
/// Status of one of whose threads one panicked: it ends as a whole, so that its master has it back
/// as a whole.
const PANICKED: i32 = 101;

/// What a process has to serve with. It is a forked child: it leaves by `_exit`, and its master's
/// objects are copies that it never drops.
#[derive(Debug)]
pub(super) struct Process<'m> {
    pub(super) settings: &'m Settings,
    pub(super) listener: &'m TcpListener,
    pub(super) shared: &'m AtomicU64,
    pub(super) slot: Slot<'m>,
}

impl Process<'_> {
    /// Serves until it is killed, or cannot.
    pub(super) fn serve(&self) -> ! {
        if let Err(e) = prepare() {
            self.leave(Step::Prepare, 0, &e);
        }
        let state =
            SharedState { settings: self.settings, own: AtomicU64::new(0), shared: self.shared };
        let cpus = &self.settings.cpus;
        match self.settings.shape {
            Shape::Prefork => self.work(|| blocking::in_turn(self.listener, &state)),
            Shape::ThreadPerConnection => {
                self.work(|| blocking::thread_for_each(self.listener, &state))
            }
            Shape::Epoll => self.work(|| event::run(self.listener, &state)),
            Shape::ThreadPool => self.together(|_| blocking::in_turn(self.listener, &state)),
            Shape::EpollPerCore => self.together(|number| {
                pin(cpus[number]).unwrap_or_else(|e| self.leave(Step::Pin, cpus[number], &e));
                event::run(self.listener, &state)
            }),
        }
    }

    /// Starts as many threads as the shape has, which all work alike; the first one waits for them
    /// and does nothing. Their stacks are the standard library's, 2 MiB of addresses each, as a
    /// server's are that asks for nothing else.
    fn together(&self, body: impl Fn(usize) -> io::Result<()> + Sync) -> ! {
        std::thread::scope(|scope| {
            for number in 0..self.settings.actors() as usize {
                let body = &body;
                let work = move || self.work(|| body(number));
                if let Err(e) = std::thread::Builder::new().spawn_scoped(scope, work) {
                    self.leave(Step::Thread, number, &e);
                }
            }
        });
        // No thread returns.
        exit(UNABLE)
    }

    /// Checks in and works. Only a failure ends that, and the process with it.
    fn work(&self, body: impl FnOnce() -> io::Result<()>) -> ! {
        self.slot.come();
        match catch_unwind(AssertUnwindSafe(body)) {
            Ok(Ok(())) => exit(UNABLE),
            Ok(Err(e)) => self.leave(Step::Serve, 0, &e),
            Err(_) => exit(PANICKED),
        }
    }

    fn leave(&self, step: Step, at: usize, error: &io::Error) -> ! {
        self.slot.note(step, at, error);
        exit(UNABLE)
    }
}

/// What its master set up for itself is undone: signals do what they do by default, its input and
/// output are not held. The master's signalfd(2) stays open, as nothing comes of it.
fn prepare() -> io::Result<()> {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD] {
        by_default(signal)?;
    }
    SigSet::empty().thread_set_mask()?;
    let null = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    // A crash leaves neither a file nor a core handler, for which the kernel would keep the master
    // waiting: that takes a limit of one byte, as a handler gets its core whatever the limit is
    // otherwise (core(5)).
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    Ok(setrlimit(Resource::RLIMIT_CORE, hard.min(1), hard)?)
}

fn pin(cpu: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(cpu)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &only)?)
}
