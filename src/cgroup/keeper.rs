//! The keeper: a small process that outlives its driver by the time that it takes to remove the driver's groups.
//!
//! It leads a session of its own, so that a person's Ctrl-C does not reach it, and reads a pipe that closes when the
//! driver is gone, however it went.

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
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first line that a keeper reads: who reads it calls [`main`].
pub(crate) const OPENING: &str = "keep control groups";
/// The one line that it answers.
pub(super) const LISTENING: &str = "listening";

/// What the keeper is told.
#[derive(Debug, Serialize, Deserialize)]
enum Order {
    /// A control group is going to be made here.
    Keep(PathBuf),
    /// It is gone.
    Forget(PathBuf),
}

/// The driver's end, started with the first group. With the last copy the keeper goes, and is reaped.
#[derive(Debug, Clone)]
pub struct Keeper(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    arguments: Vec<OsString>,
    running: Option<Running>,
    /// The groups that it has to know.
    groups: BTreeSet<PathBuf>,
    /// Groups that were tried.
    tried: u32,
}

#[derive(Debug)]
struct Running {
    child: Child,
    orders: ChildStdin,
}

impl Keeper {
    /// A keeper that this program becomes when it is told the opening line.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, arguments: &[OsString]) -> Self {
        let (path, arguments) = (path.into(), arguments.to_vec());
        let (running, groups, tried) = (None, BTreeSet::new(), 0);
        Keeper(Arc::new(Mutex::new(Kept { path, arguments, running, groups, tried })))
    }

    /// Has no group been tried yet?
    pub(super) fn is_new(&self) -> bool {
        self.kept().tried == 0
    }

    /// The number of the next group that is tried.
    pub(super) fn number(&self) -> u32 {
        let mut kept = self.kept();
        kept.tried += 1;
        kept.tried - 1
    }

    /// Tells the keeper of a group that is going to be made at `folder`; starts it, should there be none.
    ///
    /// # Errors
    /// It cannot be started, or is gone. The next call starts another, which is told of all groups.
    pub(super) fn keep(&self, folder: &Path) -> Result<()> {
        let mut kept = self.kept();
        kept.groups.insert(folder.to_owned());
        let Kept { path, arguments, running, groups, .. } = &mut *kept;
        let told = match running {
            Some(running) => running.tell(&Order::Keep(folder.to_owned())),
            none => Running::start(path, arguments).and_then(|started| {
                let running = none.insert(started);
                groups.iter().try_for_each(|group| running.tell(&Order::Keep(group.clone())))
            }),
        };
        if told.is_err() {
            kept.groups.remove(folder);
            kept.dismiss();
        }
        told
    }

    /// Tells the keeper that the group at `folder` is gone.
    pub(super) fn forget(&self, folder: &Path) {
        let mut kept = self.kept();
        kept.groups.remove(folder);
        let order = Order::Forget(folder.to_owned());
        if matches!(kept.running.as_mut().map(|running| running.tell(&order)), Some(Err(_))) {
            kept.dismiss();
        }
    }

    /// A thread that panicked here has left a keeper or none, both of which will do.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Reaps a keeper that does not listen.
    fn dismiss(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

impl Drop for Kept {
    /// Lets the keeper go, which removes what is left first, and reaps it.
    fn drop(&mut self) {
        if let Some(Running { mut child, orders }) = self.running.take() {
            drop(orders);
            let _ = child.wait();
        }
    }
}

impl Running {
    /// Starts one and waits until no signal to the driver's session reaches it.
    fn start(path: &Path, arguments: &[OsString]) -> Result<Self> {
        let tried = "starting the keeper of control groups";
        let mut command = Command::new(path);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // It may outlive the driver, and whoever reads the driver's messages is not to wait for it.
        let mut child = command.stderr(Stdio::null()).spawn().map_err(|e| Failure::os(tried, e))?;
        let ends = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(answers)) = ends else {
            return Err(Failure::new(tried, "it has no pipes"));
        };
        let mut running = Running { child, orders };
        let mut line = String::new();
        let asked = running.say(OPENING);
        let heard = BufReader::new(answers).read_line(&mut line).map_err(|e| Failure::os(tried, e));
        let failure = match asked.and(heard) {
            Ok(_) if line.trim_end() == LISTENING => return Ok(running),
            Ok(_) => "it does not answer".to_owned(),
            Err(failure) => failure.to_string(),
        };
        let _ = running.child.kill();
        let _ = running.child.wait();
        Err(Failure::new(tried, failure))
    }

    fn tell(&mut self, order: &Order) -> Result<()> {
        let tried = "telling the keeper of control groups";
        self.say(&serde_json::to_string(order).map_err(|e| Failure::new(tried, e.to_string()))?)
    }

    fn say(&mut self, line: &str) -> Result<()> {
        let told = self.orders.write_all(format!("{line}\n").as_bytes());
        told.map_err(|e| Failure::os("telling the keeper of control groups", e))
    }
}

/// The keeper's end: listens until the driver is gone, and removes what that left.
pub(crate) fn main(driver: &mut StdinLock<'_>) -> Result<()> {
    match setsid() {
        // Started by hand it leads its group, and nobody's Ctrl-C is meant for a driver.
        Ok(_) | Err(Errno::EPERM) => {}
        Err(e) => return Err(Failure::os("leaving the driver's session", e)),
    }
    // Whoever stops the driver's whole group would stop it too; it leaves when the driver has.
    let stopping = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]);
    stopping.thread_block().map_err(|e| Failure::os("outliving the driver", e))?;
    let answered = writeln!(std::io::stdout(), "{LISTENING}");
    answered.map_err(|e| Failure::os("answering the driver", e))?;
    let mut groups: BTreeSet<PathBuf> = BTreeSet::new();
    // A line cut short by the driver's death is its end too.
    let lines = driver.lines().map_while(std::io::Result::ok);
    for order in lines.map_while(|line| serde_json::from_str(&line).ok()) {
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
    fn a_program_that_is_no_keeper_is_a_failure() {
        let started = |path: &str| Running::start(Path::new(path), &[]).unwrap_err();
        let failure = started("/bin/true");
        assert!(failure.tried.contains("keeper"), "{failure}");
        assert_eq!(started("/nonexistent").errno, Some(Errno::ENOENT as i32));
    }
}
