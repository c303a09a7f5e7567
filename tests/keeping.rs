//! Live: idle units of every kind, what is read of their memory, and the control groups that they
//! live in.

mod support;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use process_vs_thread::cgroup::{self, Group};
use process_vs_thread::lab::{HoldSpec, HoldingLab, KINDS, locate};
use process_vs_thread::plan::Keeping;
use process_vs_thread::proc;
use process_vs_thread::question::memory::plan::keepings;
use process_vs_thread::record::{Footprint, MemorySource, Parent, Record, Row};
use process_vs_thread::run::Planned;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{
    LAB, as_ordinary_user, bench, children, cores, lives, measured, program, quick_record,
    within_patience,
};

fn holding(kind: &str) -> HoldingLab {
    let spec = HoldSpec {
        kind: kind.to_owned(),
        parent: Parent::default(),
        cpu: cores().main,
        group: None,
    };
    HoldingLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap()
}

/// Threads besides the lab's own, children, and sockets of a lab.
fn living(lab: i32) -> [usize; 3] {
    let threads = fs::read_dir(format!("/proc/{lab}/task")).unwrap().count() - 1;
    let open = fs::read_dir(format!("/proc/{lab}/fd")).unwrap().flatten();
    let is_socket = |path: PathBuf| {
        fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
    };
    let sockets = open.filter(|entry| is_socket(entry.path())).count();
    [threads, children(lab as u32).len(), sockets]
}

/// What as many units of a kind are to be.
fn expected(kind: &str, units: usize) -> [usize; 3] {
    match kind {
        "connection" => [0, 0, 2 * units + 1],
        kind if kind.contains("thread") => [units, 0, 0],
        _ => [0, units, 0],
    }
}

#[test]
fn units_of_every_kind_live_and_are_idle_and_go() {
    for kind in KINDS {
        let mut lab = holding(kind.id);
        for units in [3, 10] {
            let held = lab.hold(units).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(living(lab.pid()), expected(kind.id, units as usize), "{}", kind.id);
            let own = ["fork", "exec-dynamic", "drill-process"].contains(&kind.id);
            assert_eq!(held.processes.len(), if own { units as usize } else { 0 }, "{}", kind.id);
            assert!(within_patience(|| all_asleep(lab.pid())), "{} is busy", kind.id);
        }
        let held = lab.hold(0).unwrap();
        assert_eq!(living(lab.pid()), [0, 0, 0], "{}", kind.id);
        assert!(held.processes.is_empty() && held.max_rss_self_bytes > 0);
        assert_eq!(held.max_rss_children_bytes > 0, expected(kind.id, 1)[1] > 0, "{}", kind.id);
    }
}

/// Does every thread and every child of the lab sleep, but for its main thread, which may be about
/// to?
fn all_asleep(lab: i32) -> bool {
    let threads = fs::read_dir(format!("/proc/{lab}/task")).unwrap().flatten();
    let stats = threads.map(|task| task.path().join("stat"));
    let childrens = children(lab as u32).into_iter().map(|pid| format!("/proc/{pid}/stat").into());
    stats
        .chain(childrens)
        .all(|stat: PathBuf| proc::read(stat).is_ok_and(|stat| proc::state(&stat) == Some('S')))
}

#[test]
fn no_unit_survives_its_lab() {
    for kind in KINDS {
        let mut lab = holding(kind.id);
        lab.hold(10).unwrap();
        let units = children(lab.pid() as u32);
        assert_eq!(units.len(), expected(kind.id, 10)[1], "{}", kind.id);
        kill(Pid::from_raw(lab.pid()), Signal::SIGKILL).unwrap();
        assert!(within_patience(|| units.iter().all(|unit| !lives(*unit))), "{}", kind.id);
        assert!(lab.hold(20).unwrap_err().why.contains("SIGKILL"), "{}", kind.id);
    }
}

#[test]
fn an_unknown_kind_is_refused() {
    let spec = HoldSpec {
        kind: "none".to_owned(),
        parent: Parent::default(),
        cpu: cores().main,
        group: None,
    };
    let failure = HoldingLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap_err();
    assert!(failure.why.contains("no such kind"), "{failure}");
}

fn footprints(wanted: impl Fn(&Keeping) -> bool) -> Vec<Footprint> {
    let wanted = keepings().into_iter().filter(wanted).map(Planned::Keep);
    measured(wanted, &bench(), &mut |_| {}, |row| match row {
        Row::Footprint(footprint) => Some(footprint),
        _ => None,
    })
}

#[test]
fn memory_is_read_without_units_and_with_more_and_more() {
    let page = process_vs_thread::sys::memory::page_bytes() as u64;
    for footprint in footprints(|keeping| ["thread", "fork"].contains(&keeping.kind)) {
        assert!(footprint.failure.is_none(), "{:?}", footprint.failure);
        let [launch] = footprint.launches.as_slice() else { panic!("{footprint:?}") };
        let units: Vec<u32> = launch.readings.iter().map(|reading| reading.units).collect();
        let big = footprint.parent.memory_bytes > 0;
        assert_eq!(units, if big { [0, 25, 100] } else { [0, 50, 200] });
        let more = |part: fn(&process_vs_thread::record::MemoryReading) -> u64| {
            part(&launch.readings[2]).saturating_sub(part(&launch.readings[1]))
        };
        // A kernel stack is a page at least, whoever keeps the books; the machine's hold others'
        // changes.
        if !matches!(launch.source, MemorySource::Meminfo { .. }) {
            assert!(more(|reading| reading.total_bytes) >= 150 * page, "{launch:?}");
            assert!(more(|reading| reading.anonymous_bytes) >= 150 * page, "{launch:?}");
        }
        match footprint.kind.as_str() {
            "thread" => assert!(more(|reading| reading.virtual_bytes) >= 150 * page),
            _ => assert!(more(|reading| reading.proportional_bytes) >= 150 * page),
        }
    }
}

#[test]
fn twenty_drills_have_ten_workers_each_and_a_peak() {
    let drills = footprints(|keeping| keeping.kind.starts_with("drill"));
    assert_eq!(drills.len(), 2);
    for footprint in drills {
        assert!(footprint.failure.is_none(), "{:?}", footprint.failure);
        let last = footprint.launches[0].readings.last().unwrap();
        assert_eq!(last.units, 200);
        if footprint.launches[0].source == MemorySource::CgroupV1 {
            assert!(last.peak_bytes >= footprint.launches[0].readings[0].total_bytes);
        }
        assert_eq!(last.max_rss_children_bytes > 0, footprint.kind == "drill-process");
    }
}

#[test]
fn without_huge_pages_their_stacks_are_no_figure() {
    let [footprint] = &footprints(|keeping| keeping.kind == "thread-huge")[..] else { panic!() };
    let setting = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    if setting.is_ok_and(|setting| !setting.contains("[never]")) {
        eprintln!("skipped: this kernel gives huge pages");
        return;
    }
    assert!(footprint.launches.is_empty() && footprint.failure.as_ref().unwrap().remedy.is_some());
}

/// A group of this process's own, or why the test is skipped.
fn group() -> Option<Group> {
    let made = Group::make(&locate(Some(LAB)).unwrap().reaper());
    made.map_err(|failure| eprintln!("skipped: {failure}")).ok()
}

#[test]
fn a_group_is_entered_limited_and_removed_with_who_is_in_it() {
    let Some(group) = group() else { return };
    let folder = group.folder().to_owned();
    assert!(
        folder.file_name().unwrap().to_string_lossy().contains(&std::process::id().to_string())
    );
    let mut inside = sleeper(&folder);
    assert!(
        fs::read_to_string(folder.join("cgroup.procs")).unwrap().contains(&inside.id().to_string())
    );
    cgroup::limit_memory(&folder, 64 << 20).unwrap();
    drop(group);
    assert!(!folder.exists());
    assert_eq!(inside.wait().unwrap().signal(), Some(Signal::SIGKILL as i32));
}

#[test]
fn what_is_no_group_cannot_be_entered() {
    let failure = cgroup::enter(Path::new("/nonexistent")).unwrap_err();
    assert_eq!(failure.errno, Some(nix::errno::Errno::ENOENT as i32));
    assert!(failure.remedy.is_some());
}

/// A process in a group.
fn sleeper(folder: &Path) -> Child {
    let script = "echo 0 > \"$0/cgroup.procs\" && echo in && exec sleep 60";
    let mut command = Command::new("/bin/sh");
    let mut child =
        command.arg("-c").arg(script).arg(folder).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 3];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
    child
}

#[test]
fn what_an_earlier_run_left_is_swept_and_what_lives_stays() {
    let Some(first) = group() else { return };
    let place = first.folder().parent().unwrap();
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let stale = place.join(format!("process-vs-thread-{}-0", gone.id()));
    fs::create_dir(&stale).unwrap();
    let mut left = sleeper(&stale);
    // A process sweeps before it makes its first.
    quick_record(&mut program(), "memory/drill-threads");
    assert!(!stale.exists() && first.folder().exists());
    assert_eq!(left.wait().unwrap().signal(), Some(Signal::SIGKILL as i32));
}

#[test]
fn a_run_in_other_namespaces_leaves_a_living_group_alone_and_sweeps_a_dead_one() {
    let Some(first) = group() else { return };
    let mut inside = sleeper(first.folder());
    // There the same process started at another time, and has another id.
    for flags in [&["-T", "--boottime", "1000000"][..], &["-p", "-f", "--mount-proc"]] {
        let mut command = Command::new("unshare");
        if !command.args(flags).arg("true").status().is_ok_and(|status| status.success()) {
            eprintln!("skipped: unshare {flags:?} is refused here");
            continue;
        }
        let stale = first.folder().with_file_name("process-vs-thread-1073741824-0");
        fs::create_dir(&stale).unwrap();
        let mut command = Command::new("unshare");
        command.args(flags).arg(env!("CARGO_BIN_EXE_process-vs-thread"));
        quick_record(&mut command, "memory/drill-threads");
        assert!(first.folder().exists(), "{flags:?}");
        assert!(inside.try_wait().unwrap().is_none(), "{flags:?} killed who was in it");
        assert!(!stale.exists(), "{flags:?}");
    }
    drop(first);
    inside.wait().unwrap();
}

#[test]
fn no_group_survives_a_killed_run() {
    let Some(own) = group() else { return };
    let place = own.folder().parent().unwrap();
    for signal in [Signal::SIGKILL, Signal::SIGINT] {
        let mut command = program();
        command.args(["run", "--only", "memory/thread$", "--out", "-"]).process_group(0);
        // A shell that starts jobs in the background has the signal ignored.
        let mut run = command.stderr(Stdio::null()).spawn().unwrap();
        let run_id = run.id();
        let groups = || drivers(place).iter().filter(|driver| **driver == run_id).count();
        assert!(within_patience(|| groups() > 0 && children(run.id()).len() >= 2), "no group");
        let all = children(run.id());
        match signal {
            // A person's Ctrl-C reaches the whole foreground group, but not the reaper's session.
            Signal::SIGINT => killpg(Pid::from_raw(run.id() as i32), signal).unwrap(),
            _ => kill(Pid::from_raw(run.id() as i32), signal).unwrap(),
        }
        if !within_patience(|| run.try_wait().unwrap().is_some()) {
            eprintln!("skipped: {signal} is ignored here");
            run.kill().unwrap();
            run.wait().unwrap();
        }
        assert!(within_patience(|| groups() == 0), "{signal} left a group");
        assert!(within_patience(|| all.iter().all(|pid| !lives(*pid))), "{signal} left the reaper");
    }
}

#[test]
fn a_run_that_ends_leaves_no_group_and_reports_what_it_kept() {
    let record = quick_record(&mut program(), "memory/drill");
    assert_eq!(record.footprints.len(), 2);
    assert!(record.footprints.iter().all(|f| f.launches.len() == 3), "{:?}", record.footprints);
    assert!(!record.machine.limits.is_empty());
    let Some(own) = group() else { return };
    let place = own.folder().parent().unwrap();
    // Of runs that another test has killed, reapers may be at work.
    assert!(within_patience(|| drivers(place).iter().all(|driver| lives(*driver))));
}

/// Drivers whose groups are there.
fn drivers(place: &Path) -> Vec<u32> {
    let names = fs::read_dir(place).unwrap().flatten().map(|entry| entry.file_name());
    let driver = |name: &str| {
        name.strip_prefix("process-vs-thread-")?.split_once('-')?.0.parse::<u32>().ok()
    };
    names.filter_map(|name| driver(&name.to_string_lossy())).collect()
}

#[test]
fn an_ordinary_user_gets_figures_of_the_machine_and_the_reason() {
    let mut command = program();
    if !as_ordinary_user(&mut command, &[env!("CARGO_BIN_EXE_process-vs-thread")]) {
        return;
    }
    let record: Record = quick_record(&mut command, "memory/(thread|fork|connection)$");
    assert_eq!(record.footprints.len(), 3);
    for footprint in &record.footprints {
        let tried = footprint.launches.len();
        assert!(tried == 3 || footprint.failure.is_some(), "{footprint:?}");
        for launch in &footprint.launches {
            if let MemorySource::Meminfo { why } = &launch.source {
                assert!(why.contains("Delegate"), "{why}");
            }
        }
    }
}

#[test]
fn list_names_every_footprint() {
    let output = program().arg("list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for keeping in keepings() {
        assert!(text.contains(&keeping.id.to_string()), "{}", keeping.id);
    }
}
