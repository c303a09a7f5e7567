//! The master: the listening socket, the processes that serve, and their successors.

mod lives;
mod place;
mod process;
mod status;

use super::Settings;
use crate::machine;
use crate::record::{Failure, Result, Shape};
use crate::sys::shared_counter::SharedCounter;
use crate::sys::signal::by_default;
use crate::sys::single_thread::SingleThread;
use lives::Serving;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};
use status::SharedStatus;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};

/// A running server. Its processes are killed and reaped on drop, and die with this process
/// whatever becomes of it.
#[derive(Debug)]
pub struct Master {
    settings: Settings,
    address: SocketAddr,
    listener: TcpListener,
    shared: SharedCounter,
    status: SharedStatus,
    processes: Vec<Serving>,
    restarted: u32,
    /// The last of them, and how it had died.
    died: Option<String>,
    /// Processes in a row that could not serve.
    in_vain: u32,
    /// CPU time of children that this process had reaped before, nanoseconds.
    reaped_before_ns: u64,
    /// Says when one has died.
    deaths: SignalFd,
    mask_before: SigSet,
    alone: SingleThread,
}

/// What a server has come to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// CPU time of all its processes so far, dead ones included and the master not; nanoseconds.
    pub cpu_ns: u64,
    /// Those that live.
    pub processes: Vec<i32>,
    /// How many were started again.
    pub restarted: u32,
    /// The last of those that had died, and how.
    pub died: Option<String>,
}

impl Settings {
    /// Processes that serve.
    fn processes(&self) -> usize {
        if self.shape == Shape::Prefork { self.workers as usize } else { 1 }
    }

    /// Threads of each that accept, which are there before the first connection.
    fn actors(&self) -> u32 {
        match self.shape {
            Shape::Prefork | Shape::ThreadPerConnection | Shape::Epoll => 1,
            Shape::ThreadPool => self.workers,
            Shape::EpollPerCore => self.cpus.len() as u32,
        }
    }
}

impl Master {
    /// Listens on a port of 127.0.0.1 (0 has the kernel choose one) and starts the processes that
    /// serve. The calling process must have one thread, and keep to one: it forks. It belongs to
    /// the server from now on: it moves to its CPUs, may have as many descriptors open as the hard
    /// limit allows, and has no other children.
    ///
    /// # Errors
    /// The port is taken, a limit on processes or threads is reached, there is more than one
    /// thread.
    pub fn start(mut settings: Settings, port: u16) -> Result<Self> {
        let tried = || format!("starting a server ({})", settings.shape);
        if settings.shape.has_workers() && settings.workers == 0 {
            return Err(Failure::new(tried(), "it is to have no workers"));
        }
        let alone = SingleThread::prove().map_err(|e| Failure::os(tried(), e))?;
        machine::raise_descriptor_limit()
            .map_err(|e| Failure::os("raising the limit on descriptors", e))?;
        let cpus = place::settle(&settings.cpus)?;
        let listener = place::listener(port)?;
        let address = listener.local_addr().map_err(|e| Failure::os(tried(), e))?;
        let shared = SharedCounter::shared().map_err(|e| Failure::os(tried(), e))?;
        let (mask_before, deaths) = hear_of_deaths().map_err(|e| Failure::os(tried(), e))?;
        settings.cpus = cpus;
        let mut master = Master {
            status: SharedStatus::of(settings.processes())?,
            processes: Vec::with_capacity(settings.processes()),
            reaped_before_ns: reaped_ns()?,
            settings,
            address,
            listener,
            shared,
            restarted: 0,
            died: None,
            in_vain: 0,
            deaths,
            mask_before,
            alone,
        };
        (0..master.settings.processes()).try_for_each(|slot| master.fork(slot))?;
        master.await_all()?;
        Ok(master)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts again whatever dies, until `control` can be read or has ended; then nothing more, as
    /// that may be the end, of which the processes that serve have heard too (Ctrl-C).
    ///
    /// # Errors
    /// What it starts dies at once, again and again; a successor cannot be forked.
    pub fn supervise(&mut self, control: BorrowedFd<'_>) -> Result<()> {
        loop {
            let mut watched =
                [control, self.deaths.as_fd()].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            match poll(&mut watched, PollTimeout::NONE) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(e) => return Err(Failure::os("supervising a server", e)),
            }
            // Whatever it is: the end of the other side too.
            if watched[0].any() != Some(false) {
                return Ok(());
            }
            self.replace_dead()?;
        }
    }

    /// What it has come to so far, when whatever has died is started again. The time of dead
    /// processes is known to the microsecond.
    ///
    /// # Errors
    /// As of [`Master::supervise`]; a clock cannot be read.
    pub fn account(&mut self) -> Result<Account> {
        self.replace_dead()?;
        let mut cpu_ns = reaped_ns()? - self.reaped_before_ns;
        for process in &self.processes {
            let cpu = process.cpu.now().map_err(|e| Failure::os("reading a server's clocks", e))?;
            cpu_ns += cpu.num_nanoseconds() as u64;
        }
        let processes = self.processes.iter().map(|process| process.child.pid().as_raw()).collect();
        Ok(Account { cpu_ns, processes, restarted: self.restarted, died: self.died.clone() })
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        // All at once; each is reaped when it goes out of scope. One that has died by itself is a
        // zombie until then, so its id is still its own.
        for process in &self.processes {
            let _ = kill(process.child.pid(), Signal::SIGKILL);
        }
        self.processes.clear();
        let _ = self.mask_before.thread_set_mask();
    }
}

/// Has deaths of children be read from a descriptor; returns the mask of signals that was before.
/// They must not be ignored, as a program may be started with: no child could be waited for then.
fn hear_of_deaths() -> nix::Result<(SigSet, SignalFd)> {
    by_default(Signal::SIGCHLD)?;
    let deaths = SigSet::from(Signal::SIGCHLD);
    let before = SigSet::thread_get_mask()?;
    deaths.thread_block()?;
    let read = SignalFd::with_flags(&deaths, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    Ok((before, read))
}

/// CPU time of all children that were reaped, nanoseconds.
fn reaped_ns() -> Result<u64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)
        .map_err(|e| Failure::os("reading the CPU time of reaped processes", e))?;
    Ok((usage.user_time() + usage.system_time()).num_nanoseconds() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn settings(shape: Shape) -> Settings {
        Settings { shape, workers: 2, pages: 0, cpus: Vec::new(), crashable: false }
    }

    #[test]
    fn each_shape_has_the_processes_and_threads_that_it_is_named_for() {
        let of = |shape| {
            let settings = Settings { workers: 32, cpus: vec![3, 5], ..settings(shape) };
            (settings.processes(), settings.actors())
        };
        assert_eq!(of(Shape::Prefork), (32, 1));
        assert_eq!(of(Shape::ThreadPool), (1, 32));
        assert_eq!(of(Shape::ThreadPerConnection), (1, 1));
        assert_eq!(of(Shape::Epoll), (1, 1));
        assert_eq!(of(Shape::EpollPerCore), (1, 2));
    }

    #[test]
    fn what_cannot_be_started_is_refused_with_its_reason() {
        let none = Settings { workers: 0, ..settings(Shape::Prefork) };
        assert!(Master::start(none, 0).unwrap_err().why.contains("no workers"));
        // The harness has a thread for itself.
        let failure = Master::start(settings(Shape::Epoll), 0).unwrap_err();
        assert!(failure.why.contains("threads"), "{failure}");
    }
}
