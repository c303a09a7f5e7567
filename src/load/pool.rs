//! The connections of one thread, and the epoll set that says which of them have an answer.

use super::answer::wrong;
use super::connection::{Connection, refused};
use super::{Settings, request};
use crate::record::{Failure, Result};
use crate::sys::clock;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::{TimeSpec, TimeValLike};
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use std::io;
use std::net::SocketAddr;

/// Number of the alarm in the epoll set.
const ALARM: u64 = u64::MAX;
/// Time within which each connection must have an answer where nothing is measured.
pub(super) const PATIENCE_NS: u64 = 10_000_000_000;
/// More than an answer has; one that is longer comes in parts.
const BUFFER_BYTES: usize = 16 << 10;

/// Connections to one server, at most one request under way on each.
#[derive(Debug)]
pub(super) struct ClientPool {
    pub(super) address: SocketAddr,
    pub(super) connections: Vec<Connection>,
    per_request: bool,
    reopens: bool,
    /// What the server's ends of connections have led to.
    pub(super) ends: Ends,
    request: Vec<u8>,
    epoll: Epoll,
    alarm: TimerFd,
    /// When the alarm goes off, if only once.
    alarm_ns: Option<u64>,
    events: Vec<EpollEvent>,
    buffer: Vec<u8>,
}

/// Connections that the server has ended between two answers, and what that has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ends {
    /// Connections that were opened in the place of others.
    pub(super) reopened: u64,
    /// Requests that were sent again: the end came instead of the answer.
    pub(super) resent: u64,
}

impl ClientPool {
    /// Places for so many connections, none of them open.
    pub(super) fn new(settings: &Settings, connections: usize) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        let alarm = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        epoll.add(&alarm, EpollEvent::new(EpollFlags::EPOLLIN, ALARM))?;
        Ok(ClientPool {
            address: settings.address,
            connections: (0..connections).map(Connection::new).collect(),
            per_request: settings.per_request,
            reopens: settings.reopens,
            ends: Ends::default(),
            request: request::get(request::ROOT, settings.address, settings.per_request),
            epoll,
            alarm,
            alarm_ns: None,
            // Room for all at once, an alarm and one more connection, which crashes a worker.
            events: vec![EpollEvent::empty(); connections + 2],
            buffer: vec![0; BUFFER_BYTES],
        })
    }

    /// Opens the connections that are not, and sees one request answered on each; where each
    /// request has a connection of its own, sees one.
    pub(super) fn greet(&mut self) -> Result<()> {
        let all = self.connections.len();
        let address = self.address;
        let tried = |number| format!("connecting to {address}: connection {} of {all}", number + 1);
        let numbers = 0..if self.per_request { 1 } else { all };
        let closed: Vec<usize> = numbers.filter(|&n| !self.connections[n].is_open()).collect();
        for &number in &closed {
            self.ask(number, 0).map_err(|e| refused(tried(number), e))?;
        }
        let mut missing = closed.len();
        let waiting = |e| Failure::os(format!("waiting for answers of {address}"), e);
        self.alarm_at(clock::monotonic_ns() + PATIENCE_NS).map_err(waiting)?;
        while missing > 0 {
            for event in 0..self.wait().map_err(waiting)? {
                let Some(number) = self.heard(event) else { return Err(self.unanswered()) };
                let answered = self.receive(number).map_err(|e| refused(tried(number), e))?;
                missing -= usize::from(answered);
            }
        }
        Ok(())
    }

    /// The failure of a server that leaves connections without any answer.
    fn unanswered(&self) -> Failure {
        let silent = self.connections.iter().enumerate().filter(|(_, c)| c.asked);
        let numbers: Vec<usize> = silent.map(|(number, _)| number + 1).collect();
        let first = numbers.first().copied().unwrap_or(0);
        let why = format!(
            "connection {first} of {} and {} more got no answer within {} s",
            self.connections.len(),
            numbers.len().saturating_sub(1),
            PATIENCE_NS / 1_000_000_000
        );
        Failure::new(format!("connecting to {}", self.address), why).remedy(
            "if each of its workers serves one connection at a time, it needs as many as there \
                 are connections",
        )
    }

    /// Sends the request that is measured, on a new connection if there is none.
    #[inline]
    pub(super) fn ask(&mut self, number: usize, since_ns: u64) -> io::Result<()> {
        match self.ask_once(number, since_ns) {
            Err(e) if self.reopens && self.connections[number].ended_between(&e) => {
                self.connections[number].close();
                self.ask_once(number, since_ns)
            }
            asked => asked,
        }
    }

    #[inline]
    fn ask_once(&mut self, number: usize, since_ns: u64) -> io::Result<()> {
        let connection = &mut self.connections[number];
        if !connection.is_open() {
            connection.open(self.address)?;
            self.ends.reopened += u64::from(!self.per_request);
        }
        connection.since_ns = since_ns;
        connection.send(&self.request, &self.epoll)
    }

    /// Sends another one.
    pub(super) fn send(&mut self, number: usize, request: &[u8]) -> io::Result<()> {
        self.connections[number].send(request, &self.epoll)
    }

    /// Takes what has come on a connection; `true` if it is an answer.
    #[inline]
    pub(super) fn receive(&mut self, number: usize) -> io::Result<bool> {
        let connection = &mut self.connections[number];
        match connection.receive(&mut self.buffer, &self.epoll) {
            Ok(true) if self.per_request => connection.close(),
            Ok(true) if connection.last => return self.last(number),
            Err(e) if self.reopens && connection.ended_between(&e) => return self.again(number),
            received => return received,
        }
        Ok(true)
    }

    /// The answer came with the word that the server ends the connection.
    #[cold]
    fn last(&mut self, number: usize) -> io::Result<bool> {
        if !self.reopens {
            return Err(wrong("the server ends a connection that is to be kept"));
        }
        self.connections[number].close();
        Ok(true)
    }

    /// The connection has ended between two answers: what was asked on it is asked on a new one.
    #[cold]
    fn again(&mut self, number: usize) -> io::Result<bool> {
        let Connection { asked, since_ns, .. } = self.connections[number];
        self.connections[number].close();
        if asked {
            self.ends.resent += 1;
            self.ask(number, since_ns)?;
        }
        Ok(false)
    }

    /// Waits until there is something to hear, and says how much.
    #[inline]
    pub(super) fn wait(&mut self) -> io::Result<usize> {
        self.look(EpollTimeout::NONE)
    }

    /// Says what there is to hear without waiting.
    #[inline]
    pub(super) fn look_now(&mut self) -> io::Result<usize> {
        self.look(EpollTimeout::ZERO)
    }

    #[inline]
    fn look(&mut self, timeout: EpollTimeout) -> io::Result<usize> {
        match self.epoll.wait(&mut self.events, timeout) {
            Err(Errno::EINTR) => Ok(0),
            heard => Ok(heard?),
        }
    }

    /// The connection that was heard of, or `None` for the alarm.
    #[inline]
    pub(super) fn heard(&mut self, event: usize) -> Option<usize> {
        let number = self.events[event].data();
        if number != ALARM {
            return Some(number as usize);
        }
        // It is there to be read: that is why it was heard of.
        let _ = self.alarm.wait();
        self.alarm_ns = None;
        None
    }

    /// Has the alarm heard at this moment of the monotonic clock.
    pub(super) fn alarm_at(&mut self, ns: u64) -> io::Result<()> {
        if self.alarm_ns == Some(ns) {
            return Ok(());
        }
        // A time of 0 would turn it off.
        let once = Expiration::OneShot(TimeSpec::nanoseconds(ns.max(1) as i64));
        self.alarm.set(once, TimerSetTimeFlags::TFD_TIMER_ABSTIME)?;
        self.alarm_ns = Some(ns);
        Ok(())
    }

    /// Has it heard again and again.
    pub(super) fn alarm_every(&mut self, ns: u64) -> io::Result<()> {
        let again = Expiration::Interval(TimeSpec::nanoseconds(ns as i64));
        self.alarm.set(again, TimerSetTimeFlags::empty())?;
        self.alarm_ns = None;
        Ok(())
    }

    /// Resets all, after an error.
    pub(super) fn close_all(&mut self) {
        self.connections.iter_mut().for_each(Connection::close);
    }

    /// Resets those on which a request is under way, and says how many.
    pub(super) fn close_busy(&mut self) -> u64 {
        let busy = self.connections.iter_mut().filter(|c| c.asked);
        busy.map(Connection::close).count() as u64
    }
}
