//! A byte to and fro through two pipes.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Result, Work};
use crate::sys::pipe::{read_byte, write_byte};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::io;
use std::os::fd::OwnedFd;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "pipe/thread",
        name: "round trip by pipe to a thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through two pipes",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: threads,
    },
    Entry {
        id: "pipe/process",
        name: "round trip by pipe to a process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through two pipes",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "pipe(7)",
        start: processes,
    },
    Entry {
        id: "pipe/alone",
        name: "the calls of a round trip by pipe",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: Work::HandsOver(0),
        excluded: "the C library's wrappers of the calls",
        source: "pipe(7)",
        start: alone,
    },
];

/// Writes one byte, whatever signals come.
#[inline(always)]
pub(crate) fn send(into: &OwnedFd, byte: u8) -> io::Result<()> {
    loop {
        return match write_byte(into, byte) {
            Ok(1) => Ok(()),
            Ok(_) => Err(io::Error::other("the other end took no byte")),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
    }
}

/// Reads one byte, whatever signals come.
#[inline(always)]
pub(crate) fn receive(from: &OwnedFd) -> io::Result<u8> {
    loop {
        return match read_byte(from) {
            Ok(Some(byte)) => Ok(byte),
            Ok(None) => Err(io::Error::other("the other end is closed")),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
    }
}

/// Whether the byte that came gives the token to `side`, or tells it to leave.
#[inline(always)]
pub(crate) fn is_token(byte: u8, side: Side) -> io::Result<bool> {
    match byte {
        byte if byte == side as u8 => Ok(true),
        byte if u32::from(byte) == STOP => Ok(false),
        byte => Err(io::Error::other(format!("{byte} came for {}", side as u8))),
    }
}

/// One direction.
struct OneWay {
    out: OwnedFd,
    into: OwnedFd,
}

impl OneWay {
    fn new() -> io::Result<Self> {
        let (out, into) = pipe2(OFlag::O_CLOEXEC)?;
        Ok(OneWay { out, into })
    }
}

struct Pipes {
    to_partner: OneWay,
    to_main: OneWay,
}

impl Pipes {
    fn new() -> io::Result<Self> {
        Ok(Pipes { to_partner: OneWay::new()?, to_main: OneWay::new()? })
    }

    #[inline(always)]
    fn towards(&self, side: Side) -> &OneWay {
        match side {
            Side::Main => &self.to_main,
            Side::Partner => &self.to_partner,
        }
    }
}

impl Token for Pipes {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        send(&self.towards(side).into, side as u8)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        is_token(receive(&self.towards(side).out)?, side)
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send(&self.to_partner.into, STOP as u8);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, Pipes::new())
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, Pipes::new())
}

pub(crate) fn alone(_: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::alone(Pipes::new())
}
