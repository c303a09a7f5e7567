//! Live: servers under load, shot at, and with idle connections, as the sampler drives them.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_vs_thread::lab::{Cores, Program};
use process_vs_thread::plan::{Grid, Idling, Loading, Shooting};
use process_vs_thread::proc;
use process_vs_thread::question::servers::plan as servers;
use process_vs_thread::record::{
    Crash, Failure, Footprint, LoadRun, MemorySource, Record, Row, Serving, Shape,
};
use process_vs_thread::run::Planned;
use process_vs_thread::sampler::{Bench, Budget};
use std::process::{Command, Stdio};
use support::{bench, cores, lives, measured, program, within_patience};

/// Length of a test's open loop, seconds.
const OPEN_S: f64 = 0.02;

/// The bench of a machine with one CPU.
fn narrow() -> Bench {
    let (cores, why) = (cores(), Failure::new("finding a second CPU", "there is one"));
    let cores = Cores { main: cores.main, other: Err(why), all: vec![cores.main] };
    Bench { cores, ..bench() }
}

/// Does this machine have a CPU for each side? Else the test is skipped.
fn wide() -> bool {
    let wide = cores().other.is_ok();
    if !wide {
        eprintln!("skipped: this machine has one CPU");
    }
    wide
}

fn loading(shape: Shape, connections: u32, pages: u32) -> Loading {
    let id = servers::load(shape, connections, pages);
    Loading { id, shape, connections, pages, headline: false }
}

fn shooting(shape: Shape) -> Shooting {
    Shooting { id: servers::crash(shape), shape, connections: 4 }
}

fn idling(shape: Shape) -> Idling {
    Idling {
        id: servers::of_shape(servers::KEEP, shape),
        shape,
        units: &[5, 20],
        headline: false,
        shown_once: false,
    }
}

fn load(bench: &Bench, all: &[Loading], heard: &mut dyn FnMut(&str)) -> Vec<Serving> {
    measured(all.iter().cloned().map(Planned::Load), bench, heard, |row| match row {
        Row::Serving(serving) => Some(serving),
        _ => None,
    })
}

fn shoot(bench: &Bench, all: &[Shooting], heard: &mut dyn FnMut(&str)) -> Vec<Crash> {
    measured(all.iter().cloned().map(Planned::Shoot), bench, heard, |row| match row {
        Row::Crash(crash) => Some(crash),
        _ => None,
    })
}

fn idle(bench: &Bench, all: &[Idling], heard: &mut dyn FnMut(&str)) -> Vec<Footprint> {
    measured(all.iter().cloned().map(Planned::Idle), bench, heard, footprint)
}

fn footprint(row: Row) -> Option<Footprint> {
    match row {
        Row::Footprint(footprint) => Some(footprint),
        _ => None,
    }
}

#[test]
fn all_shapes_of_a_cohort_are_loaded_at_one_rate() {
    if !wide() {
        return;
    }
    let alike = |pages| Shape::ALL.map(|shape| loading(shape, 4, pages));
    let loadings: Vec<Loading> = alike(0).into_iter().chain(alike(2)).collect();
    let mut heard = Vec::new();
    let servings = load(&bench(), &loadings, &mut |id| heard.push(id.to_owned()));
    assert_eq!(heard, loadings.iter().map(|l| l.id.to_string()).collect::<Vec<_>>());
    assert_eq!(servings.len(), loadings.len());
    for (loading, serving) in loadings.iter().zip(&servings) {
        assert_eq!((&loading.id, loading.shape), (&serving.id, serving.shape));
        assert_eq!((serving.connections, serving.pages), (4, loading.pages));
        assert_eq!(serving.failure, None);
        let [launch] = serving.launches.as_slice() else { panic!("{serving:?}") };
        let (closed, open) = (&launch.closed, &launch.open);
        assert!(closed.answered > 0 && closed.failed == 0, "{} {closed:?}", serving.id);
        // On a machine that is busy otherwise, some or all may come too late.
        let all = (open.answered + open.failed + open.unsent) as f64;
        assert!((all - open.due_per_s * OPEN_S).abs() <= 1.0, "{} {open:?}", serving.id);
        for run in [closed, open] {
            let worked = run.server_cpu_ns > 0 && run.client_cpu_ns > 0;
            assert!(worked || run.answered == 0, "{} {run:?}", serving.id);
            // What each connection had under way when the time of the closed loop was over has a
            // latency too.
            let late = run.latencies.iter().map(|[_, count]| count).sum::<u64>() - run.answered;
            assert!(late <= if run.due_per_s == 0.0 { 4 } else { 0 }, "{} {run:?}", serving.id);
        }
        assert!(launch.pids.iter().all(|pid| !lives(*pid as u32)));
    }
    for cohort in servings.chunks(Shape::ALL.len()) {
        let of = |run: fn(&Serving) -> &LoadRun| cohort.iter().map(run).collect::<Vec<_>>();
        let closed = of(|serving| &serving.launches[0].closed);
        let open = of(|serving| &serving.launches[0].open);
        assert!(closed.iter().all(|run| run.due_per_s == 0.0));
        let slowest = closed.iter().map(|run| run.answered_per_s()).fold(f64::MAX, f64::min);
        let half = (slowest / 2.0).round().max(1.0);
        assert!(open.iter().all(|run| run.due_per_s == half), "{half} of {open:?}");
    }
}

#[test]
fn a_shot_takes_the_process_that_serves_and_the_master_replaces_it() {
    if !wide() {
        return;
    }
    let crashes = shoot(&bench(), &Shape::ALL.map(shooting), &mut |_| {});
    assert_eq!(crashes.iter().map(|crash| crash.shape).collect::<Vec<_>>(), Shape::ALL);
    for crash in crashes {
        assert_eq!(crash.failure, None);
        let [launch] = crash.launches.as_slice() else { panic!("{crash:?}") };
        assert_eq!(launch.died, 1, "{crash:?}");
        // Prefork loses the shooter's worker alone; the others are one process, with every
        // connection.
        let prefork = crash.shape == Shape::Prefork;
        assert_eq!(launch.dropped == 0, prefork, "{crash:?}");
        let after = (launch.shot_ns / launch.bin_ns) as usize + 1;
        assert!(launch.answered[after..].iter().any(|count| *count > 0), "{crash:?}");
        assert!(launch.pids.iter().all(|pid| !lives(*pid as u32)));
    }
}

#[test]
fn idle_connections_are_read_one_life_of_a_server_at_a_time() {
    // One CPU will do.
    for bench in [bench(), narrow()] {
        for footprint in idle(&bench, &Shape::ALL.map(idling), &mut |_| {}) {
            check(&footprint);
        }
    }
}

fn check(footprint: &Footprint) {
    assert_eq!(footprint.failure, None);
    let [launch] = footprint.launches.as_slice() else { panic!("{footprint:?}") };
    let units: Vec<u32> = launch.readings.iter().map(|reading| reading.units).collect();
    assert_eq!(units, [0, 5, 20], "{footprint:?}");
    assert!(!lives(launch.pid as u32));
    let [none, _, last] = &launch.readings[..] else { panic!("{footprint:?}") };
    assert!(none.resident_bytes > 0 && none.proportional_bytes > 0, "{footprint:?}");
    // Of a process each, even few are more than what pages in stock may hide.
    let grouped = !matches!(launch.source, MemorySource::Meminfo { .. });
    if grouped && footprint.kind == "server-prefork" {
        assert!(last.total_bytes > none.total_bytes, "{footprint:?}");
    }
}

#[test]
fn launches_are_made_in_rounds() {
    if !wide() {
        return;
    }
    let bench = Bench { budget: Budget::QUICK, ..bench() };
    let loadings = [
        loading(Shape::Epoll, 1, 0),
        loading(Shape::ThreadPool, 1, 0),
        loading(Shape::Prefork, 2, 0),
    ];
    let mut heard = Vec::new();
    let servings = load(&bench, &loadings, &mut |id| heard.push(id.to_owned()));
    // Of a cohort another one is first in each round.
    let [epoll, pool, prefork] = loadings.each_ref().map(|loading| loading.id.to_string());
    let rounds = [[&epoll, &pool], [&pool, &epoll], [&epoll, &pool]];
    let expected: Vec<&str> =
        rounds.iter().flat_map(|[one, next]| [one.as_str(), next, &prefork]).collect();
    assert_eq!(heard, expected);
    for serving in servings {
        let [first, rest @ ..] = &serving.launches[..] else { panic!("{serving:?}") };
        assert_eq!(rest.len(), 2);
        assert!(rest.iter().all(|launch| launch.open.due_per_s == first.open.due_per_s));
        assert!(rest.iter().all(|launch| launch.pids != first.pids));
    }
}

#[test]
fn with_one_cpu_loads_and_shots_are_rows_with_the_reason() {
    let servings = load(&narrow(), &[loading(Shape::Epoll, 1, 0)], &mut |_| panic!("loaded"));
    let crashes = shoot(&narrow(), &[shooting(Shape::Epoll)], &mut |_| {});
    assert!(servings[0].launches.is_empty() && crashes[0].launches.is_empty());
    for failure in [&servings[0].failure, &crashes[0].failure] {
        let failure = failure.as_ref().unwrap();
        assert!(failure.why == "there is one" && failure.tried.contains("epoll"), "{failure}");
    }
}

#[test]
fn a_failure_ends_its_row_in_the_first_round_and_no_other() {
    let lab = Program { path: "/bin/false".into(), arguments: Vec::new() };
    let bench = Bench { lab, budget: Budget::QUICK, ..bench() };
    let mut heard = 0;
    let servings = load(&bench, &Shape::ALL.map(|s| loading(s, 1, 0)), &mut |_| heard += 1);
    let crashes = shoot(&bench, &Shape::ALL.map(shooting), &mut |_| heard += 1);
    let footprints = idle(&bench, &Shape::ALL.map(idling), &mut |_| heard += 1);
    assert_eq!(heard, if cores().other.is_ok() { 15 } else { 10 });
    let failures = servings.iter().map(|serving| &serving.failure);
    let failures = failures.chain(crashes.iter().map(|crash| &crash.failure));
    let failures = failures.chain(footprints.iter().map(|footprint| &footprint.failure));
    assert_eq!(failures.clone().count(), 15);
    assert!(failures.flatten().count() == 15);
}

/// The program in a session of its own (setsid(1)), which its labs stay in.
fn in_session() -> Command {
    let mut command = Command::new("setsid");
    command.arg(program().get_program());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Live processes of a session; who is reaped by nobody has ended.
fn of_session(session: u32) -> Vec<i32> {
    let of_it = |pid: &i32| {
        let stat = proc::read(format!("/proc/{pid}/stat")).unwrap_or_default();
        let lives = !matches!(proc::state(&stat), Some('Z' | 'X'));
        lives && proc::stat_field(&stat, 6) == Some(&session.to_string())
    };
    proc::processes().unwrap().into_iter().filter(of_it).collect()
}

#[test]
fn a_run_has_a_row_of_each_and_nobody_survives_it() {
    let only = "servers/(load/epoll/c4|crash/epoll|keep/epoll)$";
    let mut command = in_session();
    command.args(["run", "--quick", "--out", "-", "--only", only]);
    let run = command.spawn().unwrap();
    let session = run.id();
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let record: Record = serde_json::from_slice(&output.stdout).unwrap();
    let [serving] = &record.servings[..] else { panic!("{:?}", record.servings) };
    let [crash] = &record.crashes[..] else { panic!("{:?}", record.crashes) };
    let [footprint] = &record.footprints[..] else { panic!("{:?}", record.footprints) };
    assert!(record.cells.is_empty() && record.probes.is_empty());
    // One CPU is enough for idle connections alone.
    let made = if cores().other.is_ok() { 3 } else { 0 };
    assert_eq!(
        (serving.failure.is_none(), serving.launches.len()),
        (made > 0, made),
        "{serving:?}"
    );
    assert_eq!((crash.failure.is_none(), crash.launches.len()), (made > 0, made), "{crash:?}");
    assert_eq!((&footprint.failure, footprint.launches.len()), (&None, 3), "{footprint:?}");
    assert!(
        within_patience(|| of_session(session).is_empty()),
        "{:?} are left",
        of_session(session)
    );
}

#[test]
fn nobody_survives_a_run_that_is_killed_while_its_server_works() {
    if !wide() {
        return;
    }
    let mut command = in_session();
    command.args(["run", "--quick", "--out", "-", "--only", "servers/crash/prefork$"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut run = command.spawn().unwrap();
    let session = run.id();
    // The run, its server's master and workers, its client.
    assert!(within_patience(|| of_session(session).len() > 30), "{:?}", of_session(session));
    kill(Pid::from_raw(session as i32), Signal::SIGKILL).unwrap();
    run.wait().unwrap();
    assert!(
        within_patience(|| of_session(session).is_empty()),
        "{:?} are left",
        of_session(session)
    );
}

#[test]
fn list_names_every_server() {
    let text = String::from_utf8(program().arg("list").output().unwrap().stdout).unwrap();
    let mut ids: Vec<process_vs_thread::record::Id> =
        servers::loadings(Grid::Default).into_iter().map(|loading| loading.id).collect();
    ids.extend(servers::shootings().into_iter().map(|shooting| shooting.id));
    ids.extend(servers::idlings(Grid::Default).into_iter().map(|idling| idling.id));
    for id in ids {
        assert!(text.contains(&format!("  {id} ")), "{id} is not listed");
    }
}
