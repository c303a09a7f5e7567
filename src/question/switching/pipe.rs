//! A byte to and fro through two pipes.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Primitive, Setup};
use crate::record::{Actor, Result};
use crate::sys::pipe::{read_byte, write_byte};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::io;
use std::os::fd::OwnedFd;

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
pub(crate) fn understood(byte: u8, side: Side) -> io::Result<bool> {
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
        understood(receive(&self.towards(side).out)?, side)
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
