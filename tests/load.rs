//! The client of the servers: that it counts exactly, keeps nothing back, and sees what happens to its connections.

#[path = "support/toy_server.rs"]
mod toy_server;

use process_vs_thread::load::{Client, Idle, Settings, Shot};
use process_vs_thread::record::LoadRun;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
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
    // Those under way were counted by the server and not answered any more.
    assert!((lost - 4..=lost).contains(&launch.counted), "{} of {lost}", launch.counted);
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
    assert!(launch.counted > 5);
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
