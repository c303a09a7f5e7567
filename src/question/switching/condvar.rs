//! A turn to and fro behind a mutex and a condition variable.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Entry, Primitive, Setup};
use crate::record::{Actor, Result, Work};
use crate::sys::condvar_token::CondvarToken;
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "condvar/thread",
        name: "round trip by condition variable to a thread",
        actor: Actor::Thread,
        op: "a turn to a thread and back, behind a mutex and a condition variable",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_cond_wait(3)",
        start: threads,
    },
    Entry {
        id: "condvar/thread-shared",
        name: "the same, process-shared kind",
        actor: Actor::Thread,
        op: "as condvar/thread, with the process-shared kind of both: what that kind alone costs",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_condattr_setpshared(3)",
        start: threads_shared,
    },
    Entry {
        id: "condvar/process",
        name: "round trip by condition variable to a process",
        actor: Actor::Process,
        op: "a turn to a forked process and back, behind a process-shared mutex and condition \
             variable",
        work: Work::HandsOver(2),
        excluded: "starting the partner",
        source: "pthread_mutexattr_setpshared(3)",
        start: processes,
    },
];

impl Token for CondvarToken {
    #[inline]
    fn pass(&self, side: Side) -> io::Result<()> {
        self.set(side as u32)
    }

    #[inline]
    fn take(&self, side: Side) -> io::Result<bool> {
        let other = match side {
            Side::Main => Side::Partner,
            Side::Partner => Side::Main,
        };
        Ok(self.wait_while(other as u32)? != STOP)
    }

    fn stop(&self) {
        // A partner that is gone needs no telling.
        let _ = self.set(STOP);
    }
}

/// A turn that begins with the main actor.
fn turn(between_processes: bool) -> io::Result<CondvarToken> {
    let turn = CondvarToken::new(between_processes)?;
    turn.set(Side::Main as u32)?;
    Ok(turn)
}

pub(crate) fn threads(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, turn(false))
}

pub(crate) fn threads_shared(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Thread, setup, turn(true))
}

pub(crate) fn processes(setup: &Setup) -> Result<Box<dyn Primitive>> {
    ping_pong::start(Actor::Process, setup, turn(true))
}
