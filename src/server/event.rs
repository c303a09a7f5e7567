//! Event loops: many connections by one thread (epoll(7)).

mod connection;

use super::accept::{About, SCARCE_WAIT, about, prepare};
use super::exchange::INBOX_BYTES;
use super::handler::Desk;
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::socket::{Calls, accept};
use connection::{Connection, Waits};
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
/// epoll's, and accept(2)'s as for blocking calls. Limits that cannot be kept.
pub(super) fn run(listener: &TcpListener, desk: &Desk<'_>) -> io::Result<()> {
    prepare(listener, desk.settings)?;
    listener.set_nonblocking(true)?;
    let mut all = Loop::new(listener, desk)?;
    let mut events = [EpollEvent::empty(); EVENTS];
    loop {
        let ready = match all.epoll.wait(&mut events, all.timeout()) {
            Ok(ready) => ready,
            Err(Errno::EINTR) => 0,
            Err(e) => return Err(e.into()),
        };
        for event in &events[..ready] {
            match event.data() as u32 {
                LISTENER => all.accept()?,
                // Each connection has one event at most, and none is closed but by its own: a
                // number means the same to the end of this loop.
                number => all.proceed(number, Connection::proceed),
            }
        }
        if !all.deadlines.is_empty() {
            all.expire()?;
        }
    }
}

struct Loop<'l> {
    epoll: Epoll,
    listener: &'l TcpListener,
    desk: &'l Desk<'l>,
    /// What a connection's bytes are read into, one after the other.
    requests: RecvBuffer,
    /// By number.
    connections: Vec<Option<Connection>>,
    /// Numbers that are free.
    free: Vec<u32>,
    /// Connections that something is to happen to, or the listening socket that is left alone for a
    /// moment.
    deadlines: BTreeSet<(Instant, u32)>,
}

impl<'l> Loop<'l> {
    fn new(listener: &'l TcpListener, desk: &'l Desk<'l>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let (requests, deadlines) = (RecvBuffer::of(INBOX_BYTES), BTreeSet::new());
        let (connections, free) = (Vec::new(), Vec::new());
        let new = Loop { epoll, listener, desk, requests, connections, free, deadlines };
        new.listen()?;
        Ok(new)
    }

    fn listen(&self) -> io::Result<()> {
        let wakes_one = EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE;
        Ok(self.epoll.add(self.listener, EpollEvent::new(wakes_one, LISTENER.into()))?)
    }

    /// Until the first deadline, whole milliseconds and no less; without one, no end.
    fn timeout(&self) -> EpollTimeout {
        let Some((first, _)) = self.deadlines.first() else { return EpollTimeout::NONE };
        let left_ns = first.saturating_duration_since(Instant::now()).as_nanos();
        EpollTimeout::try_from(left_ns.div_ceil(1_000_000)).unwrap_or(EpollTimeout::MAX)
    }

    /// Accepts one connection. Where there are more, the next wait says so: among them are events
    /// of others, which are not to wait for all that is new.
    fn accept(&mut self) -> io::Result<()> {
        let stream = match accept(self.listener, Calls::Return) {
            Ok(stream) => stream,
            Err(failed) => return self.accept_later(failed),
        };
        // Without its pages it is closed.
        let Ok(mut connection) = Connection::new(stream, self.desk.settings) else { return Ok(()) };
        // Its first request may be there already.
        if connection.proceed(&mut self.requests, self.desk) {
            self.keep(connection);
        }
        Ok(())
    }

    fn accept_later(&mut self, failed: io::Error) -> io::Result<()> {
        match about(&failed) {
            // Another loop may have it.
            About::Connection => Ok(()),
            About::Moment => {
                self.epoll.delete(self.listener)?;
                self.deadlines.insert((Instant::now() + SCARCE_WAIT, LISTENER));
                Ok(())
            }
            About::Listener => Err(failed),
        }
    }

    fn keep(&mut self, connection: Connection) {
        let number = self.free.pop().unwrap_or(self.connections.len() as u32);
        let waits = connection.waits();
        if self.epoll.add(connection.stream(), waits.event(number)).is_err() {
            // At a limit on what is waited for: it is closed.
            self.free.push(number);
            return;
        }
        self.deadlines.extend(waits.until.map(|until| (until, number)));
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
        how: impl FnOnce(&mut Connection, &mut RecvBuffer, &Desk<'_>) -> bool,
    ) {
        let place = &mut self.connections[number as usize];
        let Some(connection) = place else { return };
        let before = connection.waits();
        let mut lives = how(connection, &mut self.requests, self.desk);
        let mut after = connection.waits();
        if lives && before.for_room != after.for_room {
            lives = self.epoll.modify(connection.stream(), &mut after.event(number)).is_ok();
        }
        if !lives {
            // Closed, it is off epoll's list too.
            *place = None;
            self.free.push(number);
            after = Waits::default();
        }
        if before.until != after.until {
            before.until.map(|until| self.deadlines.remove(&(until, number)));
            self.deadlines.extend(after.until.map(|until| (until, number)));
        }
    }

    fn expire(&mut self) -> io::Result<()> {
        let now = Instant::now();
        while let Some((until, number)) = self.deadlines.first().copied() {
            if until > now {
                break;
            }
            match number {
                LISTENER => {
                    self.deadlines.pop_first();
                    self.listen()?;
                }
                number => self.proceed(number, Connection::expire),
            }
        }
        Ok(())
    }
}
