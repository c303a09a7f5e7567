//! What a request is answered, whatever the shape.

use super::Settings;
use super::answer::{Fixed, NOT_FOUND, ROOT};
use super::http::{Parsed, parse};
use crate::sys::memory::{Mapping, page_bytes};
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::space::Reservation;
use std::io;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// What all requests to one process of a server have in common.
#[derive(Debug)]
pub(super) struct SharedState<'s> {
    /// What the server is to be.
    pub(super) settings: &'s Settings,
    /// Requests answered by this process, counted in memory of its own, which ends with it. Only a
    /// server that is to crash counts, here and in `shared`: the shapes differ in how many count
    /// together, and that is not what is timed.
    pub(super) own: AtomicU64,
    /// Requests answered by all processes, counted in memory that they share with the master.
    pub(super) shared: &'s AtomicU64,
}

/// The memory that each request of one connection touches.
#[derive(Debug)]
pub(super) struct Pages(Option<Mapping>);

/// What is next on a connection.
#[derive(Debug)]
pub(super) enum Next<S> {
    /// More bytes are needed, of a request that has begun or of a new one.
    Read { begun: bool },
    /// An answer was sent, and the connection goes on or not.
    Answered { sent: S, keep: bool },
    /// A refusal was sent. The connection ends, but the client may be sending still.
    Refused { sent: S },
}

#[derive(Debug, Clone, Copy)]
enum Route {
    Root,
    State,
    Crash,
    NotFound,
}

impl Pages {
    /// As many as the settings say, written once.
    ///
    /// # Errors
    /// ENOMEM.
    pub(super) fn of(settings: &Settings) -> io::Result<Self> {
        if settings.pages == 0 {
            return Ok(Pages(None));
        }
        let pages = Mapping::private_pages(settings.pages as usize)?;
        // Else those of many connections to one process might become huge ones. A kernel that
        // refuses has none.
        let _ = pages.refuse_huge_pages();
        pages.touch_all();
        Ok(Pages(Some(pages)))
    }

    #[inline(always)]
    fn touch(&self) {
        if let Some(pages) = &self.0 {
            pages.change_lines();
        }
    }
}

impl SharedState<'_> {
    /// Answers the next request, by `send`, if it has come whole.
    #[inline]
    pub(super) fn advance<S>(
        &self,
        requests: &mut RecvBuffer,
        pages: &Pages,
        send: impl FnOnce(&[u8]) -> S,
    ) -> Next<S> {
        let (route, keep, bytes) = match parse(requests.unread()) {
            Parsed::More => return Next::Read { begun: !requests.unread().is_empty() },
            Parsed::Refused(refusal) => return Next::Refused { sent: send(refusal.bytes()) },
            Parsed::Request(request) => {
                let route = match request.target {
                    "/" => Route::Root,
                    "/state" if self.settings.crashable => Route::State,
                    "/crash" if self.settings.crashable => Route::Crash,
                    _ => Route::NotFound,
                };
                (route, request.keep, request.bytes)
            }
        };
        requests.consume(bytes);
        pages.touch();
        let sent = match route {
            Route::Root => self.counted(&ROOT, keep, send),
            Route::State => send(self.state(keep).as_bytes()),
            Route::Crash => crash(),
            Route::NotFound => self.counted(&NOT_FOUND, keep, send),
        };
        Next::Answered { sent, keep }
    }

    /// Counts before it sends, so that a client that has the answer finds it counted.
    #[inline(always)]
    fn counted<S>(&self, answer: &Fixed, keep: bool, send: impl FnOnce(&[u8]) -> S) -> S {
        if self.settings.crashable {
            self.own.fetch_add(1, Ordering::Relaxed);
            self.shared.fetch_add(1, Ordering::Relaxed);
        }
        send(answer.bytes(keep))
    }

    /// The counts. To ask for them is not counted: looking changes nothing.
    fn state(&self, keep: bool) -> String {
        let (own, shared) = (self.own.load(Ordering::Relaxed), self.shared.load(Ordering::Relaxed));
        let process = process::id();
        let body = format!("{{\"process\":{process},\"own\":{own},\"shared\":{shared}}}\n");
        let connection = if keep { "" } else { "Connection: close\r\n" };
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             {connection}\r\n{body}",
            body.len()
        )
    }
}

/// Reads where nothing may be read. Where even that cannot be had, or a debugger lets the process
/// survive it, the process still ends.
#[cold]
fn crash() -> ! {
    if let Ok(forbidden) = Reservation::anywhere(page_bytes()) {
        forbidden.touch();
    }
    process::abort()
}
