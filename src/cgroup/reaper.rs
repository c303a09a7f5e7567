//! The reaper: a small process that removes a driver's control groups after the driver has ended.
//!
//! It leads a session of its own, so that a person's Ctrl-C does not reach it, and reads a pipe
//! that closes when the driver ends, however it ends.

use super::group::clear_left;
use crate::record::{Failure, Result};
use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::setsid;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, StdinLock, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first line that a reaper reads: who reads it calls [`main`].
pub(crate) const OPENING: &str = "keep control groups";
/// The one line that it answers.
pub(super) const LISTENING: &str = "listening";
const TELLING: &str = "telling the reaper of control groups";

/// Messages to the reaper.
#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// A control group is going to be made here.
    Keep(PathBuf),
    /// It was removed.
    Forget(PathBuf),
}

/// The driver's end, started with the first group. With the last copy the reaper goes, and is
/// reaped.
#[derive(Debug, Clone)]
pub struct CgroupReaper(Arc<Mutex<Registry>>);

#[derive(Debug)]
struct Registry {
    path: PathBuf,
    arguments: Vec<OsString>,
    child: Option<Child>,
    /// The groups that it has to know.
    groups: BTreeSet<PathBuf>,
    /// Groups that were tried.
    tried: u32,
}

impl CgroupReaper {
    /// A reaper that this program becomes when it is told the opening line.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, arguments: &[OsString]) -> Self {
        let (path, arguments) = (path.into(), arguments.to_vec());
        let (child, groups, tried) = (None, BTreeSet::new(), 0);
        CgroupReaper(Arc::new(Mutex::new(Registry { path, arguments, child, groups, tried })))
    }

    /// Has no group been tried yet?
    pub(super) fn is_new(&self) -> bool {
        self.registry().tried == 0
    }

    /// The number of the next group that is tried.
    pub(super) fn number(&self) -> u32 {
        let mut registry = self.registry();
        registry.tried += 1;
        registry.tried - 1
    }

    /// Tells the reaper of a group that is going to be made at `folder`; starts it, should there be
    /// none.
    ///
    /// # Errors
    /// It cannot be started, or has ended. The next call starts another, which is told of all
    /// groups.
    pub(super) fn keep(&self, folder: &Path) -> Result<()> {
        let mut registry = self.registry();
        registry.groups.insert(folder.to_owned());
        let Registry { path, arguments, child, groups, .. } = &mut *registry;
        let told = match child {
            Some(child) => tell(child, &Order::Keep(folder.to_owned())),
            none => start(path, arguments).and_then(|started| {
                let child = none.insert(started);
                groups.iter().try_for_each(|group| tell(child, &Order::Keep(group.clone())))
            }),
        };
        if told.is_err() {
            registry.groups.remove(folder);
            registry.dismiss();
        }
        told
    }

    /// Tells the reaper that the group at `folder` was removed.
    pub(super) fn forget(&self, folder: &Path) {
        let mut registry = self.registry();
        registry.groups.remove(folder);
        let order = Order::Forget(folder.to_owned());
        if matches!(registry.child.as_mut().map(|child| tell(child, &order)), Some(Err(_))) {
            registry.dismiss();
        }
    }

    /// A thread that panicked here has left a reaper or none, both of which will do.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Reaps a reaper that does not listen.
    fn dismiss(&mut self) {
        if let Some(child) = &mut self.child.take() {
            kill(child);
        }
    }
}

impl Drop for Registry {
    /// Lets the reaper remove what is left and end, and reaps it.
    fn drop(&mut self) {
        // To wait closes its input first.
        let _ = self.child.take().as_mut().map(Child::wait);
    }
}

/// Starts a reaper and waits until no signal to the driver's session reaches it.
fn start(path: &Path, arguments: &[OsString]) -> Result<Child> {
    let tried = "starting the reaper of control groups";
    let mut command = Command::new(path);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    // It may outlive the driver, and a reader of the driver's messages must not wait for it.
    let mut child = command.stderr(Stdio::null()).spawn().map_err(|e| Failure::os(tried, e))?;
    let mut line = String::new();
    let heard = say(&mut child, OPENING).and_then(|()| {
        let heard = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        heard.transpose().map_err(|e| Failure::os(tried, e))
    });
    let why = match heard {
        Ok(_) if line.trim_end() == LISTENING => return Ok(child),
        Ok(_) => "it does not answer".to_owned(),
        Err(failure) => failure.to_string(),
    };
    kill(&mut child);
    Err(Failure::new(tried, why))
}

fn kill(child: &mut Child) {
    if child.kill().is_err() {
        // Where no signal may be sent, it leaves at the end of its input.
        child.stdin = None;
    }
    // It may be dead already; either way it is reaped.
    let _ = child.wait();
}

fn tell(child: &mut Child, order: &Order) -> Result<()> {
    say(child, &serde_json::to_string(order).map_err(|e| Failure::new(TELLING, e.to_string()))?)
}

fn say(child: &mut Child, line: &str) -> Result<()> {
    let Some(orders) = &mut child.stdin else {
        return Err(Failure::new(TELLING, "its input is closed"));
    };
    orders.write_all(format!("{line}\n").as_bytes()).map_err(|e| Failure::os(TELLING, e))
}

/// The reaper's side: reads until the driver has ended, and removes the groups that are left.
pub(crate) fn main(driver: &mut StdinLock<'_>) -> Result<()> {
    match setsid() {
        // Started by hand it leads its group, and no Ctrl-C is meant for a driver.
        Ok(_) | Err(Errno::EPERM) => {}
        Err(e) => return Err(Failure::os("leaving the driver's session", e)),
    }
    // A signal to the driver's whole group would stop it too. It ends when the driver has.
    let stopping = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]);
    stopping.thread_block().map_err(|e| Failure::os("outliving the driver", e))?;
    let answered = writeln!(std::io::stdout(), "{LISTENING}");
    answered.map_err(|e| Failure::os("answering the driver", e))?;
    let mut groups: BTreeSet<PathBuf> = BTreeSet::new();
    // A line cut short by the driver's death is its end too.
    let lines = driver.lines().map_while(std::io::Result::ok);
    for order in lines.map_while(|line| serde_json::from_slice(line.as_bytes()).ok()) {
        match order {
            Order::Keep(folder) => groups.insert(folder),
            Order::Forget(folder) => groups.remove(&folder),
        };
    }
    // All are tried, whatever becomes of the first.
    let cleared: Vec<Result<()>> = groups.iter().map(|folder| clear_left(folder)).collect();
    cleared.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_reaper_is_a_failure() {
        let started = |path: &str| start(Path::new(path), &[]).unwrap_err();
        let failure = started("/bin/true");
        assert!(failure.tried.contains("reaper"), "{failure}");
        assert_eq!(started("/nonexistent").errno, Some(Errno::ENOENT as i32));
    }
}
