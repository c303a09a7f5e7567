//! A run that ends before it is through keeps what it has, says so, leaves nobody, and can be gone
//! on with. How a run ends, and what it names to go on with.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_vs_thread::record::{self, Cut, Record, Stop};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use support::{Folder, children, program, within_patience};

/// Comparisons that take some seconds.
const ONLY: &str = "^switching/(aa-thread|aa-process|futex|pipe)$";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn run(out: &Path, more: &[&str]) -> Command {
    let mut command = program();
    command.args(["run", "--only", ONLY, "--out"]).arg(out).args(more);
    command
}

/// The records that lie in a folder, by the names of their runs.
fn records(folder: &Path) -> Vec<Record> {
    let mut runs: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    runs.sort();
    runs.iter().map(|run| record::read(&run.join("record.json.gz")).unwrap()).collect()
}

/// Starts a run whose launches are told, in a group of its own as a shell does, and waits until the
/// pairs are under way. It is no quick one, which might be through before it is asked to end.
fn under_way(out: &Path) -> Child {
    let mut child = run(out, &["--jsonl"]).process_group(0).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = lines.by_ref().find(|line| line.as_ref().unwrap().contains("launch 2/"));
    assert!(begun.is_some(), "no second launch");
    // Whoever writes to a pipe without a reader is told so.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

#[test]
fn asked_to_end_it_keeps_what_it_has_and_leaves_nobody() {
    for (signal, status, cut) in [
        (Signal::SIGINT, 130, Cut::Interrupted),
        (Signal::SIGTERM, 143, Cut::Terminated),
        (Signal::SIGHUP, 129, Cut::HungUp),
    ] {
        let out = folder(&format!("anytime-{signal}"));
        let mut child = under_way(&out);
        // To the whole group, as a terminal sends it.
        kill(Pid::from_raw(-(child.id() as i32)), signal).unwrap();
        let ended = child.wait().unwrap();
        assert_eq!(ended.code(), Some(status), "{signal}");
        let found = records(&out);
        let [record] = found.as_slice() else { panic!("{signal}: {}", found.len()) };
        assert_eq!(record.run.cut, Some(cut));
        assert!(record.cells.iter().all(|cell| !cell.launches.is_empty()));
        assert!(record.cells.iter().any(|cell| cell.stop == Stop::Cut), "none was under way");
        let failed = record.cells.iter().any(|cell| matches!(cell.stop, Stop::Failed(_)));
        assert!(!failed, "a lab that is ended with the run is no failure");
        let page = out.join(&record.run.id).join("index.html");
        assert!(std::fs::read_to_string(page).unwrap().contains(&cut.to_string()), "{cut}");
        let itself = child.id();
        assert!(within_patience(|| children(itself).is_empty()));
    }
}

#[test]
fn asked_twice_it_ends_at_once() {
    let out = folder("anytime-twice");
    let mut child = under_way(&out);
    let own = Pid::from_raw(child.id() as i32);
    // The second may come before the first was taken; then they are one.
    let ended = within_patience(|| {
        let _ = kill(own, Signal::SIGINT);
        child.try_wait().unwrap().is_some()
    });
    assert!(ended);
}

fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {said}", output.status);
    output
}

#[test]
fn when_its_time_is_up_it_ends_well_and_is_gone_on_with() {
    let out = folder("anytime-time");
    done(&mut run(&out, &["--quick", "--time", "1s", "--quiet"]));
    let first = records(&out).pop().unwrap();
    assert_eq!(first.run.cut, Some(Cut::TimeUp));
    let part = first.cells.len();

    let mut command = program();
    let resume = format!("--resume={}", out.join(&first.run.id).display());
    command.args(["run", "--only", ONLY, "--quick", "--jsonl", &resume]);
    let output = done(&mut command);
    let said = String::from_utf8(output.stdout).unwrap();
    // Beside the one that it goes on with.
    let whole = records(&out).pop().unwrap();
    assert_eq!(whole.run.cut, None);
    assert_eq!(whole.run.resumed.as_deref(), Some(first.run.id.as_str()));
    assert_eq!(whole.cells.len(), 4, "{part} before");
    assert!(whole.run.duration_s > first.run.duration_s);
    // What was whole is not measured again, and what had begun is gone on with.
    for cell in &first.cells {
        let after = whole.cells.iter().find(|after| after.id == cell.id).unwrap();
        assert_eq!(after.launches[..cell.launches.len()], cell.launches[..]);
        let again = said.contains(&format!("\"launch\":\"{} ", cell.id));
        assert_eq!(again, cell.stop == Stop::Cut, "{}", cell.id);
    }
    // Every line is for a program to read, and the last says where the record is.
    let lines: Vec<serde_json::Value> =
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let record = lines.last().unwrap()["record"].as_str().unwrap();
    assert!(record.contains(&whole.run.id), "{record}");
    assert!(lines.iter().any(|line| line["row"]["cell"]["id"] == "switching/pipe"));
}

#[test]
fn a_run_of_something_else_is_not_gone_on_with() {
    let out = folder("anytime-else");
    done(&mut run(&out, &["--quick", "--time", "1s", "--quiet"]));
    let name = records(&out).pop().unwrap().run.id;
    let mut other = program();
    other.args(["run", "futex/thread", "--quick", &format!("--resume={name}"), "--out"]).arg(&out);
    let output = other.env("PROCESS_VS_THREAD_OUT", &out).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("it was asked for something else: '^switching"), "{said}");
}

#[test]
fn it_stays_on_the_cpus_that_it_is_given_and_says_which_it_may_not_have() {
    let out = folder("anytime-cpu");
    let main = support::cores().main.to_string();
    done(&mut run(&out, &["--quick", "--time", "1s", "--quiet", "--cpu", &main]));
    let record = records(&out).pop().unwrap();
    assert_eq!(record.machine.cpus, [support::cores().main]);
    let refused = run(&out, &["--cpu", "9999"]).stdout(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("may not use CPU 9999"), "{said}");
}

#[test]
fn a_run_is_compared_with_its_baseline() {
    let out = folder("anytime-baseline");
    done(&mut run(&out, &["--quick", "--time", "1s", "--quiet"]));
    let name = records(&out).pop().unwrap().run.id;
    let mut command = run(&out, &["--quick", "--time", "1s", "--baseline", &name]);
    let output = done(command.env("PROCESS_VS_THREAD_OUT", &out));
    let said = String::from_utf8(output.stdout).unwrap();
    let after = said.split("Report ").nth(1).expect("the paths come first");
    let after = after.split_once('\n').expect("a line of its own").1;
    assert!(after.contains(&name), "{said}");
    let missing = run(&out, &["--baseline", "nowhere"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1), "before anything is measured");
}

#[test]
fn what_comes_next_is_of_this_run_and_nothing_measured_is_status_3() {
    let folder = Folder::new("undecided");
    let out = folder.path().to_str().unwrap();
    // Probes decide F2 whatever the machine does; E2 needs a second CPU.
    let decided = program().args(["run", "F2", "--quick", "--out", out]).output().unwrap();
    assert_eq!(decided.status.code(), Some(0));
    let said = String::from_utf8_lossy(&decided.stdout);
    let explain = said.lines().find(|line| line.starts_with("Explain ")).expect("it says how");
    assert!(explain.contains("explain F2 ") && explain.contains(out), "{said}");
    assert!(said.contains("run F2 --quick"), "{said}");
    let cpu = support::cores().main.to_string();
    let lone = ["run", "E2", "--quick", "--quiet", "--cpu", &cpu, "--out", out];
    let undecided = program().args(lone).output().unwrap();
    let said = String::from_utf8_lossy(&undecided.stderr);
    assert_eq!(undecided.status.code(), Some(3), "{said}");
    assert!(said.contains("this run may use one CPU only"), "{said}");
}
