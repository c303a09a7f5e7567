//! A turn to and fro behind a mutex and a condition variable.

use crate::primitive::ping_pong::{self, STOP, Side, Token};
use crate::primitive::{Primitive, Setup};
use crate::record::{Actor, Result};
use crate::sys::turn::Turn;
use std::io;

impl Token for Turn {
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
fn turn(between_processes: bool) -> io::Result<Turn> {
    let turn = Turn::new(between_processes)?;
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
