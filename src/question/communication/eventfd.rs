//! A count to and fro through two eventfds.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Result, Work};
use crate::sys::pipe::{read_word, write_word};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::os::fd::OwnedFd;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "eventfd/thread",
        name: "round trip by eventfd to a thread",
        actor: Actor::Thread,
        op: "a count to a thread and one back, through two eventfds",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: threads,
    },
    Entry {
        id: "eventfd/process",
        name: "round trip by eventfd to a process",
        actor: Actor::Process,
        op: "a count to a forked process and one back, through two eventfds",
        work: Work::HandsOver(2),
        excluded: "starting the partner, and the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: processes,
    },
    Entry {
        id: "eventfd/alone",
        name: "the calls of a round trip by eventfd",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: Work::HandsOver(0),
        excluded: "the C library's wrappers of the calls",
        source: "eventfd(2)",
        start: alone,
    },
];

/// One for each direction. What is written is added to a count, what is read is the whole count,
/// which is zero then: of a token that one actor holds at a time, that is what was written.
struct Events {
    to_partner: OwnedFd,
    to_main: OwnedFd,
}

impl Events {
    fn new() -> io::Result<Self> {
        let one = || EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC);
        Ok(Events { to_partner: one()?.into(), to_main: one()?.into() })
    }

    #[inline(always)]
    fn towards(&self, side: Side) -> &OwnedFd {
        match side {
            Side::Main => &self.to_main,
            Side::Partner => &self.to_partner,
        }
    }
}

#[inline(always)]
fn send(into: &OwnedFd, count: u32) -> io::Result<()> {
    loop {
        return match write_word(into, count.into()) {
            Ok(8) => Ok(()),
            Ok(_) => Err(io::Error::other("an eventfd took no count")),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
    }
}

impl Token for Events {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        send(self.towards(side), side as u32)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        loop {
            return match read_word(self.towards(side)) {
                Ok(Some(count)) if count == side as u64 => Ok(true),
                Ok(Some(count)) if count == u64::from(STOP) => Ok(false),
                Ok(count) => Err(io::Error::other(format!("an eventfd gave {count:?}"))),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
        }
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send(&self.to_partner, STOP);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, Events::new())
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, Events::new())
}

pub(crate) fn alone(_: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::alone(Events::new())
}
