//! A byte to and fro through two pipes.

use crate::primitive::ping_pong::{self, Made, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Result, Work};
use crate::sys::system_calls::{Inlined, Library, SystemCalls};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::io;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "pipe/thread",
        name: "round trip by pipe to a thread",
        actor: Actor::Thread,
        op: "one byte to a thread and one back, through two pipes",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "pipe(7)",
        start: threads,
    },
    Entry {
        id: "pipe/process",
        name: "round trip by pipe to a process",
        actor: Actor::Process,
        op: "one byte to a forked process and one back, through two pipes",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "pipe(7)",
        start: processes,
    },
    Entry {
        id: "pipe/alone",
        name: "the calls of a round trip by pipe",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "pipe(7)",
        start: alone,
    },
];

/// Writes one byte, whatever signals come.
#[inline(always)]
pub(crate) fn send<S: SystemCalls>(into: &OwnedFd, byte: u8) -> io::Result<()> {
    loop {
        return match S::write(into, &[byte]) {
            Ok(1) => Ok(()),
            Ok(_) => Err(io::Error::other("the other end took no byte")),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
    }
}

/// Reads one byte, whatever signals come.
#[inline(always)]
pub(crate) fn receive<S: SystemCalls>(from: &OwnedFd) -> io::Result<u8> {
    let mut byte = [0];
    loop {
        return match S::read(from, &mut byte) {
            Ok(1) => Ok(byte[0]),
            Ok(_) => Err(io::Error::other("the other end is closed")),
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

struct Pipes<S> {
    to_partner: OneWay,
    to_main: OneWay,
    calls: PhantomData<S>,
}

impl<S> Pipes<S> {
    #[inline(always)]
    fn towards(&self, side: Side) -> &OneWay {
        match side {
            Side::Main => &self.to_main,
            Side::Partner => &self.to_partner,
        }
    }
}

impl<S: SystemCalls> Made for Pipes<S> {
    fn new() -> io::Result<Self> {
        let (to_partner, to_main) = (OneWay::new()?, OneWay::new()?);
        Ok(Pipes { to_partner, to_main, calls: PhantomData })
    }
}

impl<S: SystemCalls> Token for Pipes<S> {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        send::<S>(&self.towards(side).into, side as u8)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        is_token(receive::<S>(&self.towards(side).out)?, side)
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send::<S>(&self.to_partner.into, STOP as u8);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Pipes<Inlined>, Pipes<Library>>(Actor::Thread, setup)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Pipes<Inlined>, Pipes<Library>>(Actor::Process, setup)
}

pub(crate) fn alone(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Pipes<Inlined>, Pipes<Library>>(Actor::Alone, setup)
}
