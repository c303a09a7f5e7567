//! Control groups of our own: made for one lab, entered by it, read and limited, removed when it is gone.
//!
//! SIGKILL runs no clean-up, so a small process keeps the books of the groups that there are ([`crate::lab`]), and the
//! next run removes what both left behind.

use crate::lab::{Program, keeper};
use crate::machine::cgroup;
use crate::record::{Failure, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{AccessFlags, Pid, access};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
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
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = Driver::this().group(number);
        // Version 1 lets a group have both processes and groups below.
        let places = if own.unified { &own.folders[..] } else { &own.folders[..1] };
        let mut refused = Failure::new(tried, "this process is in no group").remedy(REMEDY);
        for (height, place) in places.iter().enumerate() {
            if number == 0 {
                sweep(place);
            }
            match make_in(place, &name, own.unified, program) {
                Ok(group) => return Ok(group),
                // Why not in the own group says more than why not at the top.
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
        // What cannot be removed now stays in the keeper's books, and it tries again.
        if clear(&self.folder).is_ok() {
            keeper::forget(&self.folder);
        }
    }
}

fn make_in(place: &Path, name: &str, unified: bool, program: &Program) -> Result<Group> {
    let folder = place.join(name);
    let tried = || format!("making the control group {name}");
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
        Failure::os(format!("entering the control group {}", shown(folder)), e).remedy(REMEDY)
    })
}

/// Limits the memory of the group at `folder`, swap included where it is accounted for.
///
/// # Errors
/// The group is gone, or this user may not.
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
            // Busy is who has somebody in it; nothing else passes with time.
            Err(e) if e.kind() != ErrorKind::ResourceBusy || Instant::now() >= deadline => {
                let tried = format!("removing the control group {}", shown(folder));
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

/// Removes the groups of drivers that are gone, and whose keepers were killed with them.
fn sweep(place: &Path) {
    let Ok(listed) = fs::read_dir(place) else { return };
    for entry in listed.flatten() {
        let driver = Driver::of(&entry.file_name().to_string_lossy());
        if driver.is_some_and(|driver| driver.is_gone()) {
            // What stays is swept by the next run.
            let _ = clear(&entry.path());
        }
    }
}

/// Its last part: a record names no folder of anybody's machine.
fn shown(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Who made a group, so that nobody else is taken for it: process ids are used again, and those of another namespace
/// mean others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Driver {
    pid: i32,
    /// Inode of its namespace of process ids (namespaces(7)).
    namespace: u64,
    /// Its start, clock ticks since boot.
    started: u64,
}

impl Driver {
    fn this() -> Self {
        let pid = std::process::id() as i32;
        Driver { pid, namespace: own_namespace(), started: started(pid).unwrap_or(0) }
    }

    /// The name of its group of this number.
    fn group(self, number: u32) -> String {
        let Driver { pid, namespace, started } = self;
        format!("{NAME}-{pid}-{number}-{namespace}-{started}")
    }

    /// Whose group has this name, if it is one of ours.
    fn of(name: &str) -> Option<Self> {
        let numbers = name.strip_prefix(NAME)?.strip_prefix('-')?.split('-');
        let numbers: Option<Vec<u64>> = numbers.map(|number| number.parse().ok()).collect();
        let [pid, _, namespace, started] = *numbers?.as_slice() else { return None };
        let pid = i32::try_from(pid).ok().filter(|pid| *pid > 0)?;
        Some(Driver { pid, namespace, started })
    }

    /// Is it certainly gone? Nobody can tell of another namespace.
    fn is_gone(self) -> bool {
        self.namespace == own_namespace() && started(self.pid) != Some(self.started)
    }
}

fn own_namespace() -> u64 {
    fs::metadata("/proc/self/ns/pid").map_or(0, |namespace| namespace.ino())
}

/// When a process started (proc_pid_stat(5)); `None` where there is none.
fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The fields behind a name that may hold anything begin with the third.
    stat.rsplit_once(") ")?.1.split(' ').nth(22 - 3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::errno::Errno;

    #[test]
    fn the_driver_is_read_off_the_names_of_our_groups_alone() {
        let this = Driver::this();
        assert_eq!(Driver::of(&this.group(3)), Some(this));
        for other in ["process-vs-thread", "process-vs-thread-77-0", "user-77-0-1-2"] {
            assert_eq!(Driver::of(other), None, "{other}");
        }
        for odd in ["process-vs-thread-0-0-1-2", "process-vs-thread-77-x-1-2"] {
            assert_eq!(Driver::of(odd), None, "{odd}");
        }
    }

    #[test]
    fn another_process_of_the_same_number_is_another_driver() {
        let this = Driver::this();
        assert!(this.namespace > 0 && this.started > 0);
        assert!(!this.is_gone());
        assert!(Driver { started: this.started + 1, ..this }.is_gone());
        assert!(Driver { pid: i32::MAX, ..this }.is_gone());
        assert!(!Driver { pid: i32::MAX, namespace: this.namespace + 1, ..this }.is_gone());
    }

    #[test]
    fn a_place_that_cannot_charge_memory_is_left_as_it_was() {
        let place = std::env::temp_dir().join(format!("pvt-place-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        let script = "read x; echo '\"Keeping\"'; cat > /dev/null";
        let arguments = ["-c", script].map(Into::into).to_vec();
        let keeper = Program { path: "/bin/sh".into(), arguments };
        let refused = |unified| make_in(&place, "group", unified, &keeper).unwrap_err();
        fs::write(place.join("cgroup.subtree_control"), "cpu pids").unwrap();
        assert!(refused(true).why.contains("do not charge memory"));
        fs::write(place.join("cgroup.subtree_control"), "cpu memory pids").unwrap();
        assert_eq!(refused(true).errno, Some(Errno::ENOENT as i32), "no cgroup.procs");
        fs::write(place.join("cgroup.procs"), "").unwrap();
        assert!(refused(true).why.contains("no memory.current"));
        assert!(refused(false).why.contains("no memory.usage_in_bytes"));
        assert!(!place.join("group").exists());
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
