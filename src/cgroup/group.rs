//! A control group: made for one lab, entered by it, read and limited, removed after it.
//!
//! SIGKILL runs no clean-up, so a small process has a list of the groups that there are
//! ([`CgroupReaper`]), and the next run removes what both left behind: the groups that no driver
//! claims any more.

use super::claim::{Claim, claim, make_claimed};
use super::{CgroupReaper, own};
use crate::record::{Failure, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{AccessFlags, Pid, access};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What the names of our groups begin with; the driver's process id in its namespace and a number
/// follow.
const NAME: &str = "process-vs-thread";
/// Time that those who are left in a group have to die, and time between two looks.
const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(2);
/// What helps where no group can be made.
const REMEDY: &str =
    "run as root, or in a delegated group: systemd-run --user --scope -p Delegate=yes";
/// What helps where there is no hierarchy of groups to make one in.
const MOUNT: &str = "mount -t cgroup2 cgroup2 /sys/fs/cgroup";

/// A control group that charges memory. On drop, processes left in it are killed and it is removed.
#[derive(Debug)]
pub struct Group {
    folder: PathBuf,
    unified: bool,
    reaper: CgroupReaper,
    _claim: Claim,
}

impl Group {
    /// Makes one below the group of this process; with version 2, where a group with processes has
    /// none below that charge, below the first ancestor that has. `reaper` removes it should this
    /// process be killed.
    ///
    /// # Errors
    /// There is no memory controller here, or this user may make no group.
    pub fn make(reaper: &CgroupReaper) -> Result<Self> {
        let tried = "making a control group for memory";
        let own = own("memory").map_err(|why| Failure::new(tried, why).remedy(MOUNT))?;
        let first = reaper.is_new();
        // Version 1 lets a group have both processes and groups below.
        let places = if own.unified { &own.folders[..] } else { &own.folders[..1] };
        let mut refused = Failure::new(tried, "this process is in no group").remedy(REMEDY);
        for (height, place) in places.iter().enumerate() {
            if first {
                sweep(place);
            }
            match make_in(place, own.unified, reaper) {
                Ok(group) => return Ok(group),
                // Why not in the own group says more than why not at the top.
                Err(failure) if height == 0 && failure.remedy.is_some() => refused = failure,
                Err(failure) if height == 0 => refused = failure.remedy(REMEDY),
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
        // What cannot be removed now stays in the reaper's list, and it tries again.
        if clear(&self.folder).is_ok() {
            self.reaper.forget(&self.folder);
        }
    }
}

/// The root of version 2 lets who may write to it switch charging on; groups with processes do not
/// (cgroups(7), "no internal processes").
fn uncharged(place: &Path, tried: String) -> Failure {
    let failure = Failure::new(tried, "groups there do not charge memory");
    match place.join("cgroup.type").exists() {
        true => failure,
        false => {
            failure.remedy(format!("echo +memory > {}/cgroup.subtree_control", place.display()))
        }
    }
}

fn make_in(place: &Path, unified: bool, reaper: &CgroupReaper) -> Result<Group> {
    let tried = || format!("making a control group below {}", shown(place));
    let refused = |e: io::Error| Failure::os(tried(), e);
    access(place, AccessFlags::W_OK).map_err(|e| Failure::os(tried(), e))?;
    if unified {
        let listed = fs::read_to_string(place.join("cgroup.subtree_control")).map_err(refused)?;
        if !listed.split_whitespace().any(|controller| controller == "memory") {
            return Err(uncharged(place, tried()));
        }
        // Who moves needs the right to write to the group that both are below.
        writable(&place.join("cgroup.procs")).map_err(refused)?;
    }
    let group = loop {
        let number = reaper.number();
        let folder = place.join(format!("{NAME}-{}-{number}", std::process::id()));
        reaper.keep(&folder)?;
        match make_claimed(&folder) {
            Ok(Some(claim)) => {
                break Group { folder, unified, reaper: reaper.clone(), _claim: claim };
            }
            Ok(None) => reaper.forget(&folder),
            Err(e) => {
                reaper.forget(&folder);
                return Err(refused(e));
            }
        }
    };
    let folder = &group.folder;
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
/// The group was removed, or this user may not.
pub fn enter(folder: &Path) -> Result<()> {
    // 0 is the writer, whatever its id is in the namespace of the group's owner.
    fs::write(folder.join("cgroup.procs"), "0").map_err(|e| {
        Failure::os(format!("entering the control group {}", shown(folder)), e).remedy(REMEDY)
    })
}

/// Limits the memory of the group at `folder`, swap included where it is accounted for.
///
/// # Errors
/// The group was removed, or this user may not.
pub fn limit_memory(folder: &Path, bytes: u64) -> Result<()> {
    let set = |file: &str, value: u64| {
        let path = folder.join(file);
        let tried = || format!("limiting {file} of {} to {value} bytes", shown(folder));
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

/// Removes the group at `folder` and kills the processes in it, once its driver has ended. One that
/// another process has claimed stays: it is that one's.
///
/// # Errors
/// Somebody does not die, or this user may not.
pub(super) fn clear_left(folder: &Path) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match claim(folder) {
            Ok(Some(_claim)) => return clear(folder),
            // The kernel closes what a process had open one by one: a claim may end after its last
            // word.
            Ok(None) if folder.exists() && Instant::now() < deadline => {
                crate::sys::clock::pause(STEP)
            }
            Ok(None) => return Ok(()),
            Err(e) => {
                let tried = format!("claiming the control group {}", shown(folder));
                return Err(Failure::os(tried, e));
            }
        }
    }
}

/// Kills the processes in the group at `folder` and removes it. A missing group counts as removed.
fn clear(folder: &Path) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match fs::remove_dir(folder) {
            Ok(()) => return Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            // Busy is who has somebody in it; nothing else passes with time.
            Err(e) if e.kind() != ErrorKind::ResourceBusy || Instant::now() >= deadline => {
                let tried = format!("removing the control group {}", shown(folder));
                return Err(Failure::os(tried, e));
            }
            Err(_) => kill_all(folder),
        }
        crate::sys::clock::pause(STEP);
    }
}

/// Who cannot be killed keeps the group from being removed, and that is said.
fn kill_all(folder: &Path) {
    // Linux 5.14, version 2: those who are being forked too.
    let whole = OpenOptions::new().write(true).open(folder.join("cgroup.kill"));
    if whole.and_then(|mut whole| whole.write_all(b"1")).is_ok() {
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

/// Removes the groups of drivers that have ended, and whose reapers were killed with them.
fn sweep(place: &Path) {
    let Ok(listed) = fs::read_dir(place) else { return };
    for entry in listed.flatten() {
        if is_ours(&entry.file_name().to_string_lossy()) {
            if let Ok(Some(_claim)) = claim(&entry.path()) {
                // What stays is swept by the next run.
                let _ = clear(&entry.path());
            }
        }
    }
}

/// Is it the name of a group that some driver made?
fn is_ours(name: &str) -> bool {
    let numbers = name.strip_prefix(NAME).and_then(|rest| rest.strip_prefix('-'));
    let numbers = numbers.map(|rest| rest.split('-').map(str::parse::<u32>).collect::<Vec<_>>());
    matches!(numbers.as_deref(), Some([Ok(_), Ok(_)]))
}

/// Its last part: a record names no folder of anybody's machine.
fn shown(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgroup::reaper::LISTENING;
    use nix::errno::Errno;

    #[test]
    fn groups_of_drivers_are_told_from_others_by_their_names() {
        assert!(is_ours("process-vs-thread-77-0"));
        let others =
            ["process-vs-thread", "process-vs-thread-77", "process-vs-thread-77-x", "user-77-0"];
        others.iter().for_each(|name| assert!(!is_ours(name), "{name}"));
    }

    #[test]
    fn charging_is_switched_on_at_the_root_alone() {
        let place = std::env::temp_dir().join(format!("pvt-uncharged-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let remedy = || uncharged(&place, "making a group".to_owned()).remedy;
        let root = remedy().expect("the root can charge");
        assert!(root.starts_with("echo +memory > ") && root.ends_with("/cgroup.subtree_control"));
        fs::write(place.join("cgroup.type"), "domain").unwrap();
        assert_eq!(remedy(), None);
        fs::remove_dir_all(&place).unwrap();
    }

    #[test]
    fn only_what_nobody_claims_is_removed() {
        let place = std::env::temp_dir().join(format!("pvt-claims-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let [mine, left, other] =
            ["process-vs-thread-7-0", "process-vs-thread-7-1", "other-7-0"].map(|n| place.join(n));
        let claimed = make_claimed(&mine).unwrap().unwrap();
        assert!(make_claimed(&mine).unwrap().is_none(), "the name is taken");
        [&left, &other].iter().for_each(|folder| fs::create_dir(folder).unwrap());
        sweep(&place);
        assert_eq!([&mine, &left, &other].map(|folder| folder.exists()), [true, false, true]);
        drop(claimed);
        clear_left(&mine).unwrap();
        assert!(!mine.exists());
        clear_left(&mine).unwrap();
        fs::remove_dir_all(&place).unwrap();
    }

    #[test]
    fn a_place_that_cannot_charge_memory_is_left_as_it_was() {
        let place = std::env::temp_dir().join(format!("pvt-place-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let script = format!("read x; echo {LISTENING}; cat > /dev/null");
        let reaper = CgroupReaper::new("/bin/sh", &["-c", &script].map(Into::into));
        let refused = |unified| make_in(&place, unified, &reaper).unwrap_err();
        fs::write(place.join("cgroup.subtree_control"), "cpu pids").unwrap();
        assert!(refused(true).why.contains("do not charge memory"));
        fs::write(place.join("cgroup.subtree_control"), "cpu memory pids").unwrap();
        assert_eq!(refused(true).errno, Some(Errno::ENOENT as i32), "no cgroup.procs");
        fs::write(place.join("cgroup.procs"), "").unwrap();
        assert!(refused(true).why.contains("no memory.current"));
        assert!(refused(false).why.contains("no memory.usage_in_bytes"));
        let left = fs::read_dir(&place).unwrap().flatten().filter(|entry| entry.path().is_dir());
        assert_eq!(left.count(), 0);
        fs::remove_dir_all(&place).unwrap();
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
