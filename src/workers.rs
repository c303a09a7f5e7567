//! Workers: threads and processes that run beside the one that starts them.
//!
//! Each prepares itself first and says how that went, so that its creator waits for nothing
//! that never comes. A process that dies before that closes its pipe, which is seen as well.

mod order;

use crate::record::{Actor, Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::single_thread::SingleThread;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{Pid, gettid, pipe2, read, write};
pub(crate) use order::{Workers, minor_faults};
use std::io;
use std::os::fd::OwnedFd;
use std::thread::{Builder, JoinHandle};

/// An actor beside the main one.
#[derive(Debug, Clone, Copy)]
pub struct Companion {
    /// Its task id.
    pub task: Pid,
    /// Thread or process.
    pub actor: Actor,
}

/// A live worker. A process is killed and reaped on drop; a thread is joined and must have been
/// told to leave before.
#[derive(Debug)]
pub(crate) enum Worker {
    Thread { handle: Option<JoinHandle<()>>, task: Pid },
    Process(OwnedChild),
}

impl Worker {
    /// Starts a thread or a process, pinned to `cpu` if one is given. It prepares itself and then
    /// runs `body`; this waits until it is prepared.
    ///
    /// # Errors
    /// That of the preparation, or of creating the worker.
    pub(crate) fn start<T>(
        actor: Actor,
        cpu: Option<usize>,
        prepare: impl FnOnce() -> io::Result<T> + Send + 'static,
        body: impl FnOnce(T) + Send + 'static,
    ) -> Result<Self> {
        let place = cpu.map_or(String::new(), |cpu| format!(" on CPU {cpu}"));
        let prepare = move || pin(cpu).and_then(|()| prepare());
        match actor {
            Actor::Process => {
                fork(&format!("forking a worker{place}"), prepare, body).map(Worker::Process)
            }
            Actor::Thread | Actor::Alone | Actor::VmProcess => {
                let tried = format!("starting a worker thread{place}");
                let refused = |e| Failure::os(&tried, e);
                let (hears, says) = pipe2(OFlag::O_CLOEXEC).map_err(|e| refused(e.into()))?;
                let spawned = Builder::new().spawn(move || begin(says, prepare, body));
                let handle = Some(spawned.map_err(refused)?);
                Ok(Worker::Thread { handle, task: prepared(&tried, &hears)? })
            }
        }
    }

    /// As what it shows in counters.
    pub(crate) fn companion(&self) -> Companion {
        match self {
            Worker::Thread { task, .. } => Companion { task: *task, actor: Actor::Thread },
            Worker::Process(child) => Companion { task: child.pid(), actor: Actor::Process },
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Worker::Thread { handle, .. } = self {
            // A worker that panicked has shown in what it left undone; here no caller is left to
            // be told.
            let _ = handle.take().map(JoinHandle::join);
        }
    }
}

/// The failure to fork, with what may have started a thread where there is more than one: a lab
/// starts none by itself before it forks.
pub(crate) fn not_alone(failure: Failure) -> Failure {
    match failure.errno {
        Some(_) => failure,
        None => failure.remedy(
            "a benchmark process starts none before it forks, so a preloaded library did: see \
             /etc/ld.so.preload; another program has to fork before it starts any",
        ),
    }
}

/// Forks a process that prepares itself and then runs `body`; waits until it is prepared.
///
/// # Errors
/// That of the preparation; this process has more than one thread, or cannot fork.
pub(crate) fn fork<T>(
    tried: &str,
    prepare: impl FnOnce() -> io::Result<T>,
    body: impl FnOnce(T),
) -> Result<OwnedChild> {
    let refused = |e| Failure::os(tried, e);
    let alone = SingleThread::prove().map_err(|e| not_alone(refused(e)))?;
    let (hears, says) = pipe2(OFlag::O_CLOEXEC).map_err(|e| refused(e.into()))?;
    // The parent's end for writing is dropped with the closure.
    let child = OwnedChild::fork(&alone, move || begin(says, prepare, body)).map_err(refused)?;
    prepared(tried, &hears).map(|_| child)
}

fn pin(cpu: Option<usize>) -> io::Result<()> {
    let pinned = cpu.is_none_or(|id| core_affinity::set_for_current(core_affinity::CoreId { id }));
    if pinned { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A worker's life. It says its task id once it is prepared, or the error number below zero.
fn begin<T>(says: OwnedFd, prepare: impl FnOnce() -> io::Result<T>, body: impl FnOnce(T)) {
    let prepared = prepare();
    let word = match &prepared {
        Ok(_) => gettid().as_raw(),
        Err(e) => -e.raw_os_error().unwrap_or(Errno::EIO as i32),
    };
    let told = write(&says, &word.to_ne_bytes());
    drop(says);
    if let (Ok(prepared), Ok(_)) = (prepared, told) {
        body(prepared);
    }
}

/// Waits until a worker is prepared; its task id.
fn prepared(tried: &str, hears: &OwnedFd) -> Result<Pid> {
    let mut word = [0; size_of::<i32>()];
    let read = read(hears, &mut word).map_err(|e| Failure::os(tried, e))?;
    match i32::from_ne_bytes(word) {
        task if read == word.len() && task > 0 => Ok(Pid::from_raw(task)),
        errno if read == word.len() => Err(Failure::os(tried, Errno::from_raw(-errno))),
        _ => Err(Failure::new(tried, "it ended before it was prepared")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn only_a_second_thread_is_blamed_on_a_preloaded_library() {
        let threads = not_alone(Failure::new("preparing to fork", "the process has 2 threads"));
        assert!(threads.remedy.unwrap().contains("/etc/ld.so.preload"));
        assert_eq!(not_alone(Failure::os("preparing to fork", Errno::ENOMEM)).remedy, None);
    }

    #[test]
    fn what_a_worker_cannot_prepare_is_why_it_does_not_start() {
        let refuse = || Err::<(), _>(Errno::ENOSPC.into());
        let failure = Worker::start(Actor::Thread, None, refuse, |()| ()).unwrap_err();
        assert_eq!(failure.errno, Some(Errno::ENOSPC as i32), "{failure}");
        let nowhere = Worker::start(Actor::Thread, Some(1_000), || Ok(()), |()| ());
        assert!(nowhere.unwrap_err().tried.ends_with("on CPU 1000"));
    }

    #[test]
    fn a_worker_that_ends_before_it_is_prepared_is_no_wait() {
        let panics = || -> io::Result<()> { panic!("on purpose") };
        let failure = Worker::start(Actor::Thread, None, panics, |()| ()).unwrap_err();
        assert_eq!(failure.why, "it ended before it was prepared");
    }

    #[test]
    fn a_thread_has_what_it_prepared_and_is_joined() {
        let (hears, says) = (channel(), channel());
        let thread = Worker::start(
            Actor::Thread,
            None,
            || Ok(7),
            move |seven| {
                hears.0.send(seven).unwrap();
                says.1.recv().unwrap();
            },
        );
        let thread = thread.unwrap();
        assert_ne!(thread.companion().task, gettid());
        assert_eq!(hears.1.recv().unwrap(), 7);
        says.0.send(()).unwrap();
        drop(thread);
    }
}
