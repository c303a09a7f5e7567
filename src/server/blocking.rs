//! A connection served by blocking calls: prefork, the pool and a thread for each connection.

use super::accept::{About, SCARCE_WAIT, about, prepare};
use super::answer::Refusal;
use super::exchange::{Exchange, INBOX_BYTES, LINGER, LINGER_BYTES, Next, Then};
use super::handler::{Desk, Pages};
use crate::sys::detached_threads::with_detached_threads;
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::socket::{Calls, accept, send};
use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Accepts and serves one connection after the other: what a prefork process does, and a thread of
/// the pool. Returns only if it can accept no more.
///
/// # Errors
/// accept(2)'s, of those that concern the listening socket and not a connection that is gone
/// already. Limits that cannot be kept.
pub(super) fn in_turn(listener: &TcpListener, desk: &Desk<'_>) -> io::Result<()> {
    prepare(listener, desk.settings)?;
    let mut requests = RecvBuffer::of(INBOX_BYTES);
    loop {
        serve(desk, &next(listener)?, &mut requests);
        requests.consume(usize::MAX);
    }
}

/// Accepts, and starts a thread for each connection, which ends with it. If it can accept no more,
/// it returns when the connections that it has are gone.
///
/// # Errors
/// As [`in_turn`]. A thread that cannot be started costs its connection and nothing else.
pub(super) fn thread_for_each(listener: &TcpListener, desk: &Desk<'_>) -> io::Result<()> {
    prepare(listener, desk.settings)?;
    with_detached_threads(desk, serve_alone, |crowd| {
        loop {
            // Without a thread the connection is closed.
            let _ = crowd.start(next(listener)?);
        }
    })?
}

fn next(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        let failed = match accept(listener, Calls::Wait) {
            Ok(connection) => return Ok(connection),
            Err(failed) => failed,
        };
        match about(&failed) {
            About::Connection => {}
            About::Moment => sleep(SCARCE_WAIT),
            About::Listener => return Err(failed),
        }
    }
}

/// What a thread with one connection does.
fn serve_alone(desk: &Desk<'_>, stream: TcpStream) {
    serve(desk, &stream, &mut RecvBuffer::of(INBOX_BYTES));
}

/// Serves a connection to its end, with an inbox that is empty.
fn serve(desk: &Desk<'_>, stream: &TcpStream, requests: &mut RecvBuffer) {
    // Without its pages it is closed, as without a thread.
    let Ok(pages) = Pages::of(desk.settings) else { return };
    let mut exchange = Exchange::default();
    let mut timer = Timer::new(desk.settings.limits.patience_ms);
    loop {
        match exchange.advance(requests, desk, &pages, |bytes| send_all(stream, bytes)) {
            Next::Read { begun } => match timer.read(stream, requests, begun) {
                Came::Bytes => {}
                Came::End => return,
                Came::TooLate => {
                    if send_all(stream, Refusal::Slow.bytes()).is_ok() {
                        linger(stream, requests);
                    }
                    return;
                }
            },
            Next::Sent(Ok(()), Then::Rest) => {}
            Next::Sent(Ok(()), Then::Request) => timer.since = None,
            Next::Sent(Ok(()), Then::Linger) => return linger(stream, requests),
            Next::Sent(Ok(()), Then::Close) | Next::Sent(Err(_), _) => return,
        }
    }
}

/// Writes the whole, or as much as is taken in time: a client that leaves answers unread does not
/// keep its worker.
#[inline(always)]
fn send_all(stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    loop {
        match send(stream, bytes) {
            Ok(taken) if taken == bytes.len() => return Ok(()),
            Ok(_) => return Err(ErrorKind::TimedOut.into()),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// The time that a request takes to come. A connection between requests has none, and one whose
/// requests come whole costs no call.
#[derive(Debug)]
struct Timer {
    patience: Duration,
    /// When a part of the present request was there.
    since: Option<Instant>,
    /// The connection has a timeout.
    set: bool,
}

/// What came of waiting.
enum Came {
    Bytes,
    End,
    TooLate,
}

impl Timer {
    fn new(patience_ms: u64) -> Self {
        Timer { patience: Duration::from_millis(patience_ms), since: None, set: false }
    }

    #[inline]
    fn read(&mut self, stream: &TcpStream, requests: &mut RecvBuffer, begun: bool) -> Came {
        loop {
            if begun || self.set {
                match self.set(stream, begun) {
                    Ok(true) => {}
                    Ok(false) => return Came::TooLate,
                    Err(_) => return Came::End,
                }
            }
            match requests.fill(stream.as_fd()) {
                Ok(0) => return Came::End,
                Ok(_) => return Came::Bytes,
                // Whether it is too late is for the clock to say.
                Err(e) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&e.kind()) => {}
                Err(_) => return Came::End,
            }
        }
    }

    /// Sets the timeout to what is left, or takes it away; `false` where nothing is left.
    #[cold]
    fn set(&mut self, stream: &TcpStream, begun: bool) -> io::Result<bool> {
        let left = begun.then(|| {
            let since = *self.since.get_or_insert_with(Instant::now);
            self.patience.saturating_sub(since.elapsed())
        });
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        stream.set_read_timeout(left)?;
        self.set = begun;
        Ok(true)
    }
}

/// Ends a connection so that its last answer arrives ([`Then::Linger`]).
#[cold]
fn linger(stream: &TcpStream, requests: &mut RecvBuffer) {
    if stream.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let mut timer = Timer { patience: LINGER, since: None, set: false };
    let mut thrown_away = 0;
    while thrown_away < LINGER_BYTES {
        requests.consume(usize::MAX);
        match timer.read(stream, requests, true) {
            Came::Bytes => thrown_away += requests.unread().len(),
            Came::End | Came::TooLate => return,
        }
    }
}
