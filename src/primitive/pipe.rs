//! A byte to and fro through two pipes.

use super::ping_pong::{self, STOP, Side, Token};
use super::{Primitive, Setup};
use crate::record::{Actor, Failure, Result};
use crate::sys::pipe::{read_byte, write_byte};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::io;
use std::os::fd::OwnedFd;

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

    #[inline(always)]
    fn send(&self, byte: u8) -> io::Result<()> {
        loop {
            return match write_byte(&self.into, byte) {
                Ok(1) => Ok(()),
                Ok(_) => Err(io::Error::other("a pipe took no byte")),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
        }
    }

    #[inline(always)]
    fn receive(&self) -> io::Result<u8> {
        loop {
            return match read_byte(&self.out) {
                Ok(Some(byte)) => Ok(byte),
                Ok(None) => Err(io::Error::other("the other end of a pipe is closed")),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
        }
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
        self.towards(side).send(side as u8)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        match self.towards(side).receive()? {
            byte if byte == side as u8 => Ok(true),
            byte if u32::from(byte) == STOP => Ok(false),
            byte => Err(io::Error::other(format!("a pipe gave {byte} for {}", side as u8))),
        }
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = self.to_partner.send(STOP as u8);
    }
}

/// The system calls of a round trip by one actor alone: each byte is read by who wrote it, and nobody switches.
struct Alone(Pipes);

impl Primitive for Alone {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            for side in [Side::Partner, Side::Main] {
                self.0.pass(side)?;
                self.0.take(side)?;
            }
            done += 1;
        }
        Ok(done)
    }
}

pub(super) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, Pipes::new())
}

pub(super) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, Pipes::new())
}

pub(super) fn alone(_: &Setup) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Alone(Pipes::new().map_err(|e| Failure::os("making two pipes", e))?)))
}
