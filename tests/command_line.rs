//! The program's command line: what it refuses, what it writes, what it never overwrites.

mod support;

use process_vs_thread::record;
use std::path::Path;
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
}

#[test]
fn without_a_command_the_last_run_is_shown_or_how_to_make_the_first() {
    let folder = Folder::new("none");
    let asked = |home: &str| {
        let output = program().env("PROCESS_VS_THREAD_OUT", home).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let none = asked(folder.path().to_str().unwrap());
    assert!(none.contains("There is no run in") && none.contains("run --quick"), "{none}");
    let reports = format!("{}/reports", env!("CARGO_MANIFEST_DIR"));
    let latest = runs().pop().expect("a kept run");
    let (_, last, _) = typed(&["show", &latest]);
    assert!(asked(&reports) == last && last.contains("A3  "), "{last}");
}

#[test]
fn a_mistyped_word_is_a_usage_error_that_says_what_may_have_been_meant() {
    for (arguments, meant) in [
        (&["shwo"][..], "'show'"),
        (&["run", "--qiuck"], "'--quick'"),
        (&["run", "A33"], "did you mean A3?"),
        (&["run", "creation/frok"], "did you mean creation/fork?"),
        (&["explain", "b11"], "did you mean B1?"),
        (&["serve", "eopll"], "'epoll'"),
    ] {
        let (status, out, error) = typed(arguments);
        assert_eq!(status, Some(2), "{arguments:?}");
        assert!(error.contains(meant) && out.is_empty(), "{arguments:?}: {error}");
    }
    let (status, _, error) = typed(&["show", "lsat"]);
    assert!(status == Some(1) && error.contains("did you mean last?"), "{error}");
}

#[test]
fn old_words_still_mean_what_they_meant() {
    for (old, new) in [
        (&["run", "--label", "a/b"][..], &["run", "--name", "a/b"][..]),
        (&["serve", "--shape", "tree"], &["serve", "tree"]),
    ] {
        let [(old_status, _, old), (status, _, new)] = [typed(old), typed(new)];
        assert_eq!((old_status, status), (Some(2), Some(2)));
        let why = |text: &str| text.split_once(": ").unwrap().1.to_owned();
        assert!(!why(&old).is_empty() && !why(&new).is_empty());
    }
    for arguments in [["run", "--help"], ["serve", "--help"]] {
        let (_, help, _) = typed(&arguments);
        let old = ["--label", "--only", "--shape"];
        assert!(old.iter().all(|word| !help.contains(word)), "{help}");
    }
}

#[test]
fn the_version_names_the_schema_of_the_records() {
    let (status, version, _) = typed(&["--version"]);
    assert_eq!(status, Some(0));
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
    assert!(version.contains(&format!("record schema {}", record::SCHEMA)), "{version}");
}

#[test]
fn every_command_explains_itself() {
    let (_, help, _) = typed(&["--help"]);
    let (_, listed) = help.split_once("Commands:").unwrap();
    let listed = listed.split("Options:").next().unwrap();
    // A line that is wrapped goes on further in.
    let begins = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands = begins.filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|word| *word != "help").collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        let (status, help, _) = typed(&[command, "--help"]);
        assert_eq!(status, Some(0), "{command}");
        let example = format!("Examples:\n  process-vs-thread {command}");
        assert!(help.contains(&example), "{command}: {help}");
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
fn a_quiet_run_prints_where_its_report_is_and_nothing_else() {
    let folder = Folder::new("quiet");
    let out = folder.path().display().to_string();
    let run = ["run", "--quick", "-q", "getppid", "--out", &out];
    let (status, _, error) = typed(&run);
    assert_eq!(status, Some(2), "no measurement is called so: {error}");
    let run = ["run", "--quick", "-q", "baseline/getppid", "--out", &out];
    let (status, printed, said) = typed(&run);
    assert_eq!(status, Some(0), "{said}");
    let lines: Vec<&str> = printed.lines().collect();
    assert!(matches!(lines[..], [record] if Path::new(record).is_file()), "{printed}");
    assert!(said.is_empty(), "{said}");
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
    let record = quick_record(&mut program(), "count/baseline/getppid");
    assert_eq!(record.counts.len(), 2);
    assert!(record.cells.is_empty() && record.run.quick);
    assert!(!record.run.command.contains('/') || record.run.command.contains("count/"));
}

/// The kept runs, the latest one last.
fn runs() -> Vec<String> {
    let reports = format!("{}/reports", env!("CARGO_MANIFEST_DIR"));
    let runs = std::fs::read_dir(reports).unwrap().map(|entry| entry.unwrap().path());
    let runs = runs.filter(|run| run.join("record.json.gz").exists());
    let mut runs: Vec<String> = runs.map(|run| run.display().to_string()).collect();
    runs.sort();
    runs
}

/// The latest of a machine whose time is real.
fn kept() -> String {
    let real = |run: &String| run.ends_with("-kvm");
    runs().into_iter().rfind(real).expect("a kept run of a real machine")
}

fn typed(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program().args(arguments).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), out, err)
}

#[test]
fn a_run_is_shown_explained_and_compared_with_itself() {
    let run = kept();
    let (status, shown, _) = typed(&["show", &run]);
    assert_eq!(status, Some(0));
    assert!(shown.contains("A3  a thread is 10-100x faster"), "{shown}");
    let (status, one, _) = typed(&["show", &run, "b1"]);
    assert!(status == Some(0) && one.starts_with("B1: ") && !one.contains("A3: "), "{one}");
    let (status, explained, _) = typed(&["explain", "A3", &run]);
    assert_eq!(status, Some(0));
    for part in ["Textbook: 10-100×", "Decides", "Measured besides", "run A3"] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let (status, same, _) = typed(&["compare", &run, &run]);
    assert_eq!(status, Some(0));
    assert!(same.contains("No verdict differs (") && same.contains(" 0 of "), "{same}");
}

#[test]
fn a_comparison_is_json_or_a_page_and_ends_by_its_conditions() {
    let (run, folder) = (kept(), Folder::new("compare"));
    let (status, json, _) = typed(&["compare", &run, &run, &run, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, json["runs"].as_array().map(Vec::len)), (Some(0), Some(3)));
    let page = folder.path().join("page.html").display().to_string();
    assert_eq!(typed(&["compare", &run, &run, "--html", &page]).0, Some(0));
    assert!(std::fs::read_to_string(&page).unwrap().starts_with("<!DOCTYPE html>"));
    let passes = ["compare", &run, &run, "--fail-if", "verdict", "--fail-if", "slower:10%"];
    assert_eq!(typed(&passes).0, Some(0));
    assert_eq!(typed(&["compare", &run, &run, "--fail-if", "faster"]).0, Some(2));
    // A page never takes the place of a record, and what cannot be read is not left out in silence.
    let copy = folder.path().join("record.json.gz").display().to_string();
    std::fs::copy(format!("{run}/record.json.gz"), &copy).unwrap();
    let (status, _, error) = typed(&["compare", &run, &copy, "--html", &copy]);
    assert!(status == Some(1) && error.contains("it is a record"), "{error}");
    let condition = ["compare", &run, &run, "--fail-if", "verdict:any"];
    let (status, _, error) = typed(&condition);
    assert!(status == Some(0) && error.contains("verdict:any: does not hold"), "{error}");
    let broken = folder.path().join("broken.json").display().to_string();
    std::fs::write(&broken, "{\"schema\":6,").unwrap();
    let (status, shown, error) = typed(&["compare", &run, &run, &broken]);
    assert!(status == Some(1) && shown.contains("No verdict differs"), "{shown}");
    assert!(error.contains("broken.json") && error.contains("1 of them cannot be read"), "{error}");
}

#[test]
fn what_is_not_there_is_named_with_what_there_is() {
    let (status, _, error) = typed(&["explain", "Z9"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("no such claim") && error.contains("list claims"), "{error}");
    let (status, _, error) = typed(&["show", "no-such-run"]);
    assert!(status == Some(1) && error.contains("no such run in"), "{error}");
    let (status, _, error) = typed(&["run", "Z9"]);
    assert!(status == Some(2) && error.contains("list claims"), "{error}");
    assert_eq!(typed(&["compare", "last"]).0, Some(2));
    // Without a name: the last two.
    let two = |words: &[&str]| {
        let reports = format!("{}/reports", env!("CARGO_MANIFEST_DIR"));
        program().args(words).env("PROCESS_VS_THREAD_OUT", reports).output().unwrap().stdout
    };
    let compared = two(&["compare"]);
    assert!(!compared.is_empty() && compared == two(&["compare", "last~1", "last"]));
    assert_eq!(typed(&["run", "A3", "--only", "fork"]).0, Some(2));
}
