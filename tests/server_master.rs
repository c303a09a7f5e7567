//! The master of a server: what it starts, what it starts again, what it says, and that it leaves
//! nothing.

mod support;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_vs_thread::lab::{Program, ServeSpec, ServerLab};
use process_vs_thread::record::{Result, Shape};
use process_vs_thread::server::Settings;
use process_vs_thread::sys::so_linger::reset_on_close;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::within_patience;
use support::{LAB, allowed, children, cores, ignores, lives, program, readable_by_all};

fn settings(shape: Shape) -> Settings {
    Settings { shape, workers: 3, pages: 0, cpus: Vec::new(), crashable: false }
}

fn launch(settings: Settings) -> Result<ServerLab> {
    launch_by(&Program { path: LAB.into(), arguments: Vec::new() }, settings)
}

fn launch_by(program: &Program, settings: Settings) -> Result<ServerLab> {
    ServerLab::launch(program, &ServeSpec { settings, group: None })
}

/// The head of the answer to a request on a connection of its own; nothing where the connection was
/// cut.
fn get(address: SocketAddr, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    reset_on_close(&connection).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut some = [0; 1024];
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut some) {
            Ok(0) | Err(_) => return String::new(),
            Ok(count) => answer.extend_from_slice(&some[..count]),
        }
    }
    String::from_utf8(answer).unwrap()
}

fn answers(address: SocketAddr) -> bool {
    get(address, "/").starts_with("HTTP/1.1 200 ")
}

/// Threads of a process.
fn tasks(pid: i32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    tasks.map(|task| task.file_name().to_str().unwrap().parse().unwrap()).collect()
}

fn end(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
}

#[test]
fn every_shape_has_its_processes_and_threads_and_answers() {
    let cpus = cores().all.len();
    for (shape, processes, threads) in [
        (Shape::Prefork, 3, 1),
        // And the one that waits for them.
        (Shape::ThreadPool, 1, 3 + 1),
        (Shape::ThreadPerConnection, 1, 1),
        (Shape::Epoll, 1, 1),
        (Shape::EpollPerCore, 1, cpus + 1),
    ] {
        let mut server = launch(settings(shape)).unwrap();
        let account = server.account().unwrap();
        assert_eq!((account.processes.len(), account.restarted), (processes, 0), "{shape}");
        for pid in &account.processes {
            assert_eq!(tasks(*pid).len(), threads, "{shape}");
        }
        let mut found: Vec<i32> =
            children(server.pid() as u32).into_iter().map(|pid| pid as i32).collect();
        let mut said = account.processes.clone();
        found.sort_unstable();
        said.sort_unstable();
        assert_eq!(found, said, "{shape}");
        assert_eq!(tasks(server.pid()).len(), 1, "a master that forks has one thread");
        assert!(server.address().ip().is_loopback() && answers(server.address()), "{shape}");
    }
}

#[test]
fn a_server_keeps_to_its_cpus_and_a_loop_to_its_own() {
    let mut all = cores().all;
    let only = all[all.len() - 1];
    let mut server = launch(Settings { cpus: vec![only], ..settings(Shape::Prefork) }).unwrap();
    for pid in server.account().unwrap().processes {
        assert_eq!(allowed(pid as u32), only.to_string());
    }
    let mut server = launch(settings(Shape::EpollPerCore)).unwrap();
    let pid = server.account().unwrap().processes[0];
    let loops = tasks(pid).into_iter().filter(|task| *task != pid as u32);
    let mut loops: Vec<usize> = loops.map(|task| allowed(task).parse().unwrap()).collect();
    loops.sort_unstable();
    all.sort_unstable();
    assert_eq!(loops, all);
    let failure = launch(Settings { cpus: vec![1_000], ..settings(Shape::Epoll) }).unwrap_err();
    assert!(failure.tried.contains("1000") && failure.errno.is_some(), "{failure}");
}

#[test]
fn a_process_that_serves_holds_no_pipe_and_leaves_no_core() {
    let mut server = launch(settings(Shape::Prefork)).unwrap();
    for pid in server.account().unwrap().processes {
        for number in [0, 1] {
            let target = fs::read_link(format!("/proc/{pid}/fd/{number}")).unwrap();
            assert_eq!(target.to_str(), Some("/dev/null"), "it holds the driver's pipe");
        }
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD] {
            assert_eq!(ignores(pid as u32, signal), Some(false), "{signal}");
        }
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
        let core = limits.lines().find_map(|l| l.strip_prefix("Max core file size")).unwrap();
        assert!(["0", "1"].contains(&core.split_whitespace().next().unwrap()), "{core}");
    }
}

#[test]
fn what_dies_is_started_again_behind_the_same_port() {
    for shape in Shape::ALL {
        let mut server = launch(settings(shape)).unwrap();
        let before = server.account().unwrap();
        for (killed, signal) in [(1, Signal::SIGKILL), (2, Signal::SIGTERM)] {
            let now = server.account().unwrap().processes;
            kill(Pid::from_raw(now[0]), signal).unwrap();
            let mut account = server.account().unwrap();
            assert!(
                within_patience(|| {
                    account = server.account().unwrap();
                    account.restarted == killed
                }),
                "{shape}: {account:?}"
            );
            assert_eq!(account.processes.len(), now.len(), "{shape}");
            assert!(!account.processes.contains(&now[0]), "{shape}");
            let others = now[1..].iter().all(|pid| account.processes.contains(pid));
            assert!(others, "{shape}: the others are as they were");
            assert!(answers(server.address()), "{shape}");
        }
        assert!(server.account().unwrap().cpu_ns > before.cpu_ns, "{shape}: the dead count too");
    }
}

#[test]
fn a_killed_master_leaves_no_process() {
    for shape in Shape::ALL {
        let mut server = launch(settings(shape)).unwrap();
        let served = server.account().unwrap().processes;
        end(server.pid());
        assert!(within_patience(|| served.iter().all(|pid| !lives(*pid as u32))), "{shape}");
        assert!(server.account().is_err());
    }
}

#[test]
fn a_server_that_is_let_go_leaves_no_process() {
    let mut server = launch(settings(Shape::Prefork)).unwrap();
    let (served, address) = (server.account().unwrap().processes, server.address());
    drop(server);
    // They are reaped by then: not even their ids are left.
    assert!(served.iter().all(|pid| !Path::new(&format!("/proc/{pid}")).exists()));
    assert!(TcpStream::connect(address).is_err(), "the port is still open");
}

#[test]
fn a_killed_driver_leaves_no_process() {
    // A shell that has a server as its child.
    let mut driver = Command::new("/bin/sh")
        .args(["-c", "\"$0\"; :", LAB])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (driver_pid, settings) = (driver.id(), settings(Shape::Prefork));
    let role = serde_json::json!({ "Serve": ServeSpec { settings, group: None } });
    let opening = format!("{}\n", serde_json::json!({ "driver_pid": driver_pid, "role": role }));
    driver.stdin.as_mut().unwrap().write_all(opening.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(driver.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("Ok"), "{line}");
    let lab = children(driver_pid)[0];
    let mut all = children(lab);
    assert_eq!(all.len(), 3);
    all.push(lab);
    // Its end of the pipe is this test's, and stays open.
    driver.kill().unwrap();
    assert!(within_patience(|| all.iter().all(|pid| !lives(*pid))));
    driver.wait().unwrap();
}

/// The lab under a limit on tasks, with a name that its processes have on their command line;
/// `None` where nothing can bind it. Root, whom the limit does not bind, becomes a user with no
/// other process; of any other user all tasks count.
fn limited(mark: &str, tasks: u32) -> Option<Program> {
    let as_root = nix::unistd::geteuid().is_root();
    let setpriv = || Command::new("setpriv").arg("--version").output().is_ok();
    if as_root && !(readable_by_all(LAB) && setpriv()) {
        eprintln!("skipped: root is not bound by the limit, and cannot become another user here");
        return None;
    }
    let become_user = "setpriv --reuid 65532 --regid 65532 --clear-groups ";
    let before = if as_root { become_user } else { "" };
    // dash calls the limit -p, others -u. No file of our own: one that was just written is busy
    // while another test's child has it open.
    let script = format!(
        "{{ ulimit -u {tasks} 2>/dev/null || ulimit -p {tasks}; }} || exit 9\n\
         exec {before}{LAB} \"$0\""
    );
    Some(Program {
        path: "/bin/sh".into(),
        arguments: ["-c", &script, mark].map(Into::into).into(),
    })
}

/// Does a process live that has this on its command line?
fn marked_lives(mark: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok())
        .any(|line| line.contains(mark))
}

#[test]
fn a_limit_on_threads_is_a_failure_with_its_errno_and_leaves_nothing() {
    let mark = format!("pvt-threads-{}", std::process::id());
    let Some(limited) = limited(&mark, 20) else { return };
    let settings = Settings { workers: 200, ..settings(Shape::ThreadPool) };
    let failure = launch_by(&limited, settings).unwrap_err();
    assert_eq!(failure.errno, Some(Errno::EAGAIN as i32), "{failure}");
    // Whoever has as many tasks already has none left for the process that has the threads.
    if nix::unistd::geteuid().is_root() {
        assert!(failure.tried.contains("starting thread "), "{failure}");
        assert!(failure.tried.ends_with(" of 200"), "{failure}");
    }
    let remedy = failure.remedy.as_ref().unwrap();
    assert!(remedy.contains("RLIMIT_NPROC") && remedy.contains("ulimit -u"), "{failure}");
    assert!(within_patience(|| !marked_lives(&mark)));
}

#[test]
fn a_master_gives_up_on_what_cannot_serve() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        eprintln!("skipped: there is no prlimit here");
        return;
    }
    let server = Settings { workers: 100, ..settings(Shape::ThreadPool) };
    let mut server = launch(server).unwrap();
    let served = server.account().unwrap().processes[0];
    // What it forks from now on has addresses for some stacks, and not for a hundred.
    let limited = Command::new("prlimit")
        .args(["--as=80000000", "--pid", &server.pid().to_string()])
        .status()
        .unwrap();
    assert!(limited.success());
    end(served);
    let mut failure = None;
    let gave_up = within_patience(|| {
        failure = server.account().err();
        failure.is_some()
    });
    assert!(gave_up, "it goes on for ever");
    let failure = failure.unwrap();
    assert!(failure.tried.contains("starting thread"), "{failure}");
    assert!(failure.why.contains("5 in a row"), "{failure}");
    assert_eq!(failure.errno, Some(Errno::EAGAIN as i32), "{failure}");
}

#[test]
fn a_request_kills_who_serves_it_only_where_that_is_wanted() {
    for shape in Shape::ALL {
        let mut safe = launch(settings(shape)).unwrap();
        let before = safe.account().unwrap();
        assert!(get(safe.address(), "/crash").starts_with("HTTP/1.1 404 "), "{shape}");
        let after = safe.account().unwrap();
        assert_eq!((after.processes, after.restarted), (before.processes, 0), "{shape}");

        let mut server = launch(Settings { crashable: true, ..settings(shape) }).unwrap();
        let before = server.account().unwrap().processes;
        // Again and again: a crash is not a process that cannot serve.
        for crashes in 1..=7 {
            assert_eq!(get(server.address(), "/crash"), "", "{shape}");
            assert!(within_patience(|| server.account().unwrap().restarted == crashes), "{shape}");
        }
        assert!(answers(server.address()), "{shape}");
        assert_eq!(server.account().unwrap().processes.len(), before.len(), "{shape}");
    }
}

/// A server of the program, once it has said where it is.
fn serve(arguments: &[&str]) -> (Child, SocketAddr) {
    let mut serving = program().arg("serve").args(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("http://").and_then(|line| line.split_once('/'));
    let address = address.unwrap_or_else(|| panic!("it said {line:?}")).0.parse().unwrap();
    (serving, address)
}

#[test]
fn the_program_serves_until_it_is_told_to_end() {
    for (signal, shape) in [(Signal::SIGINT, "prefork"), (Signal::SIGTERM, "epoll")] {
        let (mut serving, address) = serve(&["--shape", shape, "--workers", "4"]);
        assert!(answers(address), "{shape}");
        let served = children(serving.id());
        assert_eq!(served.len(), if shape == "prefork" { 4 } else { 1 });
        kill(Pid::from_raw(serving.id() as i32), signal).unwrap();
        assert_eq!(serving.wait().unwrap().code(), Some(0), "{signal}");
        assert!(served.iter().all(|pid| !lives(*pid)), "{signal}: it reaps before it leaves");
    }
    let (mut serving, _) = serve(&["--shape", "thread-pool"]);
    let served = children(serving.id());
    serving.kill().unwrap();
    serving.wait().unwrap();
    assert!(within_patience(|| served.iter().all(|pid| !lives(*pid))));
}

#[test]
fn a_port_that_is_taken_is_an_error_with_its_remedy() {
    let (mut first, address) = serve(&[]);
    let port = address.port().to_string();
    let second = program().args(["serve", "--port", &port]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains(&port) && said.contains("another port"), "{said}");
    assert!(answers(address), "the first one serves on");
    kill(Pid::from_raw(first.id() as i32), Signal::SIGTERM).unwrap();
    first.wait().unwrap();
    let (mut third, again) = serve(&["--port", &port]);
    assert_eq!(again, address, "a port that is free again can be had at once");
    kill(Pid::from_raw(third.id() as i32), Signal::SIGTERM).unwrap();
    third.wait().unwrap();
}

#[test]
fn usage_errors_leave_with_2() {
    for arguments in [
        ["--shape", "tree"],
        ["--workers", "0"],
        ["--port", "70000"],
        ["--cpus", "a"],
        ["--pages", "-1"],
    ] {
        let output = program().arg("serve").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let help = program().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(Shape::ALL.iter().all(|shape| help.contains(shape.name())), "{help}");
}
