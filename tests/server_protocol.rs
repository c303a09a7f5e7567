//! What servers of each shape make of requests that are good, bad, too large, too slow or broken
//! off, and that none of it hurts another connection.

mod support;

use process_vs_thread::lab::{ServeSpec, ServerLab, locate};
use process_vs_thread::machine::await_asleep;
use process_vs_thread::record::Shape;
use process_vs_thread::server::Settings;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;
use support::{LAB, within_patience};

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const STATE: &str = "GET /state HTTP/1.1\r\nHost: x\r\n\r\n";
/// Until what must happen has happened.
const DEADLINE: Duration = Duration::from_secs(60);

struct Server {
    lab: ServerLab,
    other: Client,
}

impl Server {
    fn launch(shape: Shape, crashable: bool) -> Self {
        let settings = Settings { shape, workers: 4, pages: 2, cpus: Vec::new(), crashable };
        let spec = ServeSpec { settings, group: None };
        let mut lab = ServerLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap();
        // A loop that has checked in may have no descriptor yet to wait by.
        await_asleep(&lab.account().unwrap().processes, DEADLINE).unwrap();
        let mut other = Client::connect(lab.address());
        other.send(GET);
        other.answers(200);
        Server { lab, other }
    }

    fn client(&self) -> Client {
        Client::connect(self.lab.address())
    }

    fn other_is_answered(&mut self) {
        self.other.send(GET);
        self.other.answers(200);
    }

    /// Descriptors of all its processes.
    fn descriptors(&mut self) -> usize {
        let folder = |pid| std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
        self.lab.account().unwrap().processes.iter().map(|pid| folder(*pid).count()).sum()
    }
}

/// Has the case for a server of each shape, with a connection to it that must be answered always.
fn for_each_shape(crashable: bool, case: impl Fn(&mut Server)) {
    for shape in Shape::ALL {
        println!("{shape}");
        let mut server = Server::launch(shape, crashable);
        case(&mut server);
        server.other_is_answered();
    }
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client(BufReader::new(stream))
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// The head and body of the next answer, which has this status.
    fn answers(&mut self, status: u16) -> (String, Vec<u8>) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "it is over after {head:?}");
        }
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        (head, body)
    }

    /// The connection is over, and nothing came before that: not even a reset, which may destroy
    /// what came before.
    fn is_over(&mut self) {
        assert_eq!(self.0.read(&mut [0; 16]).unwrap(), 0);
    }
}

/// The number behind a name in `/state`.
fn count(state: &[u8], name: &str) -> u64 {
    let state: serde_json::Value = serde_json::from_slice(state).unwrap();
    state[name].as_u64().unwrap()
}

#[test]
fn requests_are_answered_in_whatever_pieces_they_come() {
    for_each_shape(false, |server| {
        let mut client = server.client();
        client.send(GET.repeat(20));
        (0..20).for_each(|_| assert_eq!(client.answers(200).1.len(), 64));
        GET.bytes().for_each(|byte| client.send([byte]));
        client.answers(200);
        client.send(STATE);
        client.answers(404);
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(client.answers(200).0.contains("Connection: close"));
        client.is_over();
    });
}

#[test]
fn each_answer_is_counted_before_it_is_sent() {
    for_each_shape(true, |server| {
        let mut client = server.client();
        client.send(STATE);
        let before = client.answers(200).1;
        client.send(GET.repeat(3));
        (0..3).for_each(|_| _ = client.answers(200));
        client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        client.answers(404);
        client.send(STATE);
        let after = client.answers(200).1;
        assert_eq!(count(&after, "process"), count(&before, "process"));
        assert_eq!(count(&after, "own") - count(&before, "own"), 4);
        assert_eq!(count(&after, "shared") - count(&before, "shared"), 4);
        let pids = server.lab.account().unwrap().processes;
        assert!(pids.contains(&(count(&after, "process") as i32)), "{pids:?}");
    });
}

#[test]
fn what_is_no_request_is_refused_with_a_reason_that_arrives() {
    let long = "a".repeat(500_000);
    let post = "POST / HTTP/1.1\r\nHost: x\r\n";
    let refused = [
        ("what is this?\r\n\r\n".to_owned(), 400),
        (format!("{post}Content-Length: 3\r\n\r\nabc"), 400),
        (format!("GET / HTTP/1.1\r\nHost: {long}\r\n\r\n"), 413),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n{long}"), 413),
    ];
    for_each_shape(false, |server| {
        let before = server.descriptors();
        for (bytes, status) in &refused {
            let mut client = server.client();
            client.send(bytes);
            server.other_is_answered();
            assert!(client.answers(*status).0.contains("Connection: close"));
            client.is_over();
        }
        assert!(within_patience(|| server.descriptors() == before));
    });
}

#[test]
fn a_request_that_takes_too_long_is_told_so_and_an_idle_connection_stays() {
    let mut servers = Shape::ALL.map(|shape| Server::launch(shape, false));
    let mut clients = servers.each_ref().map(Server::client);
    for client in &mut clients {
        // Not its first: the time is a request's, not a connection's.
        client.send(GET);
        client.answers(200);
        client.send(&GET[..20]);
    }
    for client in &mut clients {
        client.answers(408);
        client.is_over();
    }
    servers.iter_mut().for_each(Server::other_is_answered);
}

#[test]
fn what_is_cut_off_is_closed() {
    for_each_shape(false, |server| {
        let before = server.descriptors();
        for begun in ["", &GET[..20]] {
            let mut client = server.client();
            // What was asked before the end is answered.
            client.send(format!("{GET}{begun}"));
            client.0.get_mut().shutdown(Shutdown::Write).unwrap();
            server.other_is_answered();
            client.answers(200);
            client.is_over();
        }
        assert!(within_patience(|| server.descriptors() == before));
    });
}
