//! A connection of a client: one request at a time, without blocking.

use super::answer::{self, Answer, Coming};
use crate::record::Failure;
use crate::sys::so_linger::reset_on_close;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, socket};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

/// A place for a connection, in an epoll set by its number.
#[derive(Debug)]
pub(super) struct Connection {
    number: u64,
    stream: Option<TcpStream>,
    /// It is in the epoll set.
    watched: bool,
    /// What could not be sent yet of the request: the connection is not established, or its buffer
    /// is full.
    rest: Vec<u8>,
    /// What has come of an answer that needed the parser.
    part: Coming,
    /// The last answer that was parsed. One that begins well and is as long needs no parser.
    known: Answer,
    /// When the request under way was sent or due, nanoseconds.
    pub(super) since_ns: u64,
    /// A request is under way.
    pub(super) asked: bool,
    /// It has had an answer since it was opened.
    used: bool,
    /// The server ends it after the last answer.
    pub(super) last: bool,
}

impl Connection {
    pub(super) fn new(number: usize) -> Self {
        Connection {
            number: number as u64,
            stream: None,
            watched: false,
            rest: Vec::new(),
            part: Coming::default(),
            known: Answer::default(),
            since_ns: 0,
            asked: false,
            used: false,
            last: false,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Resets it.
    pub(super) fn close(&mut self) {
        // Closing takes it out of the epoll set.
        self.stream = None;
        self.watched = false;
        (self.asked, self.used, self.last) = (false, false, false);
        self.rest.clear();
        self.part.clear();
    }

    /// Begins to connect. Whether that succeeds is seen when it is used.
    pub(super) fn open(&mut self, address: SocketAddr) -> io::Result<()> {
        self.close();
        let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let stream = TcpStream::from(socket(family, SockType::Stream, flags, None)?);
        reset_on_close(&stream)?;
        stream.set_nodelay(true)?;
        match connect(stream.as_raw_fd(), &SockaddrStorage::from(address)) {
            Ok(()) | Err(Errno::EINPROGRESS) => {}
            Err(e) => return Err(e.into()),
        }
        self.stream = Some(stream);
        Ok(())
    }

    /// Sends a request, or as much of it as can be sent now; [`Self::receive`] sends the rest.
    #[inline]
    pub(super) fn send(&mut self, request: &[u8], epoll: &Epoll) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Err(ErrorKind::NotConnected.into()) };
        let sent = written(stream.write(request))?;
        self.asked = true;
        self.part.clear();
        if sent < request.len() {
            self.rest.extend_from_slice(&request[sent..]);
            return self.watch(epoll, EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT);
        }
        if self.watched { Ok(()) } else { self.watch(epoll, EpollFlags::EPOLLIN) }
    }

    /// Takes what has come; `true` if the answer is whole.
    #[inline]
    pub(super) fn receive(&mut self, buffer: &mut [u8], epoll: &Epoll) -> io::Result<bool> {
        if !self.rest.is_empty() {
            return self.send_rest(epoll).map(|()| false);
        }
        // A socket that was closed stays in the set while a child of this process has it too, until
        // it runs its program.
        let Some(stream) = &mut self.stream else { return Ok(false) };
        let got = match stream.read(buffer) {
            Ok(0) => return self.end(),
            Ok(got) => got,
            Err(e) if for_now(&e) => return Ok(false),
            Err(e) => return Err(e),
        };
        if !self.asked {
            return Err(answer::wrong("the server sent what it was not asked for"));
        }
        let as_known = self.part.is_empty() && got == self.known.bytes();
        if as_known && buffer.starts_with(answer::OK) {
            (self.asked, self.used) = (false, true);
            return Ok(true);
        }
        self.parse(&buffer[..got])
    }

    /// Has the next answer parsed, so that [`Self::body`] has it.
    pub(super) fn parse_next(&mut self) {
        self.known = Answer::default();
    }

    /// The body of the last answer, if it was parsed.
    pub(super) fn body(&self) -> &[u8] {
        self.part.body()
    }

    fn parse(&mut self, more: &[u8]) -> io::Result<bool> {
        let Some(answer) = self.part.take(more)? else { return Ok(false) };
        Ok(self.answered(answer))
    }

    fn answered(&mut self, answer: Answer) -> bool {
        (self.asked, self.used, self.last) = (false, true, answer.last);
        self.known = if answer.counted && !answer.last { answer } else { Answer::default() };
        true
    }

    /// The server has ended it: that is the end of an answer, or an error.
    fn end(&mut self) -> io::Result<bool> {
        match self.part.ended().filter(|_| self.asked) {
            Some(answer) => Ok(self.answered(answer)),
            None => {
                let why = "the server ended the connection";
                Err(io::Error::new(ErrorKind::UnexpectedEof, why))
            }
        }
    }

    /// Has it ended between two answers? The server may do that at any time (RFC 9112, section
    /// 9.5); what it has begun to answer, or never served, it has failed.
    pub(super) fn ended_between(&self, e: &io::Error) -> bool {
        let ended = matches!(
            e.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        );
        ended && self.used && (!self.asked || self.part.is_empty())
    }

    fn send_rest(&mut self, epoll: &Epoll) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Err(ErrorKind::NotConnected.into()) };
        let sent = written(stream.write(&self.rest))?;
        self.rest.drain(..sent);
        if self.rest.is_empty() { self.watch(epoll, EpollFlags::EPOLLIN) } else { Ok(()) }
    }

    fn watch(&mut self, epoll: &Epoll, flags: EpollFlags) -> io::Result<()> {
        let Some(stream) = &self.stream else { return Err(ErrorKind::NotConnected.into()) };
        let mut event = EpollEvent::new(flags, self.number);
        match self.watched {
            true => epoll.modify(stream, &mut event)?,
            false => epoll.add(stream, event)?,
        }
        self.watched = true;
        Ok(())
    }
}

/// How much was written: nothing, where it would have to wait.
fn written(wrote: io::Result<usize>) -> io::Result<usize> {
    match wrote {
        Err(e) if for_now(&e) => Ok(0),
        wrote => wrote,
    }
}

fn for_now(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Why a client cannot have a connection, and what would help.
pub(super) fn refused(tried: impl Into<String>, e: io::Error) -> Failure {
    let remedy = match e.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ECONNREFUSED) => "is the server running?",
        Some(Errno::EMFILE) => "raise the hard limit, ulimit -Hn",
        Some(Errno::ENFILE) => "see fs.file-max",
        Some(Errno::EADDRNOTAVAIL) => {
            "see net.ipv4.ip_local_port_range: every connection has a port of its own"
        }
        _ => return Failure::os(tried, e),
    };
    Failure::os(tried, e).remedy(remedy)
}
