//! What happens on a connection between its bytes coming and its bytes going, whoever reads and
//! writes them.

use super::answer::CONTINUE;
use super::handler::{Ask, Desk, Pages};
use super::http::{Parsed, parse};
use crate::sys::recv_buffer::RecvBuffer;
use std::time::Duration;

/// Bytes that are read at once, and the longest head that a server can be made to take.
pub(super) const INBOX_BYTES: usize = 16 << 10;

/// Where a connection is in its requests.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// The request whose body is coming, and how much of that is still to come.
    body: Option<(Ask, usize)>,
}

/// What is next on a connection.
#[derive(Debug)]
pub(super) enum Next<S> {
    /// More bytes are needed, of a request that has begun or of a new one.
    Read { begun: bool },
    /// Something was sent.
    Sent(S, Then),
}

/// What follows when something was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The rest of the same request.
    Rest,
    /// The next request.
    Request,
    /// The end.
    Close,
    /// The end, but the client may be sending still. To a connection that is closed with bytes
    /// unread the kernel sends a reset, which can overtake the answer and destroy it: so what comes
    /// is read, for a while ([`LINGER`], [`LINGER_BYTES`]).
    Linger,
}

/// How long bytes are read and thrown away behind the last answer.
pub(super) const LINGER: Duration = Duration::from_secs(1);
/// How many.
pub(super) const LINGER_BYTES: usize = 1 << 20;

impl Exchange {
    /// Goes on to the next answer, which it has `send` send, as far as the bytes that have come
    /// allow.
    #[inline]
    pub(super) fn advance<S>(
        &mut self,
        requests: &mut RecvBuffer,
        desk: &Desk<'_>,
        pages: &Pages,
        send: impl FnOnce(&[u8]) -> S,
    ) -> Next<S> {
        let (ask, body_bytes) = match self.body.take() {
            Some(begun) => begun,
            None => match parse(requests.unread(), &desk.settings.limits) {
                Parsed::More => return Next::Read { begun: !requests.unread().is_empty() },
                Parsed::Refused(refusal) => return Next::Sent(send(refusal.bytes()), Then::Linger),
                Parsed::Head(head) => {
                    let begun = (Ask::of(&head), head.body_bytes);
                    let (head_bytes, expects) = (head.bytes, head.expects);
                    requests.consume(head_bytes);
                    if expects && requests.unread().len() < begun.1 {
                        self.body = Some(begun);
                        return Next::Sent(send(CONTINUE), Then::Rest);
                    }
                    begun
                }
            },
        };
        let came = requests.unread().len().min(body_bytes);
        requests.consume(came);
        if came < body_bytes {
            self.body = Some((ask, body_bytes - came));
            return Next::Read { begun: true };
        }
        let sent = desk.answer(ask, pages, send);
        let then = match (ask.keep, requests.unread().is_empty()) {
            (true, _) => Then::Request,
            (false, true) => Then::Close,
            (false, false) => Then::Linger,
        };
        Next::Sent(sent, then)
    }
}
