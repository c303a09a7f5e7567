//! A connection served by blocking calls: prefork, the pool and a thread for each connection.

use super::accept::{INBOX_BYTES, LINGER, PATIENCE, accept_one, send_whole};
use super::answer::Refusal;
use super::handler::{Next, Pages, SharedState};
use crate::sys::detached_threads::with_detached_threads;
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::socket::WhenEmpty;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

/// Accepts and serves one connection after the other: what a prefork process does, and a thread of
/// the pool.
pub(super) fn in_turn(listener: &TcpListener, state: &SharedState<'_>) -> ! {
    let mut requests = RecvBuffer::of(INBOX_BYTES);
    loop {
        serve(state, &next(listener), &mut requests);
        requests.consume(usize::MAX);
    }
}

/// Accepts, and starts a thread for each connection, which ends with it. A thread that cannot be
/// started costs its connection and nothing else.
///
/// # Errors
/// No detached thread can be made.
pub(super) fn thread_for_each(listener: &TcpListener, state: &SharedState<'_>) -> io::Result<()> {
    with_detached_threads(state, serve_alone, |crowd| {
        loop {
            // Without a thread the connection is closed.
            let _ = crowd.start(next(listener));
        }
    })
}

fn next(listener: &TcpListener) -> TcpStream {
    loop {
        if let Some(stream) = accept_one(listener, WhenEmpty::Wait) {
            return stream;
        }
    }
}

/// What a thread with one connection does.
fn serve_alone(state: &SharedState<'_>, stream: TcpStream) {
    serve(state, &stream, &mut RecvBuffer::of(INBOX_BYTES));
}

/// Serves a connection to its end, with an inbox that is empty.
fn serve(state: &SharedState<'_>, stream: &TcpStream, requests: &mut RecvBuffer) {
    // Without its pages it is closed, as without a thread.
    let Ok(pages) = Pages::of(state.settings) else { return };
    // When it is too late for the request that has begun.
    let mut until = None;
    loop {
        match state.advance(requests, &pages, |bytes| send_whole(stream, bytes)) {
            Next::Answered { sent: true, keep: true } => until = None,
            Next::Answered { .. } => return,
            Next::Refused { sent } => return end(stream, sent, requests),
            Next::Read { begun } => {
                if begun
                    && !comes_by(stream, *until.get_or_insert_with(|| Instant::now() + PATIENCE))
                {
                    return end(stream, send_whole(stream, Refusal::Slow.bytes()), requests);
                }
                if !matches!(requests.fill(stream.as_fd()), Ok(1..)) {
                    return;
                }
            }
        }
    }
}

/// Waits for bytes, or the end of them; `false` where neither comes in time.
#[cold]
fn comes_by(stream: &TcpStream, until: Instant) -> bool {
    let left = until.saturating_duration_since(Instant::now());
    let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
    poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLIN)], timeout)
        .is_ok_and(|ready| ready > 0)
}

/// Ends a connection so that its refusal arrives ([`LINGER`]).
#[cold]
fn end(stream: &TcpStream, sent: bool, requests: &mut RecvBuffer) {
    let until = Instant::now() + LINGER;
    let mut open = sent && stream.shutdown(Shutdown::Write).is_ok();
    while open && comes_by(stream, until) {
        requests.consume(usize::MAX);
        open = matches!(requests.fill(stream.as_fd()), Ok(1..));
    }
}
