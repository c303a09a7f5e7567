//! A count to and fro through two eventfds.

use crate::primitive::ping_pong::{self, Made, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Result, Work};
use crate::sys::system_calls::{Inlined, Library, SystemCalls};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::marker::PhantomData;
use std::os::fd::OwnedFd;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "eventfd/thread",
        name: "round trip by eventfd to a thread",
        actor: Actor::Thread,
        op: "a count to a thread and one back, through two eventfds",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "eventfd(2)",
        start: threads,
    },
    Entry {
        id: "eventfd/process",
        name: "round trip by eventfd to a process",
        actor: Actor::Process,
        op: "a count to a forked process and one back, through two eventfds",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "eventfd(2)",
        start: processes,
    },
    Entry {
        id: "eventfd/alone",
        name: "the calls of a round trip by eventfd",
        actor: Actor::Alone,
        op: "the two writes and two reads of a round trip by one actor: the same calls, no switch",
        work: Work::HandsOver(0),
        excluded: "nothing",
        source: "eventfd(2)",
        start: alone,
    },
];

/// One for each direction. What is written is added to a count, what is read is the whole count,
/// which is zero then: of a token that one actor holds at a time, that is what was written.
struct Events<S> {
    to_partner: OwnedFd,
    to_main: OwnedFd,
    calls: PhantomData<S>,
}

impl<S> Events<S> {
    #[inline(always)]
    fn towards(&self, side: Side) -> &OwnedFd {
        match side {
            Side::Main => &self.to_main,
            Side::Partner => &self.to_partner,
        }
    }
}

#[inline(always)]
fn send<S: SystemCalls>(into: &OwnedFd, count: u32) -> io::Result<()> {
    loop {
        return match S::write(into, &u64::from(count).to_ne_bytes()) {
            Ok(8) => Ok(()),
            Ok(_) => Err(io::Error::other("an eventfd took no count")),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
    }
}

impl<S: SystemCalls> Made for Events<S> {
    fn new() -> io::Result<Self> {
        let one = || EventFd::from_value_and_flags(0, EfdFlags::EFD_CLOEXEC);
        Ok(Events { to_partner: one()?.into(), to_main: one()?.into(), calls: PhantomData })
    }
}

impl<S: SystemCalls> Token for Events<S> {
    #[inline(always)]
    fn pass(&self, side: Side) -> io::Result<()> {
        send::<S>(self.towards(side), side as u32)
    }

    #[inline(always)]
    fn take(&self, side: Side) -> io::Result<bool> {
        let mut bytes = [0; 8];
        loop {
            return match S::read(self.towards(side), &mut bytes) {
                Ok(8) => match u64::from_ne_bytes(bytes) {
                    count if count == side as u64 => Ok(true),
                    count if count == u64::from(STOP) => Ok(false),
                    count => Err(io::Error::other(format!("an eventfd gave {count}"))),
                },
                Ok(_) => Err(io::Error::other("an eventfd gave no count")),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => Err(e),
            };
        }
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = send::<S>(&self.to_partner, STOP);
    }
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Events<Inlined>, Events<Library>>(Actor::Thread, setup)
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Events<Inlined>, Events<Library>>(Actor::Process, setup)
}

pub(crate) fn alone(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::either::<Events<Inlined>, Events<Library>>(Actor::Alone, setup)
}
