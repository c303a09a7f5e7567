//! A byte to and fro through a pair of Unix stream sockets.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Primitive, Setup};
use crate::question::switching::pipe::{receive, send, understood};
use crate::record::{Actor, Result};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// The two ends: what is written to one is read from the other.
struct Sockets {
    main: OwnedFd,
    partner: OwnedFd,
}

/// A connected pair: socketpair(2).
pub(crate) fn pair() -> io::Result<[OwnedFd; 2]> {
    let (one, other) = UnixStream::pair()?;
    Ok([one.into(), other.into()])
}

impl Sockets {
    fn new() -> io::Result<Self> {
        let [main, partner] = pair()?;
        Ok(Sockets { main, partner })
    }
}

impl Token for Sockets {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        let own = match side {
            Side::Main => &self.partner,
            Side::Partner => &self.main,
        };
        send(own, side as u8)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let own = match side {
            Side::Main => &self.main,
            Side::Partner => &self.partner,
        };
        understood(receive(own)?, side)
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send(&self.main, STOP as u8);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, Sockets::new())
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, Sockets::new())
}

pub(crate) fn alone(_: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::alone(Sockets::new())
}
