//! The program's command line: what it refuses, what it writes, what it never overwrites.

mod support;

use process_vs_thread::record;
use std::process::Output;
use support::{Folder, program, quick_record};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn usage_errors_leave_with_2_and_name_what_is_wrong() {
    for arguments in [
        &["run", "--nonsense"][..],
        &["report"],
        &["walk"],
        &["run", "--label", "a/b"],
        &["run", "--only", "a("],
    ] {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(arguments.last().unwrap()) || arguments == ["report"]);
    }
    assert_eq!(program().output().unwrap().status.code(), Some(2));
}

#[test]
fn every_command_explains_itself() {
    for arguments in
        [&["--help"][..], &["run", "--help"], &["report", "--help"], &["list", "--help"]]
    {
        let output = program().args(arguments).output().unwrap();
        assert!(output.status.success() && output.stdout.len() > 100, "{arguments:?}");
    }
}

#[test]
fn list_names_every_claim_and_primitive() {
    let output = program().arg("list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for name in ["A1", "B3", "creation/fork/64MiB", "clone/vm-vfork", "condvar/process"] {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn a_filter_that_matches_nothing_is_an_error() {
    let output =
        program().args(["run", "--quick", "--only", "xyzzy", "--out", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("xyzzy"));
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_anything_is_measured() {
    let output = program().args(["run", "--quick", "--out", "/proc/nothing"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("--out"), "{}", said(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_run_writes_page_and_record_and_report_makes_the_same_page() {
    let folder = Folder::new("run");
    let out = folder.path().display().to_string();
    let arguments = ["run", "--quick", "--only", "creation/raw", "--label", "test", "--out", &out];
    let output = program().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let run = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    assert!(run.to_string_lossy().ends_with("-test"));
    let (file, page) = (run.join("record.json.gz"), run.join("index.html"));
    let written = std::fs::read_to_string(&page).unwrap();
    let record = record::read(&file).unwrap();
    assert_eq!(
        record.run.command,
        "process-vs-thread run --quick --only creation/raw --label test --out …/".to_owned()
            + folder.path().file_name().unwrap().to_str().unwrap()
    );

    // Elsewhere, with nothing but the record.
    let empty = Folder::new("again");
    let copy = empty.path().join("record.json.gz");
    std::fs::copy(&file, &copy).unwrap();
    assert!(program().arg("report").arg(&copy).output().unwrap().status.success());
    assert_eq!(std::fs::read_to_string(empty.path().join("index.html")).unwrap(), written);
}

#[test]
fn records_that_are_none_are_refused_with_the_reason() {
    let folder = Folder::new("bad");
    let file = folder.path().join("record.json.gz");
    for (text, reason) in [
        ("", "not a JSON object"),
        ("{}", "not a process-vs-thread record"),
        (r#"{"schema": 999}"#, "999"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = program().arg("report").arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(reason), "{}", said(&output));
    }
    assert_eq!(program().args(["report", "/nonexistent"]).output().unwrap().status.code(), Some(1));
}

#[test]
fn a_record_alone_can_go_to_a_pipe() {
    let record = quick_record(&mut program(), "count/futex/alone");
    assert_eq!(record.counts.len(), 2);
    assert!(record.cells.is_empty() && record.run.quick);
    assert!(!record.run.command.contains('/') || record.run.command.contains("count/"));
}
