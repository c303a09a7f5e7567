//! Accepting: how accepted connections are set, and what a failure of accept(2) means.

use super::Settings;
use super::exchange::INBOX_BYTES;
use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// How long a server waits that has no descriptor or memory left for a connection.
pub(super) const SCARCE_WAIT: Duration = Duration::from_millis(10);

/// Sets the listening socket, from which connections have it without a call for each: answers are
/// sent at once (tcp(7), TCP_NODELAY), and one that is not taken in time costs its connection
/// (socket(7), SO_SNDTIMEO).
///
/// # Errors
/// Limits that cannot be kept; the kernel's, of which none is expected.
pub(super) fn prepare(listener: &TcpListener, settings: &Settings) -> io::Result<()> {
    let limits = &settings.limits;
    if limits.head_bytes > INBOX_BYTES || limits.patience_ms == 0 {
        let why = format!("{limits:?}: heads have at most {INBOX_BYTES} bytes, and some time");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    setsockopt(listener, sockopt::TcpNoDelay, &true)?;
    let patience = TimeVal::milliseconds(limits.patience_ms as i64);
    setsockopt(listener, sockopt::SendTimeout, &patience)?;
    Ok(())
}

/// What a failure to accept is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// A connection that is gone already, or none at all.
    Connection,
    /// What this machine has too little of at the moment, a firewall that forbids it (EPERM, and
    /// the connection waits on), or nothing known: to try again at once is to spin.
    Moment,
    /// The listening socket, which will never accept again.
    Listener,
}

/// What accept(2) says of its errors: those of the network that a new connection had are passed on.
pub(super) fn about(failed: &io::Error) -> About {
    match Errno::from_raw(failed.raw_os_error().unwrap_or(0)) {
        Errno::EINTR
        | Errno::EAGAIN
        | Errno::ECONNABORTED
        | Errno::EPROTO
        | Errno::ENOPROTOOPT
        | Errno::ENETDOWN
        | Errno::ENETUNREACH
        | Errno::ENONET
        | Errno::EHOSTDOWN
        | Errno::EHOSTUNREACH
        | Errno::ETIMEDOUT => About::Connection,
        Errno::EBADF | Errno::ENOTSOCK | Errno::EINVAL | Errno::EOPNOTSUPP => About::Listener,
        _ => About::Moment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Shape;
    use crate::server::Limits;
    use crate::sys::socket::{Calls, accept};
    use std::net::TcpStream;

    #[test]
    fn only_the_listening_socket_is_the_end() {
        let of = |errno: Errno| about(&io::Error::from(errno));
        assert_eq!(of(Errno::ECONNABORTED), About::Connection);
        let moments = [Errno::EMFILE, Errno::ENFILE, Errno::ENOMEM, Errno::ENOBUFS, Errno::EPERM];
        for moment in moments {
            assert_eq!(of(moment), About::Moment);
        }
        assert_eq!(of(Errno::EBADF), About::Listener);
        assert_eq!(about(&io::Error::other("?")), About::Moment);
    }

    fn settings(limits: Limits) -> Settings {
        let (shape, cpus) = (Shape::Epoll, Vec::new());
        Settings { shape, workers: 0, pages: 0, cpus, limits, crashable: false }
    }

    #[test]
    fn connections_have_what_the_listening_socket_was_given() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let limits = Limits { patience_ms: 1_500, ..Limits::default() };
        prepare(&listener, &settings(limits)).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = accept(&listener, Calls::Wait).unwrap();
        assert!(server.nodelay().unwrap());
        assert_eq!(server.write_timeout().unwrap(), Some(Duration::from_millis(1_500)));
        assert_eq!(server.read_timeout().unwrap(), None);
    }

    #[test]
    fn limits_that_cannot_be_kept_are_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let long = Limits { head_bytes: INBOX_BYTES + 1, ..Limits::default() };
        let hasty = Limits { patience_ms: 0, ..Limits::default() };
        for limits in [long, hasty] {
            let refused = prepare(&listener, &settings(limits)).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
