//! Control groups of our own: made for one lab, entered by it, read and limited, removed when it is gone.
//!
//! SIGKILL runs no clean-up, so a small process keeps the books of the groups that there are ([`crate::lab`]), and the
//! next run removes what both left behind.

use crate::lab::{Program, keeper};
use crate::machine::cgroup;
use crate::record::{Failure, Result};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{AccessFlags, Pid, access};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What the names of our groups begin with; the driver's process id and a number follow.
const NAME: &str = "process-vs-thread";
/// Time that those who are left in a group have to die, and time between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(2);
/// What helps where no group can be made.
const REMEDY: &str =
    "run as root, or in a delegated group: systemd-run --user --scope -p Delegate=yes";

/// Groups that this process has tried to make.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A control group that charges memory. Whoever is left in it is killed and it is removed on drop.
#[derive(Debug)]
pub struct Group {
    folder: PathBuf,
    unified: bool,
}

impl Group {
    /// Makes one below the group of this process; with version 2, where a group with processes has none below that
    /// charge, below the first ancestor that has. `program` becomes the keeper, which removes it should this process be
    /// killed.
    ///
    /// # Errors
    /// There is no memory controller here, or this user may make no group.
    pub fn make(program: &Program) -> Result<Self> {
        let tried = "making a control group for memory";
        let own = cgroup::group("memory").map_err(|why| Failure::new(tried, why).remedy(REMEDY))?;
        let name = name(std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        // Version 1 lets a group have both processes and groups below.
        let places = if own.unified { &own.folders[..] } else { &own.folders[..1] };
        let mut refused = Failure::new(tried, "this process is in no group").remedy(REMEDY);
        for (number, place) in places.iter().enumerate() {
            match make_in(place, &name, own.unified, program) {
                Ok(group) => return Ok(group),
                // Why not in the own group says more than why not at the top.
                Err(failure) if number == 0 => refused = failure.remedy(REMEDY),
                Err(_) => {}
            }
        }
        Err(refused)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Is it of version 2?
    #[must_use]
    pub fn is_unified(&self) -> bool {
        self.unified
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What cannot be removed now stays in the keeper's books, and it tries again.
        if clear(&self.folder).is_ok() {
            keeper::forget(&self.folder);
        }
    }
}

fn make_in(place: &Path, name: &str, unified: bool, program: &Program) -> Result<Group> {
    let folder = place.join(name);
    let tried = || format!("making the control group {}", folder.display());
    let refused = |e: io::Error| Failure::os(tried(), e);
    access(place, AccessFlags::W_OK).map_err(|e| Failure::os(tried(), e))?;
    if unified {
        let listed = fs::read_to_string(place.join("cgroup.subtree_control")).map_err(refused)?;
        if !listed.split_whitespace().any(|controller| controller == "memory") {
            return Err(Failure::new(tried(), "groups there do not charge memory"));
        }
        // Who moves needs the right to write to the group that both are below.
        writable(&place.join("cgroup.procs")).map_err(refused)?;
    }
    sweep(place);
    keeper::keep(program, &folder)?;
    let made = fs::create_dir(&folder).map_err(refused);
    let group = made.map(|()| Group { folder: folder.clone(), unified });
    let Ok(group) = group else {
        keeper::forget(&folder);
        return group;
    };
    let usage = if unified { "memory.current" } else { "memory.usage_in_bytes" };
    if !folder.join(usage).exists() {
        return Err(Failure::new(tried(), format!("it has no {usage}")));
    }
    writable(&folder.join("cgroup.procs")).map_err(refused)?;
    Ok(group)
}

fn writable(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(file).map(drop)
}

/// Moves the calling process into the group at `folder`.
///
/// # Errors
/// The group is gone, or this user may not.
pub fn enter(folder: &Path) -> Result<()> {
    // 0 is the writer, whatever its id is in the namespace of the group's owner.
    fs::write(folder.join("cgroup.procs"), "0").map_err(|e| {
        Failure::os(format!("entering the control group {}", folder.display()), e).remedy(REMEDY)
    })
}

/// Limits the memory of the group at `folder`, swap included where it is accounted for.
///
/// # Errors
/// The group is gone, or this user may not.
pub fn limit_memory(folder: &Path, bytes: u64) -> Result<()> {
    let set = |file: &str, value: u64| {
        let path = folder.join(file);
        let tried = || format!("limiting {} to {value} bytes", path.display());
        fs::write(&path, value.to_string()).map_err(|e| Failure::os(tried(), e).remedy(REMEDY))
    };
    let present = |file: &str| folder.join(file).exists();
    // In version 1 the second counts memory and swap together; in version 2 swap alone.
    let (memory, swap) = match present("memory.max") {
        true => ("memory.max", ("memory.swap.max", 0)),
        false => ("memory.limit_in_bytes", ("memory.memsw.limit_in_bytes", bytes)),
    };
    set(memory, bytes)?;
    if present(swap.0) { set(swap.0, swap.1) } else { Ok(()) }
}

/// Kills whoever is in the group at `folder` and removes it. A group that is gone is removed.
///
/// # Errors
/// Somebody does not die, or this user may not.
pub(crate) fn clear(folder: &Path) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match fs::remove_dir(folder) {
            Ok(()) => return Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) if Instant::now() >= deadline => {
                let tried = format!("removing the control group {}", folder.display());
                return Err(Failure::os(tried, e));
            }
            Err(_) => kill_all(folder),
        }
        std::thread::sleep(STEP);
    }
}

/// Who cannot be killed keeps the group from being removed, and that is said.
fn kill_all(folder: &Path) {
    // Linux 5.14, version 2: those who are being forked too.
    if OpenOptions::new().write(true).open(folder.join("cgroup.kill")).is_ok() {
        let _ = fs::write(folder.join("cgroup.kill"), "1");
        return;
    }
    for pid in processes(folder).into_iter().filter(|pid| *pid > 0) {
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

/// Process ids of a group; 0 stands for one that lives in another namespace.
fn processes(folder: &Path) -> Vec<i32> {
    let listed = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    listed.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Removes the groups of drivers that are gone, and whose keepers were killed with them.
fn sweep(place: &Path) {
    let Ok(listed) = fs::read_dir(place) else { return };
    for entry in listed.flatten() {
        let driver = driver_of(&entry.file_name().to_string_lossy());
        let gone = driver.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH));
        // Who counts processes from another namespace has drivers that cannot be seen here.
        if gone && !processes(&entry.path()).contains(&0) {
            // What stays is swept by the next run.
            let _ = clear(&entry.path());
        }
    }
}

fn name(driver: u32, number: u32) -> String {
    format!("{NAME}-{driver}-{number}")
}

/// The driver's process id in a group's name.
fn driver_of(name: &str) -> Option<i32> {
    let (driver, number) = name.strip_prefix(NAME)?.strip_prefix('-')?.split_once('-')?;
    number.parse::<u32>().ok()?;
    driver.parse().ok().filter(|pid| *pid > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_read_off_the_names_of_our_groups_alone() {
        assert_eq!(driver_of(&name(77, 3)), Some(77));
        for other in
            ["process-vs-thread", "process-vs-thread-77", "process-vs-thread-0-1", "user-77-3"]
        {
            assert_eq!(driver_of(other), None, "{other}");
        }
        assert_eq!(driver_of("process-vs-thread-77-x"), None);
    }

    #[test]
    fn limits_are_written_where_the_version_has_them() {
        let folder = std::env::temp_dir().join(format!("pvt-limits-{}", std::process::id()));
        let file = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        for (files, expected) in [
            (["memory.max", "memory.swap.max"], ["64", "0"]),
            (["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"], ["64", "64"]),
        ] {
            fs::create_dir_all(&folder).unwrap();
            files.iter().for_each(|name| fs::write(folder.join(name), "").unwrap());
            limit_memory(&folder, 64).unwrap();
            assert_eq!(files.map(file), expected);
            fs::remove_dir_all(&folder).unwrap();
        }
        assert_eq!(limit_memory(&folder, 64).unwrap_err().errno, Some(Errno::ENOENT as i32));
    }
}
