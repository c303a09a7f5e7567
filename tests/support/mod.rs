//! What the live tests share: labs, the program, and a look at who is still alive.

// Each test file uses a part of it.
#![allow(dead_code)]

use nix::sys::signal::Signal;
use process_vs_thread::lab::{Cores, Lab, Spec, locate};
use process_vs_thread::machine;
use process_vs_thread::probe::Entry;
use process_vs_thread::proc;
use process_vs_thread::question;
use process_vs_thread::record::{Arm, Cell, Modes, Record, Result, Row};
use process_vs_thread::run::{self, Planned};
use process_vs_thread::sampler::{Bench, Budget, Until};
use process_vs_thread::sys::signal::by_default;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The lab's program, as cargo built it for the tests.
pub(crate) const LAB: &str = env!("CARGO_BIN_EXE_process-vs-thread-lab");

/// The CPUs that the suite itself would choose.
pub(crate) fn cores() -> Cores {
    machine::placement().unwrap()
}

/// What measurements share, with as little as a test of the suite takes.
pub(crate) fn bench() -> Bench {
    let lab = locate(Some(LAB)).unwrap();
    Bench {
        reaper: lab.reaper(),
        lab,
        cores: cores(),
        budget: Budget::TEST,
        until: Until::default(),
    }
}

/// What is planned, measured; every row is of the kind that `take` takes.
pub(crate) fn measured<T>(
    planned: impl Iterator<Item = Planned>,
    bench: &Bench,
    heard: &mut dyn FnMut(&str),
    take: fn(Row) -> Option<T>,
) -> Vec<T> {
    let planned: Vec<Planned> = planned.collect();
    let rows = run::measure(&planned, bench, heard).into_iter();
    rows.map(|row| take(row).expect("a row of the kind that is planned")).collect()
}

/// A lab for the arm.
pub(crate) fn launch(arm: &Arm, counting: Option<Modes>) -> Result<Lab> {
    Lab::launch(&locate(Some(LAB))?, &Spec::new(arm, &cores(), counting)?)
}

/// The program, quiet, and as a terminal starts it: a shell's `&` has what it starts ignore Ctrl-C.
pub(crate) fn program() -> Command {
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        by_default(signal).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_process-vs-thread"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The record of a quick run of the program, of what has `only` in its name.
pub(crate) fn quick_record(command: &mut Command, only: &str) -> Record {
    let output = command.args(["run", "--quick", "--out", "-", "--only", only]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // A run that has measured nothing sends why, and leaves with status 3.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{} {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Live children of a process.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    processes().filter(|child| parent(*child) == Some(pid)).collect()
}

/// Children of a process that have ended and were not reaped.
pub(crate) fn zombies(pid: u32) -> Vec<u32> {
    let of_it = |child: &u32| stat(*child).is_some_and(|(state, by)| state == 'Z' && by == pid);
    processes().filter(of_it).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    proc::processes().unwrap().into_iter().map(|pid| pid as u32)
}

/// The parent of a live process.
fn parent(pid: u32) -> Option<u32> {
    let (state, parent) = stat(pid)?;
    (!['Z', 'X'].contains(&state)).then_some(parent)
}

/// State and parent of a process.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = proc::read(format!("/proc/{pid}/stat")).ok()?;
    Some((proc::state(&stat)?, proc::stat_field(&stat, 4)?.parse().ok()?))
}

/// Does a task sleep?
pub(crate) fn is_asleep(task: u32) -> bool {
    proc::state(&proc::read(format!("/proc/{task}/stat")).unwrap()) == Some('S')
}

/// Page faults without reading: of a process, and of its reaped children.
pub(crate) fn minor_faults(pid: u32) -> [u64; 2] {
    let stat = proc::read(format!("/proc/{pid}/stat")).unwrap();
    [10, 11].map(|number| proc::stat_field(&stat, number).unwrap().parse().unwrap())
}

/// A field of the status of a task.
pub(crate) fn status(task: u32, name: &str) -> Option<String> {
    let status = proc::read(format!("/proc/{task}/status")).ok()?;
    proc::field(&status, name).map(str::to_owned)
}

/// The CPUs that a task may use.
pub(crate) fn allowed(task: u32) -> String {
    status(task, "Cpus_allowed_list").unwrap()
}

/// Does a process ignore this signal?
pub(crate) fn ignores(pid: u32, signal: Signal) -> Option<bool> {
    let mask = u64::from_str_radix(&status(pid, "SigIgn")?, 16).unwrap();
    Some(mask >> (signal as u32 - 1) & 1 == 1)
}

/// Is there a live process of this id?
pub(crate) fn lives(pid: u32) -> bool {
    parent(pid).is_some()
}

/// Waits until something is so, for at most ten seconds; `false` if it never was.
pub(crate) fn within_patience(mut so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// A folder of this test's own, removed on drop.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pvt-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Can another user walk to the file and run it?
pub(crate) fn readable_by_all(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::path::Path::new(path)
        .ancestors()
        .all(|part| part.metadata().is_ok_and(|data| data.permissions().mode() & 0o005 == 0o005))
}

/// Lets an ordinary user run it; false, and said, where there is none that reaches these files.
pub(crate) fn as_ordinary_user(command: &mut Command, reached: &[&str]) -> bool {
    if !nix::unistd::geteuid().is_root() {
        return true;
    }
    let reaches = reached.iter().all(|path| readable_by_all(path));
    match reaches {
        true => _ = command.uid(65_534).gid(65_534),
        false => eprintln!("skipped: another user cannot reach the program"),
    }
    reaches
}

/// The probe of this family and name, such as `cow/shared`.
pub(crate) fn probe_named(name: &str) -> &'static Entry {
    let named = |entry: &&Entry| entry.id().to_string() == format!("probe/{name}");
    question::probes().find(named).unwrap_or_else(|| panic!("{name} is no probe"))
}

/// The cell whose id reads so.
pub(crate) fn cell_named<'r>(record: &'r Record, id: &str) -> Option<&'r Cell> {
    record.cells.iter().find(|cell| cell.id.to_string() == id)
}
