//! Event loops: many connections by one thread (epoll(7)).

mod connection;

use super::accept::{INBOX_BYTES, accept_one};
use super::handler::SharedState;
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::socket::WhenEmpty;
use connection::Connection;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::collections::BTreeSet;
use std::io;
use std::net::TcpListener;
use std::time::Instant;

/// Events that are fetched at once.
const EVENTS: usize = 256;
/// In the place of a connection's number, the listening socket.
const LISTENER: u32 = u32::MAX;

/// Accepts and serves all connections by one loop. Several loops may accept on one listening
/// socket: a new connection wakes one of them (EPOLLEXCLUSIVE).
///
/// # Errors
/// epoll's.
pub(super) fn run(listener: &TcpListener, state: &SharedState<'_>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut all = Loop::new(listener, state)?;
    let mut events = [EpollEvent::empty(); EVENTS];
    loop {
        let ready = match all.epoll.wait(&mut events, all.timeout()) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            Err(e) => return Err(e.into()),
        };
        for event in &events[..ready] {
            match event.data() as u32 {
                LISTENER => all.accept(),
                // Each connection has one event at most, and none is closed but by its own: a
                // number means the same to the end of this loop.
                number => all.proceed(number, Connection::proceed),
            }
        }
        if !all.deadlines.is_empty() {
            all.expire();
        }
    }
}

struct Loop<'l> {
    epoll: Epoll,
    listener: &'l TcpListener,
    state: &'l SharedState<'l>,
    /// What a connection's bytes are read into, one after the other.
    requests: RecvBuffer,
    /// By number.
    connections: Vec<Option<Connection>>,
    /// Numbers that are free.
    free: Vec<u32>,
    /// Connections that something is to happen to.
    deadlines: BTreeSet<(Instant, u32)>,
}

impl<'l> Loop<'l> {
    fn new(listener: &'l TcpListener, state: &'l SharedState<'l>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let wakes_one = EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE;
        epoll.add(listener, EpollEvent::new(wakes_one, LISTENER.into()))?;
        let (requests, deadlines) = (RecvBuffer::of(INBOX_BYTES), BTreeSet::new());
        let (connections, free) = (Vec::new(), Vec::new());
        Ok(Loop { epoll, listener, state, requests, connections, free, deadlines })
    }

    /// Until the first deadline, whole milliseconds and no less; without one, no end.
    fn timeout(&self) -> EpollTimeout {
        let Some((first, _)) = self.deadlines.first() else { return EpollTimeout::NONE };
        let left_ns = first.saturating_duration_since(Instant::now()).as_nanos();
        EpollTimeout::try_from(left_ns.div_ceil(1_000_000)).unwrap_or(EpollTimeout::MAX)
    }

    /// Accepts one connection. Where there are more, the next wait says so: among them are events
    /// of others, which are not to wait for all that is new.
    fn accept(&mut self) {
        let Some(stream) = accept_one(self.listener, WhenEmpty::Return) else { return };
        // Without its pages it is closed.
        let Ok(mut connection) = Connection::new(stream, self.state.settings) else { return };
        // Its first request may be there already.
        if connection.proceed(&mut self.requests, self.state) {
            self.keep(connection);
        }
    }

    fn keep(&mut self, connection: Connection) {
        let number = self.free.pop().unwrap_or(self.connections.len() as u32);
        let event = EpollEvent::new(EpollFlags::EPOLLIN, number.into());
        if self.epoll.add(connection.stream(), event).is_err() {
            // At a limit on what is waited for: it is closed.
            self.free.push(number);
            return;
        }
        self.deadlines.extend(connection.until().map(|until| (until, number)));
        match self.connections.get_mut(number as usize) {
            Some(place) => *place = Some(connection),
            None => self.connections.push(Some(connection)),
        }
    }

    /// Has a connection proceed by `how`, which says whether it lives.
    #[inline]
    fn proceed(
        &mut self,
        number: u32,
        how: impl FnOnce(&mut Connection, &mut RecvBuffer, &SharedState<'_>) -> bool,
    ) {
        let place = &mut self.connections[number as usize];
        let Some(connection) = place else { return };
        let before = connection.until();
        let lives = how(connection, &mut self.requests, self.state);
        let mut after = connection.until();
        if !lives {
            // Closed, it is off epoll's list too.
            *place = None;
            self.free.push(number);
            after = None;
        }
        if before != after {
            before.map(|until| self.deadlines.remove(&(until, number)));
            self.deadlines.extend(after.map(|until| (until, number)));
        }
    }

    fn expire(&mut self) {
        let now = Instant::now();
        while let Some((until, number)) = self.deadlines.first().copied() {
            if until > now {
                break;
            }
            self.proceed(number, Connection::expire);
        }
    }
}
