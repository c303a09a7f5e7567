//! The client of the servers: that it counts exactly, keeps nothing back, and sees what happens to
//! its connections.

mod support;
#[path = "support/toy_server.rs"]
mod toy_server;

use process_vs_thread::lab::{LoadLab, LoadSpec, locate};
use process_vs_thread::load::{Client, Idle, Settings, Shot};
use process_vs_thread::record::{CrashLaunch, LoadRun};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use support::{LAB, lives, program, within_patience};
use toy_server::{Form, Manners, ToyServer};

const MS: u64 = 1_000_000;

fn settings(address: SocketAddr, connections: u32) -> Settings {
    Settings { address, connections, per_request: false, threads: 1, reopens: false }
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
    // Thirds of these would not be whole numbers.
    let run = client.open(250.0, Duration::from_millis(284)).unwrap();
    assert_eq!([run.answered, run.unsent, run.failed], [71, 0, 0]);
    let run = client.closed(Duration::from_millis(20)).unwrap();
    assert_eq!(server.answered(), 178 + counted(&run));
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
        assert_eq!(server.answered() - before, counted(&run));
        // What was under way when the time was over.
        let late = counted(&run) - run.answered;
        assert!((1..=4).contains(&late), "{late}");
        assert_eq!([run.failed, run.unsent], [0, 0]);
        assert_eq!(run.elapsed_ns, 50 * MS);
        assert!(run.client_cpu_ns > 0);
    }
}

#[test]
fn the_open_loop_counts_a_stall_that_the_closed_one_hides() {
    let stall = || Manners { stall: Some((60, Duration::from_millis(400))), ..Manners::default() };
    let server = ToyServer::start(stall());
    let closed = client(&server, 4).closed(Duration::from_millis(700)).unwrap();
    // Each of four connections can be that late four times at most, whatever else holds the machine
    // up.
    assert!((1..=16).contains(&slower(&closed, 200)), "{}", slower(&closed, 200));
    let server = ToyServer::start(stall());
    let open = client(&server, 4).open(1_000.0, Duration::from_millis(700)).unwrap();
    assert_eq!(open.answered + open.unsent + open.failed, 700);
    assert_eq!(counted(&open), open.answered);
    let waited = slower(&open, 200) + open.unsent + open.failed;
    assert!(waited >= 150, "{waited}");
}

#[test]
fn what_the_server_does_not_get_to_is_said() {
    let server = ToyServer::start(Manners { mute_from: Some(13), ..Manners::default() });
    let mut client = client(&server, 2);
    let run = client.open(100.0, Duration::from_millis(500)).unwrap();
    // Two connections were greeted with a request each.
    assert_eq!([run.answered, run.failed, run.unsent], [10, 2, 38]);
    assert_eq!(counted(&run), 10);
    assert_eq!(run.due_per_s, 100.0);
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

/// Servers that end their connections, and whether they say so: then no request is sent twice.
fn ending_servers() -> [(Manners, bool); 4] {
    let seven = || Manners { answers_each: Some(7), ..Manners::default() };
    [
        (Manners { announces: true, ..seven() }, true),
        (Manners { announces: true, form: Form::Chunked, ..seven() }, true),
        (Manners { form: Form::Old, ..Manners::default() }, true),
        (seven(), false),
    ]
}

#[test]
fn a_server_that_ends_connections_between_answers_is_loaded_and_its_ends_are_counted() {
    for (manners, announced) in ending_servers() {
        let server = ToyServer::start(manners.clone());
        let settings = Settings { reopens: true, ..settings(server.address, 3) };
        let mut client = Client::connect(&settings).unwrap();
        assert_eq!(client.requests(100).unwrap(), 100);
        for open in [false, true] {
            let (before, time) =
                (server.books.lock().unwrap().accepted, Duration::from_millis(200));
            let run = if open { client.open(400.0, time) } else { client.closed(time) }.unwrap();
            let accepted = server.books.lock().unwrap().accepted - before;
            assert!(run.answered >= 20 && run.failed + run.unsent == 0, "{manners:?} {run:?}");
            assert!(run.reopened >= run.answered / 7 - 3, "{manners:?} {run:?}");
            // What a greeting before the stretch opens again is not of the stretch.
            assert!((run.reopened..=run.reopened + 3).contains(&accepted), "{accepted} {run:?}");
            assert!(!announced || run.resent == 0, "{manners:?} {run:?}");
        }
    }
}

#[test]
fn a_server_that_is_measured_ends_no_connection() {
    for (manners, _) in ending_servers() {
        let server = ToyServer::start(manners);
        let connected = Client::connect(&settings(server.address, 3));
        let ended = connected.and_then(|mut client| client.closed(Duration::from_millis(200)));
        assert!(ended.unwrap_err().why.contains("connection"));
    }
}

#[test]
fn chunks_are_answers_as_any_other() {
    let server = ToyServer::start(Manners { form: Form::Chunked, ..Manners::default() });
    assert_eq!(client(&server, 3).requests(100).unwrap(), 100);
    assert_eq!([server.answered(), server.books.lock().unwrap().accepted], [103, 3]);
}

#[test]
fn a_server_that_ends_every_new_connection_unanswered_is_no_endless_loop() {
    let server = ToyServer::start(Manners { end_at: Some(1), ..Manners::default() });
    let settings = Settings { reopens: true, ..settings(server.address, 1) };
    let failure = Client::connect(&settings).unwrap_err();
    assert!(failure.why.contains("ended the connection"), "{failure}");
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

/// Sockets of this port that the kernel keeps after both ends have closed (state 06 in proc(5),
/// net/tcp).
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
    for (to, answered) in [(3, 3), (10, 10), (10, 10), (2, 10), (4, 12), (200, 208)] {
        idle.grow(to).unwrap();
        assert_eq!(idle.connections(), to);
        assert_eq!(server.answered(), answered);
    }
}

const SHOT: Shot = Shot { before_ns: 60 * MS, after_ns: 80 * MS, bin_ns: 5 * MS };

/// What was answered in these bins.
fn in_bins(bins: &[u32]) -> u64 {
    bins.iter().map(|bin| u64::from(*bin)).sum()
}

/// The bin that the shot fell in.
fn shot_bin(launch: &CrashLaunch) -> usize {
    (launch.shot_ns / launch.bin_ns) as usize
}

/// What the server has counted for all since is there beside what it had counted before.
fn shares_its_count(launch: &CrashLaunch) {
    let grown = launch.shared[1] - launch.shared[0];
    assert!(grown >= in_bins(&launch.answered), "{launch:?}");
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
    // Five requests opened the connections; those of the shooter are in no bin.
    assert!(launch.counted > 5 + in_bins(&launch.answered[..shot_bin(&launch)]));
    assert!(launch.shared[0] == 5 && launch.shared[1] > lost);
    shares_its_count(&launch);
    assert!(launch.shot_ns >= 60 * MS && launch.gap_ns > 0 && launch.gap_ns < 10_000 * MS);
    assert!(launch.answered.len() == 28 && launch.bin_ns == 5 * MS);
    assert!(in_bins(&launch.answered) < server.answered() - 5);
    assert_eq!(launch.pids[1], std::process::id() as i32);
}

#[test]
fn a_shot_at_one_process_of_many_takes_its_own_connection_only() {
    let manners = Manners { process_per_connection: true, ..Manners::default() };
    let server = ToyServer::start(manners);
    let launch = client(&server, 4).shoot(&SHOT).unwrap();
    assert_eq!([launch.failed, launch.dropped, launch.refused], [0, 0, 0]);
    assert_eq!(launch.died, 1);
    assert_eq!(launch.forgotten, server.books.lock().unwrap().lost);
    assert!(launch.forgotten > 1, "the shooter takes part in the load");
    // Four of the requests that opened the connections were others', as all are that are in bins.
    let (others, bin) = (launch.counted - launch.forgotten - 4, shot_bin(&launch));
    let until = |bin: usize| in_bins(&launch.answered[..bin]);
    assert!((until(bin)..=until(bin + 1)).contains(&others), "{others} of {launch:?}");
    let late = server.answered() - launch.forgotten - 4 - in_bins(&launch.answered);
    assert!((1..=4).contains(&late), "what was under way at the end is in no bin: {late}");
    assert_eq!(launch.shared, [5, server.answered()]);
    shares_its_count(&launch);
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
    let spec = LoadSpec { settings, cpu: None };
    LoadLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap()
}

#[test]
fn a_lab_loads_as_the_client_does_and_is_gone_when_it_is_dropped() {
    let server = ToyServer::start(Manners::default());
    let mut lab = lab(server.address, 3);
    let run = lab.closed(Duration::from_millis(20)).unwrap();
    assert_eq!(counted(&run), server.answered() - 3);
    let run = lab.open(100.0, Duration::from_millis(200)).unwrap();
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
    let arguments = ["load", &url, "--connections", "2", "--seconds", "0.4"];
    let output = program().args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("p99.9"), "{text}");
    assert!(text.contains("it is not the limit") || text.contains("may be the limit"), "{text}");
    // One or two were under way when the time was over.
    let all = server.answered() - 2;
    let says = |answered| text.contains(&format!("Answered   {answered} in 0.40 s"));
    assert!(says(all - 1) || says(all - 2), "{all}: {text}");
    let before = server.answered();
    let output = program().args(arguments).args(["--rate", "50", "--json"]).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(!printed.contains("server_cpu_ns"), "what is not known is not 0: {printed}");
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
    for arguments in
        [["load", "--threads", "8a"], ["serve", "--port", "80a"], ["serve", "--cpus", "x"]]
    {
        let output = program().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("': use ") && !said.contains("invalid digit"), "{said}");
    }
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = program().args(["load", &format!("http://{address}")]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ECONNREFUSED"));
}
