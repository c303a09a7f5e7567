//! What both kinds of shape do on a socket: accept a connection, and send an answer.

use crate::sys::clock::pause;
use crate::sys::socket::{WhenEmpty, accept, send};
use nix::errno::Errno;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// Bytes that are read at once, and the longest head of a request.
pub(super) const INBOX_BYTES: usize = 16 << 10;
/// Time from a request's first byte to its last. A connection between requests may be idle for
/// ever.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Time that bytes are read and thrown away behind a refusal. To a connection that is closed with
/// bytes unread the kernel sends a reset, which can overtake the answer and destroy it.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// How long a server waits that has no descriptor or memory left for a connection: to try again at
/// once is to spin.
const SCARCE_WAIT: Duration = Duration::from_millis(10);

/// Accepts a connection; `None` where there is none, or none can be had at the moment.
#[inline]
pub(super) fn accept_one(listener: &TcpListener, when: WhenEmpty) -> Option<TcpStream> {
    match accept(listener, when) {
        Ok(stream) => Some(stream),
        Err(e) => {
            let errno = Errno::from_raw(e.raw_os_error().unwrap_or(0));
            // Another loop or process had it, or it has ended already.
            if ![Errno::EAGAIN, Errno::EINTR, Errno::ECONNABORTED].contains(&errno) {
                pause(SCARCE_WAIT);
            }
            None
        }
    }
}

/// Sends an answer; `false` where the connection does not take the whole of it at once. A client
/// reads each answer before it asks for the next, so that there is room for one.
#[inline(always)]
pub(super) fn send_whole(stream: &TcpStream, answer: &[u8]) -> bool {
    send(stream, answer).is_ok_and(|taken| taken == answer.len())
}
