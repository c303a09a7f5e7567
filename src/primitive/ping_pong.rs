//! The one body of every ping-pong: touch, hand the token over, wait until it is back.

use super::{Companion, Primitive, Setup};
use crate::record::{Actor, Calls, Failure, Result};
use crate::sys::memory::{Mapping, page_bytes};
use crate::workers::Worker;
use std::io;
use std::sync::Arc;

/// Who may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Side {
    Main = 1,
    Partner = 2,
}

/// The value of a token that tells the partner to leave.
pub(crate) const STOP: u32 = 3;

/// What is handed to and fro.
pub(crate) trait Token: Send + Sync + 'static {
    /// Hands the token to `side`.
    fn pass(&self, side: Side) -> io::Result<()>;

    /// Waits until `side` has the token; `false` when it was told to leave instead.
    fn take(&self, side: Side) -> io::Result<bool>;

    /// Tells the partner to leave.
    fn stop(&self);

    /// Gets a partner ready that rests, before a batch; most sleep while they wait, and need none.
    fn ready(&self) -> io::Result<()> {
        Ok(())
    }

    /// Sends a partner to rest that would spin, after a batch.
    fn rest(&self) {}
}

/// A token that is made in one way.
pub(crate) trait Made: Token + Sized {
    /// One that the main actor has.
    fn new() -> io::Result<Self>;
}

/// Two actors and a token. One operation is a round trip: two switches if they share a core.
struct PingPong<T: Token> {
    table: Arc<Table<T>>,
    partner: Worker,
}

/// What both actors see: the token and the pages that each reads per turn.
struct Table<T> {
    token: T,
    data: Mapping,
    pages: u32,
}

impl<T: Token> Table<T> {
    /// One turn of the partner; `false` when it is to leave.
    #[inline]
    fn answer(&self) -> io::Result<bool> {
        if !self.token.take(Side::Partner)? {
            return Ok(false);
        }
        self.data.read_lines(self.pages);
        self.token.pass(Side::Main)?;
        Ok(true)
    }
}

/// Prepares a ping-pong, or its calls alone, with the token whose calls are made as the arm says:
/// in line, or by the C library.
pub(crate) fn either<I: Made, L: Made>(actor: Actor, setup: &Setup) -> Result<Box<dyn Primitive>> {
    match (setup.arm.calls, actor) {
        (Calls::Inlined, Actor::Alone) => alone(I::new()),
        (Calls::Library, Actor::Alone) => alone(L::new()),
        (Calls::Inlined, _) => start(actor, setup, I::new()),
        (Calls::Library, _) => start(actor, setup, L::new()),
    }
}

/// Prepares a ping-pong; its data is mapped before the partner starts, so that both see it at the
/// same address.
pub(crate) fn start<T: Token>(
    actor: Actor,
    setup: &Setup,
    token: io::Result<T>,
) -> Result<Box<dyn Primitive>> {
    let token = token.map_err(|e| Failure::os("making the token", e))?;
    let bytes = setup.arm.pages as usize * page_bytes();
    let data = Mapping::shared(bytes).map_err(|e| Failure::os("mapping the pages to touch", e))?;
    data.touch_all();
    let table = Arc::new(Table { token, data, pages: setup.arm.pages });
    let theirs = Arc::clone(&table);
    // An error ends the partner; the main actor then waits in vain, and the lab's deadline ends the
    // lab.
    let live = move |()| while matches!(theirs.answer(), Ok(true)) {};
    let partner = Worker::start(actor, setup.partner_cpu, || Ok(()), live)?;
    Ok(Box::new(PingPong { table, partner }))
}

/// The calls of a round trip by one actor alone: it takes what it has passed itself, and there is
/// no switch.
struct Alone<T>(T);

impl<T: Token> Primitive for Alone<T> {
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

/// Prepares the calls of a ping-pong without a partner.
fn alone<T: Token>(token: io::Result<T>) -> Result<Box<dyn Primitive>> {
    Ok(Box::new(Alone(token.map_err(|e| Failure::os("making the token", e))?)))
}

impl<T: Token> Primitive for PingPong<T> {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let Table { token, data, pages } = &*self.table;
        let mut done = 0;
        while done < ops {
            data.read_lines(*pages);
            token.pass(Side::Partner)?;
            token.take(Side::Main)?;
            done += 1;
        }
        Ok(done)
    }

    fn ready(&mut self) -> io::Result<()> {
        self.table.token.ready()
    }

    fn rest(&mut self) {
        self.table.token.rest();
    }

    fn companions(&self) -> Vec<Companion> {
        vec![self.partner.companion()]
    }
}

impl<T: Token> Drop for PingPong<T> {
    fn drop(&mut self) {
        self.table.token.stop();
    }
}
