//! What servers of each shape make of requests that are good, bad, too large, too slow or broken
//! off, and that none of it hurts another connection.

mod support;

use nix::sys::socket::{setsockopt, sockopt};
use process_vs_thread::lab::{ServeSpec, ServerLab, locate};
use process_vs_thread::machine::await_asleep;
use process_vs_thread::proc;
use process_vs_thread::record::Shape;
use process_vs_thread::server::{Limits, Settings};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::LAB;

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const STATE: &str = "GET /state HTTP/1.1\r\nHost: x\r\n\r\n";
/// Short, for the tests in which it ends.
const PATIENCE_MS: u64 = 300;
/// Not too short for a request in two parts on a busy machine, and short enough to outwait.
const PATIENT_MS: u64 = 2_000;
/// So long that the test has failed when it ends.
const LONG_MS: u64 = 600_000;
/// Until what must happen has happened.
const DEADLINE: Duration = Duration::from_secs(60);

/// Has the case for a server of each shape, with a connection to it that must be answered always.
fn for_each_shape(patience_ms: u64, case: impl Fn(&mut Server)) {
    for_each(|shape| Server::launch(shape, patience_ms, false), case);
}

/// The same, and the servers count what they answer.
fn for_each_that_counts(case: impl Fn(&mut Server)) {
    for_each(|shape| Server::launch(shape, LONG_MS, true), case);
}

fn for_each(launch: impl Fn(Shape) -> Server, case: impl Fn(&mut Server)) {
    for shape in Shape::ALL {
        println!("{shape}");
        let mut server = launch(shape);
        server.other_is_answered();
        case(&mut server);
        server.other_is_answered();
    }
}

struct Server {
    lab: ServerLab,
    other: Client,
}

impl Server {
    fn launch(shape: Shape, patience_ms: u64, crashable: bool) -> Self {
        let limits = Limits { head_bytes: 1_000, body_bytes: 100_000, patience_ms };
        let (workers, pages, cpus) = (3, 2, Vec::new());
        let settings = Settings { shape, workers, pages, cpus, limits, crashable };
        let spec = ServeSpec { settings, group: None };
        let mut lab = ServerLab::launch(&locate(Some(LAB)).unwrap(), &spec).unwrap();
        // A loop that has checked in may have no descriptor yet to wait by: until it waits there is
        // nothing to count.
        await_asleep(&lab.account().unwrap().processes, DEADLINE).unwrap();
        let other = Client::connect(lab.address());
        Server { lab, other }
    }

    fn client(&self) -> Client {
        Client::connect(self.lab.address())
    }

    fn other_is_answered(&mut self) {
        self.other.send(GET);
        self.other.answers(200);
    }

    /// What `/state` says of all requests so far.
    fn answered(&mut self) -> u64 {
        self.other.send(STATE);
        count(&self.other.answers(200).body, "shared")
    }

    /// Waits until it answers nothing any more, and returns how many requests it has answered. That
    /// it has time to answer these looks shows that it had time for more.
    fn await_stall(&mut self) -> u64 {
        let deadline = Instant::now() + DEADLINE;
        let (mut before, mut looks_alike) = (self.answered(), 0);
        while looks_alike < 5 {
            assert!(Instant::now() < deadline, "it answers on and on, {before} by now");
            sleep(Duration::from_millis(100));
            let now = self.answered();
            looks_alike = if now == before { looks_alike + 1 } else { 0 };
            before = now;
        }
        before
    }

    /// Descriptors of all its processes.
    fn descriptors(&mut self) -> usize {
        let folder = |pid| std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
        self.lab.account().unwrap().processes.iter().map(|pid| folder(*pid).count()).sum()
    }

    /// Waits until it has as many descriptors as before.
    fn await_descriptors(&mut self, before: usize) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self.descriptors() {
                now if now == before => return,
                now => assert!(Instant::now() < deadline, "{now} descriptors, not {before}"),
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Memory of all its processes, KiB; without that of their program, which comes page by page.
    fn resident_kib(&mut self) -> usize {
        let of = |pid: &i32| {
            let status = proc::read(format!("/proc/{pid}/status")).unwrap();
            proc::bytes(&status, "RssAnon").unwrap() as usize >> 10
        };
        self.lab.account().unwrap().processes.iter().map(of).sum()
    }
}

struct Client(BufReader<TcpStream>);

/// Status, and fields and body as they came.
struct Answer {
    status: u16,
    fields: Vec<String>,
    body: Vec<u8>,
}

impl Client {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Client(BufReader::new(stream))
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn head(&mut self) -> Answer {
        let line = self.line();
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("{line:?} is no answer"));
        let fields = std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty()));
        Answer { status, fields: fields.collect(), body: Vec::new() }
    }

    /// The next answer, which has this status.
    fn answers(&mut self, status: u16) -> Answer {
        let mut answer = self.head();
        assert_eq!(answer.status, status);
        answer.body = vec![0; answer.field("Content-Length").unwrap().parse().unwrap()];
        self.0.read_exact(&mut answer.body).unwrap();
        answer
    }

    /// The connection is over, and nothing came before that: not even a reset, which may destroy
    /// what came before.
    fn is_over(&mut self) {
        assert_eq!(self.0.read(&mut [0; 16]).unwrap(), 0);
    }
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        let of = |field: &'_ String| field.split_once(": ").is_some_and(|(of, _)| of == name);
        let field = self.fields.iter().find(|field| of(field))?;
        field.split_once(": ").map(|(_, value)| value)
    }
}

/// The number behind a name in `/state`.
fn count(state: &[u8], name: &str) -> u64 {
    let state: serde_json::Value = serde_json::from_slice(state).unwrap();
    state[name].as_u64().unwrap()
}

#[test]
fn requests_are_answered() {
    for_each_shape(LONG_MS, |server| {
        let mut client = server.client();
        client.send(GET);
        let answer = client.answers(200);
        assert_eq!((answer.body.len(), answer.field("Connection")), (64, None));
        client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
        let head = client.head();
        assert_eq!((head.status, head.fields), (200, answer.fields), "a head is all of it");
        let body = "b".repeat(100_000);
        client.send(format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{body}"));
        assert_eq!(client.answers(200).body, answer.body);
        client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        client.answers(404);
        client.send("GET /crash HTTP/1.1\r\nHost: x\r\n\r\n");
        client.answers(404);
        client.send(STATE);
        client.answers(404);
        client.send("DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        assert_eq!(client.answers(405).field("Allow"), Some("GET, HEAD, POST"));
        client.send(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
        );
        assert_eq!(client.head().status, 100);
        client.send("abc");
        client.answers(200);
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_eq!(client.answers(200).field("Connection"), Some("close"));
        client.is_over();
        let mut client = server.client();
        client.send("GET / HTTP/1.0\r\n\r\n");
        assert_eq!(client.answers(200).field("Connection"), Some("close"));
        client.is_over();
    });
}

#[test]
fn each_answer_is_counted_before_it_is_sent() {
    for_each_that_counts(|server| {
        let mut client = server.client();
        client.send(STATE);
        let before = client.answers(200).body;
        client.send(GET.repeat(3));
        (0..3).for_each(|_| _ = client.answers(200));
        client.send("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
        client.answers(404);
        client.send(STATE);
        let after = client.answers(200).body;
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
    let refused = [
        ("what is this?\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        (format!("{GET}what is this? {long}"), 400),
        (format!("GET / HTTP/1.1\r\nHost: {long}\r\n\r\n"), 413),
        (format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n{long}"), 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(), 501),
        ("GET / HTTP/2.0\r\n\r\n".to_owned(), 505),
    ];
    for_each_shape(LONG_MS, |server| {
        let before = server.descriptors();
        for (bytes, status) in &refused {
            let mut client = server.client();
            client.send(bytes);
            server.other_is_answered();
            if bytes.starts_with(GET) {
                client.answers(200);
            }
            assert_eq!(client.answers(*status).field("Connection"), Some("close"));
            client.is_over();
        }
        server.await_descriptors(before);
    });
}

#[test]
fn a_request_that_takes_too_long_is_told_so() {
    for_each_shape(PATIENCE_MS, |server| {
        for begun in [&GET[..20], "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"] {
            let mut client = server.client();
            // Not its first: the time is a request's, not a connection's.
            client.send(GET);
            client.answers(200);
            client.send(begun);
            server.other_is_answered();
            client.answers(408);
            client.is_over();
        }
        // One that goes on and on has no more time.
        let mut client = server.client();
        client.send("GET / HTTP/1.1\r\nHost: ");
        client.0.get_mut().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while client.0.fill_buf().is_err() {
            assert!(Instant::now() < deadline);
            client.send("x");
        }
        client.answers(408);
    });
}

#[test]
fn a_connection_may_be_idle_between_requests() {
    let servers = Shape::ALL.map(|shape| Server::launch(shape, PATIENT_MS, false));
    let mut clients = servers.each_ref().map(Server::client);
    // In two parts, so that there has been a time to be forgotten.
    for _ in 0..2 {
        for client in &mut clients {
            client.send(&GET[..20]);
            sleep(Duration::from_millis(20));
            client.send(&GET[20..]);
            client.answers(200);
        }
        sleep(Duration::from_millis(PATIENT_MS * 3 / 2));
    }
    for client in &mut clients {
        client.send(GET);
        client.answers(200);
    }
}

#[test]
fn what_is_cut_off_is_closed() {
    for_each_shape(LONG_MS, |server| {
        let before = server.descriptors();
        for begun in ["", &GET[..20], "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"]
        {
            let mut client = server.client();
            client.send(GET);
            client.answers(200);
            client.send(begun);
            client.0.get_mut().shutdown(Shutdown::Write).unwrap();
            server.other_is_answered();
            client.is_over();
        }
        // What was asked before the end is answered.
        let mut client = server.client();
        client.send(GET.repeat(2));
        client.0.get_mut().shutdown(Shutdown::Write).unwrap();
        client.answers(200);
        client.answers(200);
        client.is_over();
        server.await_descriptors(before);
    });
}

#[test]
fn many_requests_at_once_are_answered_in_turn() {
    for_each_shape(LONG_MS, |server| {
        let mut client = server.client();
        let post = "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /";
        client.send([GET, post].concat().repeat(50));
        for _ in 0..50 {
            client.answers(200);
            client.answers(404);
        }
        // And in the smallest pieces.
        for byte in [GET, post].concat().bytes() {
            client.send([byte]);
        }
        client.answers(200);
        client.answers(404);
    });
}

/// Requests whose answers, of so many bytes each, are more than what the sockets of both sides
/// hold.
fn many(answer_bytes: usize) -> usize {
    let most = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_wmem").unwrap();
    let most: usize = most.split_whitespace().last().unwrap().parse().unwrap();
    (most + 4 * RECEIVED) / answer_bytes
}

/// What the client's socket holds, bytes; the kernel doubles it. Much less is read at a crawl: a
/// server's kernel waits for room that is worth a packet.
const RECEIVED: usize = 256 << 10;

/// Asks once, and returns all bytes of the answer.
fn whole_answer(client: &mut Client) -> Vec<u8> {
    client.send(GET);
    let answer = client.answers(200);
    let fields: String = answer.fields.iter().map(|field| format!("{field}\r\n")).collect();
    [format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes(), &answer.body].concat()
}

/// Sends so many requests, as far as the server takes them, and returns how many bytes it took.
/// `stalls` is asked whenever it has taken none for a while.
fn flood(client: &mut Client, requests: usize, mut stalls: impl FnMut() -> bool) -> usize {
    let stream = client.0.get_mut();
    stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let (all, mut sent, deadline) = (GET.repeat(requests), 0, Instant::now() + DEADLINE);
    while sent < all.len() {
        assert!(Instant::now() < deadline, "it takes more and more, {sent} bytes by now");
        match stream.write(&all.as_bytes()[sent..]) {
            Ok(taken) => sent += taken,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                if stalls() {
                    break;
                }
            }
            Err(e) if [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&e.kind()) => {
                break;
            }
            Err(e) => panic!("{e}"),
        }
    }
    sent
}

#[test]
fn answers_that_are_not_taken_wait_and_cost_no_memory() {
    for_each_that_counts(|server| {
        let before_kib = server.resident_kib();
        let mut client = server.client();
        setsockopt(client.0.get_ref(), sockopt::RcvBuf, &RECEIVED).unwrap();
        let answer = whole_answer(&mut client);
        let before = server.await_stall();
        let requests = many(answer.len());
        let sent = flood(&mut client, requests, || {
            let now = server.answered();
            server.await_stall() == now
        });
        let stalled = (server.await_stall() - before) as usize;
        assert!(stalled < sent / GET.len(), "{stalled}: the sockets held all answers");
        let more_kib = server.resident_kib().saturating_sub(before_kib);
        assert!(more_kib < 512, "{more_kib} KiB more");
        // Those that wait come, and then the next one: the server goes on.
        let (deadline, mut came, mut bytes) = (Instant::now() + DEADLINE, 0, vec![0; 64 << 10]);
        while came <= stalled * answer.len() {
            assert!(Instant::now() < deadline, "{came} bytes of {stalled} answers came");
            let more = client.0.read(&mut bytes).unwrap();
            assert!(more > 0, "it is over");
            let expected = answer.iter().cycle().skip(came % answer.len());
            assert!(bytes[..more].iter().eq(expected.take(more)));
            came += more;
        }
    });
}

#[test]
fn who_never_takes_its_answers_is_cut_off() {
    for_each_shape(PATIENCE_MS, |server| {
        let before = server.descriptors();
        let mut client = server.client();
        setsockopt(client.0.get_ref(), sockopt::RcvBuf, &RECEIVED).unwrap();
        let answer = whole_answer(&mut client);
        let requests = many(answer.len());
        flood(&mut client, requests, || false);
        server.other_is_answered();
        server.await_descriptors(before);
        let (mut answers, mut came) = (vec![0; 16 << 10], 0);
        while let Ok(more @ 1..) = client.0.read(&mut answers) {
            came += more;
        }
        assert!(came < requests * answer.len(), "it has had all answers");
    });
}
