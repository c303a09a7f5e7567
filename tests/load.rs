//! The client of the servers: that it counts exactly, keeps nothing back, and sees what happens to its connections.

mod support;
#[path = "support/toy_server.rs"]
mod toy_server;

use process_vs_thread::lab::{LoadLab, LoadSpec, ServeSpec, ServerLab, locate};
use process_vs_thread::load::{Client, Idle, Settings, Shot};
use process_vs_thread::record::{CrashLaunch, LoadRun, Shape};
use process_vs_thread::server::{self, Limits};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use support::{LAB, lives, program, within_patience};
use toy_server::{Manners, ToyServer};

const MS: u64 = 1_000_000;

fn settings(address: SocketAddr, connections: u32) -> Settings {
    Settings { address, connections, per_request: false, threads: 1 }
}

fn client(server: &ToyServer, connections: u32) -> Client {
    Client::connect(&settings(server.address, connections)).unwrap()
}

fn each(server: &ToyServer, connections: u32) -> Client {
    let settings = Settings { per_request: true, ..settings(server.address, connections) };
    Client::connect(&settings).unwrap()
}

/// Requests of a run that took longer than so many milliseconds.
fn slower(run: &LoadRun, ms: u64) -> u64 {
    run.latencies.iter().filter(|[ns, _]| *ns > ms * MS).map(|[_, count]| count).sum()
}

fn counted(run: &LoadRun) -> u64 {
    run.latencies.iter().map(|[_, count]| count).sum()
}

#[test]
fn exactly_as_many_requests_are_answered_as_were_asked_for() {
    let server = ToyServer::start(Manners::default());
    let mut client = client(&server, 5);
    assert_eq!(server.answered(), 5, "one for each connection");
    for (count, all) in [(0, 5), (1, 6), (4, 10), (123, 133)] {
        assert_eq!(client.requests(count).unwrap(), count);
        assert_eq!(server.answered(), all);
    }
    assert_eq!(server.books.lock().unwrap().accepted, 5, "connections are kept");
    assert!(client.busiest_ns() > 0);
}

#[test]
fn threads_divide_connections_and_requests() {
    let server = ToyServer::start(Manners::default());
    let settings = Settings { threads: 3, ..settings(server.address, 7) };
    let mut client = Client::connect(&settings).unwrap();
    assert_eq!(server.answered(), 7);
    assert_eq!(client.requests(100).unwrap(), 100);
    assert_eq!(server.answered(), 107);
    let run = client.open(1_000.0, Duration::from_millis(70)).unwrap();
    assert_eq!([run.answered, run.unsent, run.failed], [70, 0, 0]);
    let run = client.closed(Duration::from_millis(20)).unwrap();
    assert_eq!(server.answered(), 177 + run.answered);
    assert_eq!(server.books.lock().unwrap().accepted, 7);
}

#[test]
fn a_request_that_is_to_have_a_connection_has_one() {
    let server = ToyServer::start(Manners::default());
    let mut client = each(&server, 4);
    assert_eq!(server.answered(), 1);
    assert_eq!(client.requests(50).unwrap(), 50);
    assert_eq!(server.answered(), 51);
    assert_eq!(server.books.lock().unwrap().accepted, 51);
    assert!(server.books.lock().unwrap().head.contains("Connection: close"));
}

#[test]
fn every_answer_of_a_stretch_has_a_latency() {
    let server = ToyServer::start(Manners::default());
    for mut client in [client(&server, 4), each(&server, 4)] {
        let before = server.answered();
        let run = client.closed(Duration::from_millis(50)).unwrap();
        assert!(run.answered > 0);
        assert_eq!(server.answered() - before, run.answered);
        assert_eq!(counted(&run), run.answered);
        assert_eq!([run.failed, run.unsent], [0, 0]);
        assert!(run.elapsed_ns >= 50 * MS && run.client_cpu_ns > 0);
    }
}

#[test]
fn the_open_loop_counts_a_stall_that_the_closed_one_hides() {
    let stall = || Manners { stall: Some((60, Duration::from_millis(400))), ..Manners::default() };
    let server = ToyServer::start(stall());
    let closed = client(&server, 4).closed(Duration::from_millis(700)).unwrap();
    assert!((1..=4).contains(&slower(&closed, 200)), "{}", slower(&closed, 200));
    let server = ToyServer::start(stall());
    let open = client(&server, 4).open(1_000.0, Duration::from_millis(700)).unwrap();
    assert_eq!([open.answered, open.unsent, open.failed], [700, 0, 0]);
    assert_eq!(counted(&open), 700);
    assert!(slower(&open, 200) >= 150, "{}", slower(&open, 200));
}

#[test]
fn what_the_server_does_not_get_to_is_said() {
    let server = ToyServer::start(Manners { mute_from: Some(13), ..Manners::default() });
    let mut client = client(&server, 2);
    let run = client.open(1_000.0, Duration::from_millis(50)).unwrap();
    // Two connections were greeted with a request each.
    assert_eq!([run.answered, run.failed, run.unsent], [10, 2, 38]);
    assert_eq!(counted(&run), 10);
    assert_eq!(run.due_per_s, 1_000.0);
}

#[test]
fn a_connection_that_ends_is_an_error_and_the_next_call_has_a_new_one() {
    let server = ToyServer::start(Manners { end_at: Some(20), ..Manners::default() });
    let mut client = client(&server, 3);
    let error = client.requests(100).unwrap_err();
    assert!(error.to_string().contains("ended"), "{error}");
    assert_eq!(client.requests(10).unwrap(), 10);
    assert_eq!(server.books.lock().unwrap().accepted, 6);
}

#[test]
fn an_answer_that_comes_in_pieces_is_one_answer() {
    let server = ToyServer::start(Manners { dribble: true, ..Manners::default() });
    let mut client = client(&server, 2);
    assert_eq!(client.requests(20).unwrap(), 20);
    assert_eq!(server.answered(), 22);
}

#[test]
fn an_answer_of_another_length_than_the_last_is_seen_whole() {
    let server = ToyServer::start(Manners { numbered: true, ..Manners::default() });
    let mut client = client(&server, 1);
    assert_eq!(client.requests(1_200).unwrap(), 1_200);
    assert_eq!(server.answered(), 1_201);
}

#[test]
fn nobody_there_is_refused_with_the_reason() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for per_request in [false, true] {
        let settings = Settings { per_request, ..settings(address, 2) };
        let failure = Client::connect(&settings).unwrap_err();
        assert_eq!(failure.errno, Some(nix::errno::Errno::ECONNREFUSED as i32), "{failure}");
        assert!(failure.remedy.is_some() && failure.tried.contains(&address.to_string()));
    }
    let failure = Idle::none(address).grow(1).unwrap_err();
    assert_eq!(failure.errno, Some(nix::errno::Errno::ECONNREFUSED as i32), "{failure}");
}

/// Sockets of this port that the kernel keeps after both ends have closed (state 06 in proc(5), net/tcp).
fn in_time_wait(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{port:04X}");
    let of_it = table.lines().filter(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let ends = [fields.next().unwrap_or(""), fields.next().unwrap_or("")];
        ends.iter().any(|end| end.ends_with(&port)) && fields.next() == Some("06")
    });
    of_it.count()
}

#[test]
fn a_client_that_is_gone_leaves_no_port_behind() {
    let server = ToyServer::start(Manners::default());
    client(&server, 8).requests(50).unwrap();
    each(&server, 8).requests(50).unwrap();
    let mut idle = Idle::none(server.address);
    idle.grow(8).unwrap();
    drop(idle);
    assert_eq!(in_time_wait(server.address.port()), 0);
}

#[test]
fn idle_connections_are_kept_and_let_go() {
    let server = ToyServer::start(Manners::default());
    let mut idle = Idle::none(server.address);
    for (to, answered) in [(3, 3), (10, 10), (10, 10), (2, 10), (4, 12)] {
        idle.grow(to).unwrap();
        assert_eq!(idle.connections(), to);
        assert_eq!(server.answered(), answered);
    }
}

const SHOT: Shot = Shot { before_ns: 60 * MS, after_ns: 80 * MS, bin_ns: 5 * MS };

/// The five requests that opened the connections, and all that were answered until the shot fell.
fn counts_up_to_the_shot(launch: &CrashLaunch) {
    let fell_in = (launch.shot_ns / launch.bin_ns) as usize;
    let until = |bin: usize| launch.answered[..bin].iter().map(|n| u64::from(*n)).sum::<u64>();
    let (least, most) = (5 + until(fell_in), 5 + until(fell_in + 1));
    assert!((least..=most).contains(&launch.counted), "{} {least} {most}", launch.counted);
}

#[test]
fn a_shot_at_the_only_process_takes_every_connection_and_all_it_had_counted() {
    let manners = Manners { reject_after_crash: 5, ..Manners::default() };
    let server = ToyServer::start(manners);
    let launch = client(&server, 4).shoot(&SHOT).unwrap();
    assert_eq!([launch.dropped, launch.refused, u64::from(launch.died)], [4, 5, 1]);
    // A connection may have ended between an answer and the next request.
    assert!((1..=4).contains(&launch.failed), "{}", launch.failed);
    assert_eq!(launch.counted, launch.forgotten);
    let lost = server.books.lock().unwrap().lost;
    // The server goes on counting between the shot's sending and its end.
    assert!(launch.counted <= lost, "{} of {lost}", launch.counted);
    counts_up_to_the_shot(&launch);
    assert!(launch.shared[0] == 5 && launch.shared[1] > lost);
    assert!(launch.shot_ns >= 60 * MS && launch.gap_ns > 0 && launch.gap_ns < 10_000 * MS);
    assert!(launch.answered.len() >= 28 && launch.bin_ns == 5 * MS);
    let answered: u64 = launch.answered.iter().map(|bin| u64::from(*bin)).sum();
    assert!(answered <= server.answered() - 5 && answered + 5 + 4 >= server.answered());
    assert_eq!(launch.pids[1], std::process::id() as i32);
}

#[test]
fn a_shot_at_one_process_of_many_takes_its_own_connection_only() {
    let manners = Manners { process_per_connection: true, ..Manners::default() };
    let server = ToyServer::start(manners);
    let launch = client(&server, 4).shoot(&SHOT).unwrap();
    assert_eq!([launch.failed, launch.dropped, launch.refused], [0, 0, 0]);
    assert_eq!(launch.died, 1);
    assert_eq!(launch.forgotten, 1, "the shooter had been answered one request");
    counts_up_to_the_shot(&launch);
    let answered: u64 = launch.answered.iter().map(|bin| u64::from(*bin)).sum();
    assert_eq!(answered + 5, server.answered());
    assert_eq!(launch.shared[1], server.answered());
}

#[test]
fn a_shot_that_kills_nobody_is_an_error() {
    let server = ToyServer::start(Manners { uncrashable: true, ..Manners::default() });
    let mut client = client(&server, 2);
    let failure = client.shoot(&SHOT).unwrap_err();
    assert!(failure.why.contains("404"), "{failure}");
    assert!(each(&server, 1).shoot(&SHOT).is_err());
    assert_eq!(client.requests(5).unwrap(), 5, "the client goes on");
}

/// A client in a lab, connected.
fn lab(address: SocketAddr, connections: u32) -> LoadLab {
    let settings = settings(address, connections);
    let spec = LoadSpec { driver_pid: std::process::id(), settings, cpu: None };
    LoadLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap()
}

#[test]
fn a_lab_loads_as_the_client_does_and_is_gone_when_it_is_dropped() {
    let server = ToyServer::start(Manners::default());
    let mut lab = lab(server.address, 3);
    let run = lab.closed(Duration::from_millis(20)).unwrap();
    assert_eq!(run.answered, server.answered() - 3);
    let run = lab.open(500.0, Duration::from_millis(40)).unwrap();
    assert_eq!([run.answered, run.unsent, run.failed], [20, 0, 0]);
    let accepted = server.books.lock().unwrap().accepted;
    lab.hold(6).unwrap();
    assert_eq!(server.books.lock().unwrap().accepted, accepted + 6);
    let pid = lab.pid() as u32;
    assert!(lives(pid));
    drop(lab);
    assert!(within_patience(|| !lives(pid)));
}

#[test]
fn a_lab_without_connections_only_holds() {
    let server = ToyServer::start(Manners::default());
    let mut holder = lab(server.address, 0);
    assert_eq!(server.answered(), 0);
    holder.hold(2).unwrap();
    assert_eq!(server.answered(), 2);
    let failure = holder.closed(Duration::from_millis(1)).unwrap_err();
    assert!(failure.why.contains("without connections"), "{failure}");
}

#[test]
fn a_real_worker_dies_and_takes_with_it_what_shares_its_memory() {
    for shape in Shape::ALL {
        let settings = server::Settings {
            shape,
            // The one that shoots needs a worker as well.
            workers: 5,
            pages: 0,
            cpus: Vec::new(),
            limits: Limits::default(),
            crashable: true,
        };
        let spec = ServeSpec { driver_pid: std::process::id(), settings, group: None };
        let server = ServerLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap();
        let launch = lab(server.address(), 4).shoot(&SHOT).unwrap();
        assert_eq!(launch.died, 1, "{shape}");
        assert!(launch.shared[1] > launch.shared[0], "{shape}");
        if shape == Shape::Prefork {
            assert_eq!([launch.failed, launch.dropped, launch.refused], [0, 0, 0]);
            assert!(launch.forgotten < launch.counted);
        } else {
            assert_eq!(launch.dropped, 4, "{shape}");
            assert_eq!(launch.forgotten, launch.counted, "{shape}");
        }
    }
}

#[test]
fn wrk_is_told_to_send_the_same_fields() {
    let server = ToyServer::start(Manners::default());
    drop(client(&server, 1));
    let script = include_str!("../scripts/wrk.sh");
    let head = server.books.lock().unwrap().head.clone();
    let fields: Vec<&str> = head.trim_end().lines().skip(2).collect();
    assert_eq!(fields.len(), 5, "{head}");
    for field in fields {
        assert!(script.contains(&format!("'{field}'")), "{field}");
    }
}

#[test]
fn the_program_says_what_was_answered() {
    let server = ToyServer::start(Manners::default());
    let url = format!("http://{}/", server.address);
    let arguments = ["load", &url, "--connections", "2", "--seconds", "0.05"];
    let output = program().args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("p99.9"), "{text}");
    assert!(text.contains(&format!("Answered   {} in", server.answered() - 2)), "{text}");
    let before = server.answered();
    let output = program().args(arguments).args(["--rate", "400", "--json"]).output().unwrap();
    let run: LoadRun = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!([run.answered, counted(&run), server.answered() - before - 2], [20; 3]);
}

#[test]
fn the_program_refuses_what_it_cannot_load() {
    for url in [
        "http://localhost:80/",
        "https://127.0.0.1:80/",
        "http://127.0.0.1/",
        "127.0.0.1:80",
        "http://127.0.0.1:80/x",
    ] {
        let output = program().args(["load", url]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}");
    }
    for option in ["--connections=0", "--threads=0", "--seconds=0", "--rate=0", "--rate=x"] {
        let output = program().args(["load", "http://127.0.0.1:80/", option]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
    }
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = program().args(["load", &format!("http://{address}")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ECONNREFUSED"));
}
