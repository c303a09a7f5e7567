//! A finished measurement is never thrown away: folders, disks and limits that refuse what a run
//! has to say.

mod fixture;
mod support;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use process_vs_thread::question::judge;
use process_vs_thread::run::Reports;
use process_vs_thread::{record, report};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Barrier;
use std::time::Duration;
use support::{Folder, program};

/// A short run: the counting pass of one arm.
const SHORT: [&str; 4] = ["run", "--quick", "--only", "count/baseline/getppid"];

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The program under a limit, which the shell sets.
fn limited(limit: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let script = format!("{limit}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_process-vs-thread")]).stdin(Stdio::null());
    command
}

/// Folders of reports in a folder.
fn kept(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.join("record.json.gz").is_file()).collect()
}

/// A run whose folder is replaced by a file once it has begun to measure.
fn run_into_a_file(out: &Path, temporary: &Path) -> Output {
    let mut command = program();
    command.args(SHORT).arg("--out").arg(out).env("TMPDIR", temporary);
    let mut run = command.spawn().unwrap();
    let mut first = [0];
    // The machine is described when the folder was looked at, and before anything is measured.
    run.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    fs::remove_dir_all(out).unwrap();
    fs::write(out, "").unwrap();
    run.wait_with_output().unwrap()
}

#[test]
fn runs_of_the_same_second_are_all_kept() {
    const RUNS: usize = 8;
    let folder = Folder::new("same-second");
    let barrier = Barrier::new(RUNS);
    let one = || {
        let mut record = fixture::small();
        barrier.wait();
        let reports = Reports::at(Some(folder.path().to_owned()));
        let judged = judge(&record);
        let written = reports.write(&mut record, &judged).unwrap();
        (written, record)
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..RUNS).map(|_| scope.spawn(one)).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), RUNS, "and nothing else");
    for (written, record) in all {
        let name = written.record.parent().unwrap().file_name().unwrap();
        assert_eq!(name.to_string_lossy(), record.run.id);
        assert_eq!(record::read(&written.record).unwrap(), record);
        assert!(fs::read_to_string(written.page.unwrap()).unwrap().contains(&record.run.id));
    }
}

#[test]
fn figures_are_shown_and_kept_where_the_folder_has_become_a_file() {
    let (folder, temporary) = (Folder::new("spoilt"), Folder::new("spoilt-tmp"));
    let out = folder.path().join("reports");
    let output = run_into_a_file(&out, temporary.path());
    assert!(output.status.success(), "{}", said(&output));
    assert!(printed(&output).contains("claims:") && said(&output).contains("warning"), "the table");
    assert!(said(&output).contains(&out.display().to_string()), "{}", said(&output));
    let [folder] = &kept(temporary.path())[..] else { panic!("{}", said(&output)) };
    assert!(printed(&output).contains(&folder.display().to_string()), "{}", printed(&output));
    assert_eq!(record::read(&folder.join("record.json.gz")).unwrap().counts.len(), 2);
    assert!(folder.join("index.html").is_file());
}

#[test]
fn figures_are_shown_where_they_can_be_kept_nowhere() {
    let (folder, temporary) = (Folder::new("nowhere"), Folder::new("nowhere-tmp"));
    let (out, tmp) = (folder.path().join("reports"), temporary.path().join("t"));
    fs::write(&tmp, "no folder").unwrap();
    let output = run_into_a_file(&out, &tmp);
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("claims:"), "the table: {}", printed(&output));
    let said = said(&output);
    for part in [out.to_str().unwrap(), tmp.to_str().unwrap(), "--out"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("PROCESS_VS_THREAD_OUT"), "--out was given: {said}");
}

#[test]
fn what_would_refuse_a_report_is_found_before_anything_is_measured() {
    let folder = Folder::new("found-early");
    let out = folder.path().join("reports");
    for (limit, why) in [("ulimit -f 100", "ulimit -f"), ("umask 777", "umask 022")] {
        let output = limited(limit).args(SHORT).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{limit}: {:?}", output.status);
        assert!(said(&output).contains(why), "{}", said(&output));
        assert!(output.stdout.is_empty(), "{limit}: it measured");
        let left = fs::read_dir(&out).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{limit} leaves files");
    }
    fs::write(&out, "")
        .or_else(|_| fs::remove_dir(&out).and_then(|()| fs::write(&out, "")))
        .unwrap();
    for (set, remedy) in [(None, "--out"), (Some(&out), "PROCESS_VS_THREAD_OUT")] {
        let mut command = program();
        command.args(SHORT);
        match set {
            None => command.arg("--out").arg(&out),
            Some(out) => command.env("PROCESS_VS_THREAD_OUT", out),
        };
        let output = command.output().unwrap();
        assert!(output.status.code() == Some(1) && said(&output).contains(remedy), "{remedy}");
    }
}

#[test]
fn a_record_that_standard_output_refuses_is_kept() {
    let refusing = |name: &str, to: Stdio| {
        let temporary = Folder::new(name);
        let mut command = program();
        let run = command.args(SHORT).args(["--out", "-"]).env("TMPDIR", temporary.path());
        let output = run.stdout(to).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        let [folder] = &kept(temporary.path())[..] else { panic!("{}", said(&output)) };
        assert!(said(&output).contains(&folder.display().to_string()), "{}", said(&output));
    };
    refusing("full", File::options().write(true).open("/dev/full").unwrap().into());
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC).unwrap();
    drop(reader);
    refusing("left", writer.into());
}

#[test]
fn a_slow_reader_of_a_non_blocking_pipe_gets_the_whole_record() {
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC).unwrap();
    fcntl(&writer, FcntlArg::F_SETPIPE_SZ(4096)).unwrap();
    fcntl(&writer, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    let mut command = program();
    command.args(SHORT).args(["--out", "-"]).stdout(writer);
    let mut run = command.spawn().unwrap();
    // It holds the other end of the pipe.
    drop(command);
    let (mut reader, mut all, mut some) = (File::from(reader), Vec::new(), [0; 1000]);
    loop {
        std::thread::sleep(Duration::from_millis(5));
        match reader.read(&mut some).unwrap() {
            0 => break,
            count => all.extend_from_slice(&some[..count]),
        }
    }
    assert!(run.wait().unwrap().success());
    assert!(all.len() > 8192, "more than the pipe holds");
    serde_json::from_slice::<record::Record>(&all).unwrap();
}

#[test]
fn what_a_page_or_a_readme_held_is_there_where_the_new_one_has_no_room() {
    let folder = Folder::new("replaced");
    let path = |name: &str| folder.path().join(name);
    let file = path("record.json.gz");
    record::write_new(&file, &fixture::small()).unwrap();
    let page = path("index.html");
    fs::write(&page, "the page of before").unwrap();
    let output = limited("ulimit -f 1").arg("report").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{:?}", output.status);
    assert!(printed(&output).contains("claims:"), "the table is shown: {}", printed(&output));
    assert!(said(&output).contains("ulimit -f"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&page).unwrap(), "the page of before");

    let readme = path("README.md");
    let old = format!("# Title\n{}\n{}\nrest\n", report::BEGIN, report::END);
    fs::write(&readme, &old).unwrap();
    let splice = |command: &mut Command| {
        command.arg("report").arg(&file).arg("--splice").arg(&readme).output().unwrap()
    };
    let output = splice(&mut limited("ulimit -f 1"));
    assert!(said(&output).contains("ulimit -f"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&readme).unwrap(), old);
    assert!(splice(&mut program()).status.success());
    assert_ne!(fs::read_to_string(&readme).unwrap(), old);
}
