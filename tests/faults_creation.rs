//! Faults of creation: limits and missing programs. Each ends as a row with its errno, and the rest
//! goes on.

mod support;

use nix::errno::Errno;
use process_vs_thread::lab::LAB_VARIABLE;
use process_vs_thread::record::{Failure, Record, Stop};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Folder, LAB, as_ordinary_user, cell_named, program, quick_record};

/// Measured beside what fails: it creates nothing.
const SOUND: &str = "tlb/control-untouched/16pages";

/// A program in `folder` that becomes the lab under a limit of the shell.
fn limited_lab(folder: &Folder, limit: &str) -> PathBuf {
    let path = folder.path().join("limited-lab");
    executable(&path, format!("#!/bin/sh\n{limit} || exit 9\nexec {LAB} \"$@\"\n").as_bytes());
    path
}

fn executable(path: &Path, contents: &[u8]) {
    fs::write(path, contents).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    // Whoever runs as another user has to get there.
    fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
}

/// The run with that lab, of the experiment and of the sound one.
fn run_limited(command: &mut Command, lab: &Path, experiment: &str) -> Record {
    quick_record(command.env(LAB_VARIABLE, lab), &format!("^{experiment}$|{SOUND}"))
}

/// Why the experiment failed; the sound one was measured all the same.
fn failure_beside_figures<'r>(record: &'r Record, experiment: &str) -> &'r Failure {
    let sound = cell_named(record, SOUND).unwrap();
    assert!(!sound.launches.is_empty(), "{:?}", sound.stop);
    match &cell_named(record, experiment).unwrap().stop {
        Stop::Failed(failure) => failure,
        stop => panic!("{experiment} was measured: {stop:?}"),
    }
}

#[test]
fn a_fork_at_the_limit_on_processes_is_a_row_with_its_errno() {
    let folder = Folder::new("nproc");
    let mut command = program();
    // Root is not bound by the limit.
    if !as_ordinary_user(&mut command, &[LAB, &folder.path().display().to_string()]) {
        return;
    }
    // dash calls the limit -p, others -u.
    let lab = limited_lab(&folder, "{ ulimit -u 1 2>/dev/null || ulimit -p 1; }");
    let record = run_limited(&mut command, &lab, "creation/aa-process");
    let failure = failure_beside_figures(&record, "creation/aa-process");
    assert_eq!(failure.errno, Some(Errno::EAGAIN as i32), "{failure}");
}

#[test]
fn memory_that_the_kernel_refuses_is_a_row_with_its_errno() {
    let folder = Folder::new("memory");
    let lab = limited_lab(&folder, "ulimit -v 40000");
    let record = run_limited(&mut program(), &lab, "creation/fork/64MiB");
    let failure = failure_beside_figures(&record, "creation/fork/64MiB");
    assert_eq!(failure.errno, Some(Errno::ENOMEM as i32), "{failure}");
    assert!(failure.tried.contains("64 MiB"), "{failure}");
}

#[test]
fn descriptors_beyond_the_limit_are_a_row_with_its_remedy() {
    let folder = Folder::new("descriptors");
    let lab = limited_lab(&folder, "ulimit -n 500");
    let record = run_limited(&mut program(), &lab, "creation/fork/1000descriptors");
    let failure = failure_beside_figures(&record, "creation/fork/1000descriptors");
    assert_eq!(failure.errno, Some(Errno::EMFILE as i32), "{failure}");
    assert!(failure.remedy.as_ref().is_some_and(|remedy| remedy.contains("ulimit")), "{failure}");
}

#[test]
fn an_exec_of_what_is_not_there_is_a_row_with_its_errno() {
    let Some(found) = in_path("true") else {
        eprintln!("skipped: there is no `true` in PATH");
        return;
    };
    let mut elf = fs::read(&found).unwrap();
    let Some(at) = elf.windows(6).position(|bytes| bytes == b"/lib64" || bytes == b"/lib/l") else {
        eprintln!("skipped: `true` names no linker that is known here");
        return;
    };
    // Its linker is what exec does not find.
    elf[at + 1] = b'n';
    let folder = Folder::new("missing");
    executable(&folder.path().join("true"), &elf);
    let experiment = "creation/fork-exec-dynamic";
    let record =
        quick_record(program().env("PATH", folder.path()), &format!("^{experiment}$|{SOUND}"));
    let failure = failure_beside_figures(&record, experiment);
    assert_eq!(failure.errno, Some(Errno::ENOENT as i32), "{failure}");
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}
