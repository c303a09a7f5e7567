//! The other actor of a ping-pong: a thread or a process that runs the same body.

use super::Companion;
use crate::record::{Actor, Failure, Result};
use crate::sys::child::OwnedChild;
use crate::sys::fork::SingleThread;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{Pid, gettid, pipe2, read, write};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;

/// A live partner. Whoever drops it has told it to stop before: a thread is joined.
pub(crate) enum Partner {
    Thread { handle: Option<JoinHandle<()>>, task: Pid },
    Process(OwnedChild),
}

impl Partner {
    /// Starts `body` as a thread or as a process, pinned to `cpu` if one is given, and waits until
    /// it runs.
    pub(crate) fn start(
        actor: Actor,
        cpu: Option<usize>,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<Self> {
        let (hears, says) =
            pipe2(OFlag::O_CLOEXEC).map_err(|e| Failure::os("making a pipe for the partner", e))?;
        let partner = match actor {
            Actor::Process => Self::process(cpu, says, body)?,
            Actor::Thread | Actor::Alone | Actor::VmProcess => Self::thread(cpu, says, body)?,
        };
        let mut word = [0; 4];
        let heard =
            read(&hears, &mut word).map_err(|e| Failure::os("waiting for the partner", e))?;
        match (heard, i32::from_ne_bytes(word)) {
            (4, tid) if tid > 0 => Ok(partner.with_task(Pid::from_raw(tid))),
            (4, errno) => {
                let what = format!("pinning the partner to CPU {}", cpu.unwrap_or_default());
                Err(Failure::os(what, Errno::from_raw(-errno)))
            }
            _ => Err(Failure::new("starting the partner", "it ended before it began")),
        }
    }

    fn thread(
        cpu: Option<usize>,
        says: OwnedFd,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<Self> {
        let spawned = std::thread::Builder::new().spawn(move || {
            if begin(cpu, &says) {
                drop(says);
                body();
            }
        });
        let handle = spawned.map_err(|e| Failure::os("starting the partner thread", e))?;
        Ok(Partner::Thread { handle: Some(handle), task: Pid::from_raw(0) })
    }

    fn process(cpu: Option<usize>, says: OwnedFd, body: impl FnOnce()) -> Result<Self> {
        let tried = "forking the partner process";
        let alone = SingleThread::prove().map_err(|e| Failure::os(tried, e))?;
        let child = OwnedChild::fork(&alone, || {
            if begin(cpu, &says) {
                body();
            }
        });
        drop(says);
        child.map(Partner::Process).map_err(|e| Failure::os(tried, e))
    }

    fn with_task(mut self, tid: Pid) -> Self {
        if let Partner::Thread { task, .. } = &mut self {
            *task = tid;
        }
        self
    }

    pub(crate) fn companion(&self) -> Companion {
        match self {
            Partner::Thread { task, .. } => Companion { task: *task, actor: Actor::Thread },
            Partner::Process(child) => Companion { task: child.pid(), actor: Actor::Process },
        }
    }
}

/// Pins the calling actor and says how that went: its task id, or the error number below zero.
fn begin(cpu: Option<usize>, says: &OwnedFd) -> bool {
    let pinned = cpu.is_none_or(|id| core_affinity::set_for_current(core_affinity::CoreId { id }));
    let word = if pinned { gettid().as_raw() } else { -Errno::last_raw() };
    write(says, &word.to_ne_bytes()).is_ok() && pinned
}

impl Drop for Partner {
    fn drop(&mut self) {
        if let Partner::Thread { handle, .. } = self {
            // A panicked partner has shown in the batch that it broke off; there is nobody left to
            // tell here.
            let _ = handle.take().map(JoinHandle::join);
        }
    }
}
