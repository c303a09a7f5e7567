//! Runs beside each other, and what earlier runs of anybody have left: none harms another, nothing
//! stops one.

mod support;

use nix::sys::signal::Signal;
use nix::unistd::{Uid, chown, geteuid};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};
use support::{Folder, children, ignores, program, within_patience};

const SHORT: [&str; 4] = ["run", "--quick", "--only", "count/baseline/getppid"];
const PROGRAM: &str = env!("CARGO_BIN_EXE_process-vs-thread");

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What killed runs leave: a folder with a file in it, last changed so long ago.
fn left(place: &Path, name: &str, age: Duration) -> PathBuf {
    let folder = place.join(name);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("record.json.gz"), "{").unwrap();
    File::open(&folder).unwrap().set_modified(SystemTime::now() - age).unwrap();
    folder
}

#[test]
fn what_others_left_in_a_shared_folder_stops_nobody_and_stays() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let shared = Folder::new("shared");
    // Of no process that lives: ids end below four million.
    let dead = 1 << 30;
    let own = left(shared.path(), &format!(".partial-{dead}-own"), DAY);
    let fresh = left(shared.path(), &format!(".partial-{dead}-fresh"), Duration::ZERO);
    let file = shared.path().join(format!(".partial-{dead}-file"));
    fs::write(&file, "somebody's").unwrap();
    let mut staying = vec![fresh, file];
    if geteuid().is_root() {
        let others = left(shared.path(), &format!(".partial-{dead}-others"), DAY);
        chown(&others, Some(Uid::from_raw(65_534)), None).unwrap();
        staying.push(others);
    } else {
        eprintln!("skipped in part: only root can leave another user's folder");
    }
    let output = program().args(SHORT).arg("--out").arg(shared.path()).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(!own.exists(), "what this user left is swept");
    staying.iter().for_each(|path| assert!(path.exists(), "{}", path.display()));
}

/// `unshare` with these flags, as whoever may: root, or a user with namespaces of its own. `None`
/// where nobody may.
fn unshared(flags: &[&str]) -> Option<Command> {
    let command = |mapped: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(mapped).args(flags).stdin(Stdio::null());
        command
    };
    let may = |mapped: &&[&str]| {
        command(mapped).arg("true").output().is_ok_and(|output| output.status.success())
    };
    let found = [&[][..], &["-r"]].into_iter().find(may).map(command);
    if found.is_none() {
        eprintln!("skipped: unshare {flags:?} is refused here");
    }
    found
}

#[test]
fn a_proc_of_another_namespace_is_refused_before_anybody_is_looked_at() {
    let Some(mut stale) = unshared(&["-p", "-f"]) else { return };
    let output = stale.arg(PROGRAM).args(SHORT).args(["--out", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        output.stdout.is_empty() && said(&output).contains("--mount-proc"),
        "{}",
        said(&output)
    );
    let Some(mut own) = unshared(&["-p", "-f", "--mount-proc"]) else { return };
    let output = own.arg(PROGRAM).args(SHORT).args(["--out", "-"]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_limit_on_files_ends_what_is_measured_as_ever_and_not_the_run() {
    let ignored = |pid| ignores(pid, Signal::SIGXFSZ);
    let mut run = program().args(["run", "--quick", "--out", "-", "--only", "switching/"]).spawn();
    let run = run.as_mut().unwrap();
    let labs = || children(run.id());
    // A lab that has just been started has not come to it yet.
    assert!(within_patience(|| labs().iter().any(|lab| ignored(*lab) == Some(false))));
    assert_eq!(ignored(run.id()), Some(true));
    run.kill().unwrap();
    run.wait().unwrap();
}
