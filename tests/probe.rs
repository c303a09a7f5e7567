//! Live: the probes, each run in a lab of its own, and what becomes of a run that cannot be made.

mod support;

use process_vs_thread::lab::{self, Program, locate};
use process_vs_thread::probe::{Entry, Mechanism};
use process_vs_thread::question;
use process_vs_thread::question::creation::plan::COPYING;
use process_vs_thread::record::ProbeRun;
use support::{LAB, probe_named, program, quick_record};

/// The memory that is looked at, and the number of processes that share it.
const BYTES: f64 = (16 << 20) as f64;
const SHARERS: f64 = 5.0;

fn run(entry: &Entry, mechanism: Mechanism) -> ProbeRun {
    let lab = locate(Some(LAB)).unwrap();
    lab::probe(&lab, &lab.reaper(), entry, mechanism).unwrap_or_else(|e| panic!("{e}"))
}

fn figure(run: &ProbeRun, what: &str) -> f64 {
    run.seen.iter().find(|seen| seen.what == what).unwrap_or_else(|| panic!("{what}")).figure
}

/// Those of copy-on-write; the others have tests of their own.
fn of_forks() -> impl Iterator<Item = &'static Entry> {
    question::probes().filter(|entry| entry.family == COPYING)
}

#[test]
fn what_forks_share_is_found_here() {
    for entry in of_forks() {
        let run = run(entry, Mechanism::On);
        assert!(run.holds, "{}: {run:#?}", entry.id());
    }
}

#[test]
fn what_forks_share_is_not_found_without_the_mechanism() {
    for entry in of_forks() {
        let run = run(entry, Mechanism::Off);
        assert!(!run.holds, "{}: {run:#?}", entry.id());
    }
}

#[test]
fn what_was_seen_is_what_the_statement_is_about() {
    let shared = run(probe_named("cow/shared"), Mechanism::On);
    for whose in ["parent", "worker"] {
        assert_eq!(figure(&shared, &format!("{whose}: resident")), BYTES);
        let share = figure(&shared, &format!("{whose}: proportional share"));
        assert!((share * SHARERS / BYTES - 1.0).abs() < 0.05, "{whose}: {share}");
    }
    let split = run(probe_named("cow/split"), Mechanism::On);
    assert_eq!(figure(&split, "worker that wrote: private, dirty"), BYTES / 2.0);
    assert_eq!(figure(&split, "parent then: private, dirty"), 0.0);
    assert_eq!(figure(&split, "parent that wrote: private, dirty"), BYTES / 4.0);
    let pages = figure(&split, "pages that a worker wrote");
    assert!(figure(&split, "worker: minor faults") >= pages);
    let written = run(probe_named("cow/split"), Mechanism::Off);
    let changed = "parent then: pages that hold something else";
    assert_eq!((figure(&split, changed), figure(&written, changed)), (0.0, pages));
    let code = run(probe_named("cow/code"), Mechanism::Off);
    assert!(figure(&code, "parent: private, dirty") > 0.0);
    assert_eq!(figure(&code, "worker: private, dirty"), 0.0);
}

#[test]
fn a_probe_whose_lab_is_killed_says_by_what() {
    let killed =
        Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), "kill -9 $$".into()] };
    let first = question::probes().next().unwrap();
    let failure = lab::probe(&killed, &killed.reaper(), first, Mechanism::On).unwrap_err();
    assert!(failure.why.contains("SIGKILL") && failure.tried.contains("probe/"), "{failure}");
}

#[test]
fn a_run_holds_the_probes_that_are_asked_for_and_their_reasons() {
    let record = quick_record(&mut program(), "probe/cow/s");
    let ids: Vec<String> = record.probes.iter().map(|probe| probe.id.to_string()).collect();
    assert_eq!(ids, ["probe/cow/shared", "probe/cow/split"]);
    for probe in &record.probes {
        assert_eq!((probe.runs.len(), probe.agreed()), (3, Some(true)), "{probe:#?}");
        assert_eq!(probe.failure, None);
    }
    assert!(record.cells.is_empty() && record.counts.is_empty());
    assert!(!record.check("clock-offset").unwrap().detail.is_empty());
    assert_eq!(record.check("exec-cpuids-dynamic"), None, "nothing is exec'd");
}

#[test]
fn a_quick_run_of_creation_says_why_it_counts_no_cpuids() {
    let record = quick_record(&mut program(), "creation/aa-thread");
    let check = record.check("exec-cpuids-dynamic").unwrap();
    assert!(check.figure.is_none() && check.detail.contains("quick run"), "{check:?}");
}

#[test]
fn list_names_every_probe_with_its_statement() {
    let output = program().arg("list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for entry in question::probes() {
        let named = |line: &&str| line.split_whitespace().next() == Some(&entry.id().to_string());
        let line = text.lines().find(named).unwrap();
        assert!(line.contains(entry.statement), "{line}");
    }
}
