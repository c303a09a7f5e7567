//! Faults: what a hostile machine does, and what is left afterwards.

mod support;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use process_vs_thread::lab::{
    HoldSpec, HoldingLab, Lab, Program, ServeSpec, ServerLab, Spec, locate,
};
use process_vs_thread::question::arm;
use process_vs_thread::question::judge;
use process_vs_thread::record::{Arm, Cell, Failure, Parent, Placement, Record, Shape, Stop, Work};
use process_vs_thread::run::undecided;
use process_vs_thread::server;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::{
    Folder, as_ordinary_user, cell_named, children, cores, ignores, launch, lives, program,
    quick_record, within_patience,
};

/// Longer than any test may take.
const UNHEARD_OF: Duration = Duration::from_secs(900);

fn spec(id: &str) -> Spec {
    Spec::new(&arm(id), &cores(), None).unwrap()
}

fn lab_program(path: &str, arguments: &[&str]) -> Program {
    Program { path: path.into(), arguments: arguments.iter().map(Into::into).collect() }
}

#[test]
fn a_killed_lab_says_by_what() {
    let mut lab = launch(&arm("futex/thread"), None).unwrap();
    kill(Pid::from_raw(lab.pid()), Signal::SIGKILL).unwrap();
    let failure = lab.batch(0, 10).unwrap_err();
    assert!(failure.why.contains("SIGKILL"), "{failure}");
}

#[test]
fn a_lab_that_hangs_is_ended_at_its_deadline() {
    let mut lab = launch(&arm("pipe/process"), None).unwrap();
    let (itself, partner) = (lab.pid() as u32, children(lab.pid() as u32)[0]);
    lab.set_patience(Duration::from_millis(300));
    lab.batch(0, 10).unwrap();
    // Without its partner the main actor waits for ever; one that is stopped has not died.
    kill(Pid::from_raw(partner as i32), Signal::SIGSTOP).unwrap();
    let failure = lab.batch(0, 10).unwrap_err();
    assert!(failure.why.contains("no reply within"), "{failure}");
    assert!(within_patience(|| !lives(itself)));
}

/// The death of one of a lab's processes is told when it happens: nobody waits for the deadline, at
/// which another reason would be given.
fn tells_of_its_dead(id: &str, placement: Placement) {
    let arm = arm(id).at(placement);
    let arm = if arm.work == Work::TakesTurns { arm.among(3) } else { arm };
    let mut lab = launch(&arm, None).unwrap();
    lab.set_patience(UNHEARD_OF);
    lab.batch(0, 10).unwrap();
    let actors = children(lab.pid() as u32);
    assert!(!actors.is_empty(), "{id}");
    kill(Pid::from_raw(actors[0] as i32), Signal::SIGKILL).unwrap();
    // What is under way may still be done.
    let mut failed = (0..10).find_map(|_| lab.batch(0, 10).err());
    let failure = failed.take().unwrap_or_else(|| panic!("{id} goes on"));
    let said = format!("process {}, which it measures with, died: killed by SIGKILL", actors[0]);
    assert!(failure.why.contains(&said), "{id}: {failure}");
    let itself = lab.pid() as u32;
    assert!(within_patience(|| !lives(itself)));
}

#[test]
fn an_actor_that_dies_is_named_at_once() {
    for id in ["pipe/process", "futex/process", "eventfd/process", "socket/process"] {
        tells_of_its_dead(id, Placement::SameCore);
    }
    tells_of_its_dead("ring/process", Placement::SameCore);
    tells_of_its_dead("ring/vm-process", Placement::SameCore);
    if cores().other.is_ok() {
        tells_of_its_dead("spin/process", Placement::TwoCores);
    }
}

#[test]
fn a_lab_or_a_unit_that_dies_while_it_is_kept_is_named() {
    for victim_is_lab in [true, false] {
        let spec = HoldSpec {
            kind: "fork".to_owned(),
            parent: Parent::default(),
            cpu: cores().main,
            group: None,
        };
        let mut lab = HoldingLab::launch(&locate(Some(support::LAB)).unwrap(), &spec).unwrap();
        let unit = lab.hold(3).unwrap().processes[1];
        let victim = if victim_is_lab { lab.pid() } else { unit };
        kill(Pid::from_raw(victim), Signal::SIGKILL).unwrap();
        assert!(within_patience(|| !lives(victim as u32)));
        let failure = lab.explained(Failure::new("reading its memory", "there is no VmSize"));
        let who = match victim_is_lab {
            true => "the lab died: killed by SIGKILL".to_owned(),
            false => format!("process {unit}, one of its units, died: killed by SIGKILL"),
        };
        assert!(failure.why.contains(&who), "{failure}");
    }
}

#[test]
fn a_living_lab_leaves_a_failure_as_it_is() {
    let spec =
        HoldSpec { kind: "thread".to_owned(), parent: Parent::default(), cpu: 0, group: None };
    let mut lab = HoldingLab::launch(
        &locate(Some(support::LAB)).unwrap(),
        &HoldSpec { cpu: cores().main, ..spec },
    )
    .unwrap();
    lab.hold(2).unwrap();
    let failure = Failure::new("reading its memory", "there is no VmSize");
    assert_eq!(lab.explained(failure.clone()), failure);
}

#[test]
fn what_dies_of_a_server_is_named_and_not_what_its_client_saw() {
    for (victim_is_master, shape) in [(true, Shape::Epoll), (false, Shape::Prefork)] {
        let settings =
            server::Settings { shape, workers: 2, pages: 0, cpus: Vec::new(), crashable: false };
        let spec = ServeSpec { settings, group: None };
        let mut server = ServerLab::launch(&locate(Some(support::LAB)).unwrap(), &spec).unwrap();
        let worker = server.account().unwrap().processes[0];
        let victim = if victim_is_master { server.pid() } else { worker };
        kill(Pid::from_raw(victim), Signal::SIGKILL).unwrap();
        assert!(within_patience(|| !lives(victim as u32)));
        let client = Failure::new("loading", "the server ended the connection");
        let failure = server.explained(client);
        let who = match victim_is_master {
            true => "the lab died: killed by SIGKILL".to_owned(),
            false => format!("process {worker}, which serves, died: killed by SIGKILL"),
        };
        assert!(failure.why.contains(&who), "{failure}");
    }
}

#[test]
fn a_server_killed_in_mid_run_is_a_row_that_says_so() {
    if cores().other.is_err() {
        eprintln!("skipped: a server and its client need two CPUs");
        return;
    }
    let mut run = start(&["run", "--quick", "--out", "-", "--only", "servers/processes/c4$"]);
    let master = |pid: &u32| children(*pid).len() >= 4;
    let mut servers = Vec::new();
    assert!(within_patience(|| {
        servers = children(run.id()).into_iter().filter(master).collect();
        !servers.is_empty()
    }));
    kill(Pid::from_raw(servers[0] as i32), Signal::SIGKILL).unwrap();
    let record = wait_for(&mut run);
    let named = |stop: &Stop| {
        matches!(stop, Stop::Failed(failure)
            if failure.tried.contains("server") && failure.why.contains("SIGKILL"))
    };
    assert!(record.cells.iter().any(|cell| named(&cell.stop)), "{:?}", record.failures);
}

#[test]
fn a_program_that_closes_its_pipe_and_lives_on_is_ended() {
    let closes = lab_program("/bin/sh", &["-c", "read x; exec >&-; sleep 60"]);
    let failure = Lab::launch(&closes, &spec("baseline/null")).unwrap_err();
    assert!(failure.why.contains("SIGKILL"), "{failure}");
}

#[test]
fn what_is_no_lab_is_a_failure_with_its_end() {
    let died = Lab::launch(&lab_program("/bin/sh", &["-c", "exit 3"]), &spec("baseline/null"));
    assert!(died.unwrap_err().why.contains("exit status 3"));
    let absent = Lab::launch(&lab_program("/nonexistent/lab", &[]), &spec("baseline/null"));
    assert_eq!(absent.unwrap_err().errno, Some(nix::errno::Errno::ENOENT as i32));
    let babbles = lab_program("/bin/sh", &["-c", "read x; echo hello; read x"]);
    assert!(
        Lab::launch(&babbles, &spec("baseline/null")).unwrap_err().why.contains("unexpected reply")
    );
}

#[test]
fn a_lab_refuses_what_it_cannot_prepare() {
    let unknown = Lab::launch(
        &lab_program(support::LAB, &[]),
        &Spec::new(&Arm::new("process/none", Work::Creates), &cores(), None).unwrap(),
    );
    assert!(unknown.unwrap_err().tried.contains("process/none"));
    let mut nowhere = spec("baseline/null");
    nowhere.main_cpu = Some(1_000);
    let failure = Lab::launch(&lab_program(support::LAB, &[]), &nowhere).unwrap_err();
    assert!(failure.tried.contains("CPU 1000") && failure.errno.is_some(), "{failure}");
    // The lab's parent is the shell.
    let orphan = lab_program("/bin/sh", &["-c", "\"$0\"; :", support::LAB]);
    let failure = Lab::launch(&orphan, &spec("baseline/null")).unwrap_err();
    assert!(failure.why.contains("has exited"), "{failure}");
}

#[test]
fn a_lab_killed_in_mid_run_is_a_row_and_the_run_goes_on() {
    let mut run = start(&["run", "--quick", "--out", "-", "--only", "switching/"]);
    let victim = first_lab(&run);
    kill(Pid::from_raw(victim as i32), Signal::SIGKILL).unwrap();
    let record = wait_for(&mut run);
    let killed = |failure: &Failure| failure.why.contains("SIGKILL");
    let failed = |stop: &Stop| matches!(stop, Stop::Failed(failure) if killed(failure));
    // All comparisons that needed it, and no other: they have an arm in common.
    let (ended, others): (Vec<&Cell>, Vec<&Cell>) =
        record.cells.iter().partition(|cell| failed(&cell.stop));
    let needs = |cell: &&Cell, arm: &Arm| cell.a == *arm || cell.b == *arm;
    let first = ended.first().expect("its cell says so");
    assert!([&first.a, &first.b].iter().any(|arm| ended.iter().all(|cell| needs(cell, arm))));
    assert!(others.len() >= 3 && others.iter().all(|cell| !cell.launches.is_empty()));
    assert!(!record.failures.iter().any(killed), "the cell is the row");
}

#[test]
fn nobody_survives_a_killed_run() {
    for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGINT] {
        if ignores(std::process::id(), signal) == Some(true) {
            eprintln!(
                "skipped: whoever started this test has {signal} ignored, and so would the run"
            );
            continue;
        }
        let folder = Folder::new(signal.as_str());
        let out = folder.path().display().to_string();
        // Probes come first in a whole run, and have one lab each.
        let mut run = start(&["run", "--quick", "--only", "creation/", "--out", &out]);
        // The labs may be others by now: one launch ends and the next begins.
        let mut all = vec![first_lab(&run)];
        all.extend(children(run.id()));
        all.extend(all.clone().into_iter().flat_map(children));
        match signal {
            // A person's Ctrl-C reaches the whole foreground group.
            Signal::SIGINT => killpg(Pid::from_raw(run.id() as i32), signal).unwrap(),
            _ => kill(Pid::from_raw(run.id() as i32), signal).unwrap(),
        }
        let ended = run.wait().unwrap();
        assert!(within_patience(|| all.iter().all(|pid| !lives(*pid))), "{signal}");
        // Asked to end, it does so in order.
        let (status, reports) = match signal {
            Signal::SIGINT => (Some(130), 1),
            Signal::SIGTERM => (Some(143), 1),
            _ => (None, 0),
        };
        assert_eq!((ended.code(), ended.signal().is_none()), (status, status.is_some()));
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, reports, "{signal} left files");
    }
}

#[test]
fn a_program_that_is_absent_is_a_cell_with_its_reason() {
    let record =
        quick_record(program().env("PATH", "/nonexistent"), "creation/fork-exec-dynamic/64MiB");
    let cell = cell_named(&record, "creation/fork-exec-dynamic/64MiB").unwrap();
    let Stop::Failed(failure) = &cell.stop else { panic!("{:?}", cell.stop) };
    assert!(failure.why.contains("`true`"), "{failure}");
}

#[test]
fn one_cpu_gives_what_one_cpu_can() {
    let cpus = core_affinity::get_core_ids().unwrap();
    // Children inherit the affinity of the thread that starts them.
    assert!(core_affinity::set_for_current(cpus[0]));
    let record = quick_record(&mut program(), "switching/futex");
    assert_eq!(record.machine.cpus, [cpus[0].id]);
    assert!(record.machine.warnings.iter().any(|warning| warning.contains("one CPU")));
    let cell = cell_named(&record, "switching/futex").unwrap();
    assert!(!cell.launches.is_empty() && !matches!(cell.stop, Stop::Failed(_)), "{:?}", cell.stop);
}

#[test]
fn a_limit_on_processes_is_a_reason_and_not_the_end() {
    let path = env!("CARGO_BIN_EXE_process-vs-thread");
    // dash calls the limit -p, others -u. Root is not bound by it, so it becomes nobody.
    let script = "ulimit -u 1 2>/dev/null || ulimit -p 1; exec \"$0\" \"$@\"";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script, path]).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !as_ordinary_user(&mut command, &[path]) {
        return;
    }
    let record = quick_record(&mut command, "creation/raw");
    let Stop::Failed(failure) = &cell_named(&record, "creation/raw").unwrap().stop else {
        panic!("a limit of one process did not show");
    };
    assert_eq!(failure.errno, Some(nix::errno::Errno::EAGAIN as i32), "{failure}");
}

#[test]
fn an_ordinary_user_gets_figures_and_reasons() {
    let mut command = program();
    if !as_ordinary_user(&mut command, &[env!("CARGO_BIN_EXE_process-vs-thread")]) {
        return;
    }
    let some = "creation/fork$|switching/futex|tlb/(switch|refill)/x2(/16pages)?$|\
                control-untouched/16|count/ring/process x2 same";
    let record = quick_record(&mut command, some);
    for id in ["switching/futex", "creation/fork", "tlb/refill/x2/16pages"] {
        assert!(!cell_named(&record, id).unwrap().launches.is_empty(), "{id}");
    }
    assert!(!record.counts.is_empty());
    // A claim about the TLB has an answer or a reason, without rights and without SCHED_FIFO.
    for judged in
        judge(&record).claims.iter().filter(|judged| judged.claim.id.to_string().starts_with('B'))
    {
        for cell in judged.cells.iter().filter(|cell| cell.def.id().to_string().contains("/x2")) {
            assert!(!cell.reason.is_empty(), "{} {}", judged.claim.id, cell.def.title);
        }
    }
    if cell_named(&record, "switching/futex-other").is_none() {
        assert!(record.failures.iter().any(|failure| failure.tried.contains("SCHED_FIFO")));
    }
}

fn start(arguments: &[&str]) -> Child {
    program().args(arguments).process_group(0).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until a measuring run has both labs of a pair, and returns one.
fn first_lab(run: &Child) -> u32 {
    let mut labs = Vec::new();
    let both = within_patience(|| {
        labs = children(run.id());
        labs.len() >= 2
    });
    assert!(both, "no lab came up");
    labs[0]
}

/// The record of a run that comes to its end, and ends with the status that its claims ask for.
fn wait_for(run: &mut Child) -> Record {
    let mut output = Vec::new();
    std::io::Read::read_to_end(run.stdout.as_mut().unwrap(), &mut output).unwrap();
    let record: Record = serde_json::from_slice(&output).unwrap();
    let expected = if undecided(&record).is_some() { 3 } else { 0 };
    assert_eq!(run.wait().unwrap().code(), Some(expected));
    record
}
