//! A server as the client's tests need it: one that stalls, ends connections, loses its counts and
//! says how often it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What it does besides answering.
#[derive(Debug, Clone, Default)]
pub(crate) struct Manners {
    /// Before it answers the request of this number (from 1), everybody waits for so long.
    pub(crate) stall: Option<(u64, Duration)>,
    /// It ends the connection instead of answering the request of this number.
    pub(crate) end_at: Option<u64>,
    /// It never answers the request of this number nor any after it.
    pub(crate) mute_from: Option<u64>,
    /// As many connections are ended unanswered after a crash.
    pub(crate) reject_after_crash: u32,
    /// It has a process for each connection, of which a crash kills one.
    pub(crate) process_per_connection: bool,
    /// It does not know what a crash is.
    pub(crate) uncrashable: bool,
    /// It ends each connection after so many answers.
    pub(crate) answers_each: Option<u64>,
    /// It says so in the last of them.
    pub(crate) announces: bool,
    /// How it writes an answer.
    pub(crate) form: Form,
}

/// Forms of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Form {
    #[default]
    Counted,
    /// In chunks of HTTP/1.1.
    Chunked,
    /// HTTP/1.0, which ends its connection and needs no length.
    Old,
}

/// What it knows.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Requests for `/` that were answered.
    pub(crate) answered: u64,
    /// Connections that were accepted.
    pub(crate) accepted: u64,
    /// Head of the first request.
    pub(crate) head: String,
    /// Requests counted by the process that was killed.
    pub(crate) lost: u64,
    asked: u64,
    crashes: i32,
    reject: u32,
    own: HashMap<i32, u64>,
    streams: Vec<(i32, TcpStream)>,
}

/// The server; its threads end with their connections, the accepting one with the test.
pub(crate) struct ToyServer {
    pub(crate) address: SocketAddr,
    pub(crate) books: Arc<Mutex<Books>>,
}

impl ToyServer {
    pub(crate) fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let books = Arc::new(Mutex::new(Books::default()));
        let shared = Arc::clone(&books);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, manners, books) =
                    (stream.unwrap(), manners.clone(), Arc::clone(&shared));
                let mut open = books.lock().unwrap();
                open.accepted += 1;
                if open.reject > 0 {
                    open.reject -= 1;
                    continue;
                }
                let number = if manners.process_per_connection { open.accepted as i32 } else { 0 };
                let process = 1_000 + 100 * open.crashes + number;
                open.streams.push((process, stream.try_clone().unwrap()));
                drop(open);
                thread::spawn(move || serve(stream, process, &manners, &books));
            }
        });
        ToyServer { address, books }
    }

    pub(crate) fn answered(&self) -> u64 {
        self.books.lock().unwrap().answered
    }
}

/// One connection, until it ends.
fn serve(mut stream: TcpStream, process: i32, manners: &Manners, books: &Mutex<Books>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut left = manners.answers_each;
    while let Some(head) = head(&mut reader) {
        left = left.map(|left| left - 1);
        // All wait for each other, as they would for one CPU.
        let mut books = books.lock().unwrap();
        if books.head.is_empty() {
            books.head.clone_from(&head);
        }
        let path = head.split(' ').nth(1).unwrap();
        let answer = match path {
            "/" => match root(&mut books, process, manners) {
                Some(body) => written(&body, manners, left == Some(0)),
                None => break,
            },
            "/state" => {
                let (own, shared) = (own(&mut books, process), books.answered);
                ok(&format!("{{\"process\":{process},\"own\":{own},\"shared\":{shared}}}"))
            }
            "/crash" if !manners.uncrashable => {
                crash(&mut books, process, manners);
                break;
            }
            _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
        };
        let sent = stream.write_all(answer.as_bytes());
        let last = left == Some(0) || manners.form == Form::Old;
        if sent.is_err() || last || head.contains("Connection: close") {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// The answer to what is measured; `None` ends the connection.
fn root(books: &mut Books, process: i32, manners: &Manners) -> Option<String> {
    books.asked += 1;
    let asked = books.asked;
    if manners.mute_from.is_some_and(|from| asked >= from) {
        // Whoever waits for the lock is not answered either.
        thread::sleep(Duration::from_secs(3_600));
    }
    if manners.end_at == Some(asked) {
        return None;
    }
    match manners.stall {
        Some((at, time)) if at == asked && books.crashes == 0 => thread::sleep(time),
        _ => {}
    }
    books.answered += 1;
    *books.own.entry(process).or_default() += 1;
    Some("x".repeat(64))
}

fn own(books: &mut Books, process: i32) -> u64 {
    *books.own.entry(process).or_default()
}

/// Ends all connections of the process, and forgets what it had counted.
fn crash(books: &mut Books, process: i32, manners: &Manners) {
    books.lost = own(books, process);
    books.crashes += 1;
    books.reject = manners.reject_after_crash;
    books.own.remove(&process);
    for (_, stream) in books.streams.iter().filter(|(by, _)| *by == process) {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// What is measured, as the server writes it.
fn written(body: &str, manners: &Manners, last: bool) -> String {
    let close = if last && manners.announces { "Connection: close\r\n" } else { "" };
    match manners.form {
        Form::Counted => ok(body).replacen("\r\n", &format!("\r\n{close}"), 1),
        Form::Chunked => {
            let (start, end) = body.split_at(10);
            format!(
                "HTTP/1.1 200 OK\r\n{close}Transfer-Encoding: chunked\r\n\r\n\
                 {:x}\r\n{start}\r\n{:x}\r\n{end}\r\n0\r\n\r\n",
                start.len(),
                end.len()
            )
        }
        Form::Old => format!("HTTP/1.0 200 OK\r\n\r\n{body}"),
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The next request's head, `None` at the end.
fn head(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match reader.read_line(&mut head) {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
    Some(head)
}
