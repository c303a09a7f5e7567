//! The last target of `cargo bench`: how it ends where nothing can be measured.

#![allow(dead_code, reason = "the target has a main function of its own")]

#[path = "../benches/verdict.rs"]
mod verdict;

mod support;

use process_vs_thread::lab::LAB_VARIABLE;
use process_vs_thread::run::{Flags, OUT_VARIABLE};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::Folder;

/// What the target is to measure, separated by spaces.
const ASKED: &str = "PROCESS_VS_THREAD_TEST_FLAGS";

#[test]
#[ignore = "it is what the other tests start"]
fn the_target() {
    let Ok(asked) = std::env::var(ASKED) else { return };
    let flags = Flags::parse(asked.split(' ').map(Into::into)).unwrap();
    std::process::exit(verdict::act(&flags).unwrap().into());
}

/// The target, with a lab's program of this path. It lies in a target folder of its own: another
/// user's run may own the usual one.
fn target(flags: &str, lab: &str, out: &Path) -> Output {
    let own = Folder::new("verdict-own");
    let program = own.path().join("verdict");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "the_target", "--nocapture"]).env(ASKED, flags);
    command.env(LAB_VARIABLE, lab).env(OUT_VARIABLE, out).stdin(Stdio::null());
    command.output().unwrap()
}

fn records(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, |entries| entries.count())
}

/// One test: where two ran at a time, one could start a process while the other's program is being
/// written (execve(2), ETXTBSY).
#[test]
fn it_ends_with_3_where_nothing_can_be_measured_and_only_there() {
    where_no_lab_starts_the_report_has_the_reasons();
    what_was_measured_or_not_asked_for_is_no_failure();
}

fn where_no_lab_starts_the_report_has_the_reasons() {
    let folder = Folder::new("verdict-none");
    let output = target("--bench --quick ^switching/futex$", "/bin/false", folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("nothing could be measured"), "{said}");
    assert_eq!(records(folder.path()), 1, "the report is written all the same");
}

fn what_was_measured_or_not_asked_for_is_no_failure() {
    let folder = Folder::new("verdict-some");
    for flags in ["--bench --quick ^switching/futex$", "--bench --quick ^no-such-thing$"] {
        let output = target(flags, support::LAB, folder.path());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{flags}: {said}");
    }
    assert_eq!(records(folder.path()), 2);
}
