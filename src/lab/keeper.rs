//! The keeper: a small process that outlives its driver by the time that it takes to remove the driver's groups.
//!
//! It leads a session of its own, so that a person's Ctrl-C does not reach it, and reads a pipe that closes when the
//! driver is gone, however it went.

use super::Program;
use super::serve::{hear, say};
use super::wire::{Opening, Order, Reply};
use crate::group;
use crate::record::{Failure, Result};
use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::setsid;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, StdinLock, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What this process has to do with keepers.
static BOOKS: Mutex<Books> = Mutex::new(Books { keeper: None, groups: BTreeSet::new() });

/// The keeper, started with the first group, and the groups that it has to know.
#[derive(Debug)]
struct Books {
    keeper: Option<Keeper>,
    groups: BTreeSet<PathBuf>,
}

/// The driver's end.
#[derive(Debug)]
struct Keeper {
    child: Child,
    orders: ChildStdin,
}

/// Tells the keeper of a group that is going to be made at `folder`; starts it, should there be none.
///
/// # Errors
/// It cannot be started, or is gone. The next call starts another, which is told of all groups.
pub(crate) fn keep(program: &Program, folder: &Path) -> Result<()> {
    let mut books = locked();
    books.groups.insert(folder.to_owned());
    let Books { keeper, groups } = &mut *books;
    let told = match keeper {
        Some(keeper) => keeper.tell(&Order::Keep(folder.to_owned())),
        none => Keeper::start(program).and_then(|keeper| {
            let keeper = none.insert(keeper);
            groups.iter().try_for_each(|group| keeper.tell(&Order::Keep(group.clone())))
        }),
    };
    if told.is_err() {
        books.groups.remove(folder);
        dismiss(&mut books.keeper);
    }
    told
}

/// Tells the keeper that the group at `folder` is gone.
pub(crate) fn forget(folder: &Path) {
    let mut books = locked();
    books.groups.remove(folder);
    let told = books.keeper.as_mut().map(|keeper| keeper.tell(&Order::Forget(folder.to_owned())));
    if matches!(told, Some(Err(_))) {
        dismiss(&mut books.keeper);
    }
}

/// Lets the keeper go, which removes what is left first, and reaps it.
pub(crate) fn end() {
    if let Some(Keeper { mut child, orders }) = locked().keeper.take() {
        drop(orders);
        let _ = child.wait();
    }
}

/// A thread that panicked here has left a keeper or none, both of which will do.
fn locked() -> MutexGuard<'static, Books> {
    BOOKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reaps a keeper that does not listen.
fn dismiss(place: &mut Option<Keeper>) {
    if let Some(mut keeper) = place.take() {
        let _ = keeper.child.kill();
        let _ = keeper.child.wait();
    }
}

impl Keeper {
    /// Starts one and waits until no signal to the driver's session reaches it.
    fn start(program: &Program) -> Result<Self> {
        let tried = "starting the keeper of control groups";
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // It may outlive the driver, and whoever reads the driver's messages is not to wait for it.
        let mut child = command.stderr(Stdio::null()).spawn().map_err(|e| Failure::os(tried, e))?;
        let ends = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(answers)) = ends else {
            return Err(Failure::new(tried, "it has no pipes"));
        };
        let mut keeper = Keeper { child, orders };
        let mut line = String::new();
        let asked = keeper.tell(&Opening::Keep);
        let heard = BufReader::new(answers).read_line(&mut line).map_err(|e| Failure::os(tried, e));
        match asked.and(heard).map(|_| serde_json::from_str(&line)) {
            Ok(Ok(Reply::Keeping)) => Ok(keeper),
            answered => {
                let why = answered.err().map_or("it does not answer".to_owned(), |f| f.to_string());
                dismiss(&mut Some(keeper));
                Err(Failure::new(tried, why))
            }
        }
    }

    fn tell(&mut self, order: &impl serde::Serialize) -> Result<()> {
        let tried = "telling the keeper of control groups";
        let mut line = serde_json::to_vec(order).map_err(|e| Failure::new(tried, e.to_string()))?;
        line.push(b'\n');
        self.orders.write_all(&line).map_err(|e| Failure::os(tried, e))
    }
}

/// The keeper's end: listens until the driver is gone, and removes what that left.
pub(super) fn serve(driver: &mut StdinLock<'_>) -> Result<()> {
    match setsid() {
        // Started by hand it leads its group, and nobody's Ctrl-C is meant for a driver.
        Ok(_) | Err(Errno::EPERM) => {}
        Err(e) => return Err(Failure::os("leaving the driver's session", e)),
    }
    // Whoever stops the driver's whole group would stop it too; it leaves when the driver has.
    let stopping = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP]);
    stopping.thread_block().map_err(|e| Failure::os("outliving the driver", e))?;
    say(&Reply::Keeping)?;
    let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
    // A line cut short by the driver's death is its end too.
    while let Ok(Some(order)) = hear::<Order>(driver) {
        match order {
            Order::Keep(folder) => kept.insert(folder),
            Order::Forget(folder) => kept.remove(&folder),
        };
    }
    // All are tried, whatever becomes of the first.
    let cleared: Vec<Result<()>> = kept.iter().map(|folder| group::clear_left(folder)).collect();
    cleared.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_keeper_is_a_failure() {
        let program = |path: &str| Program { path: path.into(), arguments: Vec::new() };
        let failure = Keeper::start(&program("/bin/true")).unwrap_err();
        assert!(failure.tried.contains("keeper"), "{failure}");
        let failure = Keeper::start(&program("/nonexistent")).unwrap_err();
        assert_eq!(failure.errno, Some(Errno::ENOENT as i32));
    }
}
