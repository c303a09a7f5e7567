//! A byte to and fro through a pair of Unix stream sockets.

use crate::primitive::ping_pong::{self, Made, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::question::switching::pipe::{is_token, receive, send};
use crate::record::{Actor, Result, Work};
use crate::sys::system_calls::{Inlined, Library, SystemCalls};
use std::io;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "socket/thread",
        name: "round trip by socket to a thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through a pair of Unix stream sockets",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "socketpair(2), unix(7)",
        start: threads,
    },
    Entry {
        id: "socket/process",
        name: "round trip by socket to a process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through a pair of Unix stream sockets",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "socketpair(2), unix(7)",
        start: processes,
    },
    Entry {
        id: "socket/alone",
        name: "the calls of a round trip by socket",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "socketpair(2), unix(7)",
        start: alone,
    },
];

/// The two ends: what is written to one is read from the other.
struct Sockets<S> {
    main: OwnedFd,
    partner: OwnedFd,
    calls: PhantomData<S>,
}

/// A connected pair: socketpair(2).
pub(crate) fn pair() -> io::Result<[OwnedFd; 2]> {
    let (one, other) = UnixStream::pair()?;
    Ok([one.into(), other.into()])
}

impl<S: SystemCalls> Made for Sockets<S> {
    fn new() -> io::Result<Self> {
        let [main, partner] = pair()?;
        Ok(Sockets { main, partner, calls: PhantomData })
    }
}

impl<S: SystemCalls> Token for Sockets<S> {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        let own = match side {
            Side::Main => &self.partner,
            Side::Partner => &self.main,
        };
        send::<S>(own, side as u8)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let own = match side {
            Side::Main => &self.main,
            Side::Partner => &self.partner,
        };
        is_token(receive::<S>(own)?, side)
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send::<S>(&self.main, STOP as u8);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Sockets<Inlined>, Sockets<Library>>(Actor::Thread, setup)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Sockets<Inlined>, Sockets<Library>>(Actor::Process, setup)
}

pub(crate) fn alone(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Sockets<Inlined>, Sockets<Library>>(Actor::Alone, setup)
}
