//! What a request is answered, whatever the shape.

use super::Settings;
use super::answer::{Fixed, NOT_ALLOWED, NOT_FOUND, ROOT};
use super::http::Head;
use crate::sys::memory::{Mapping, page_bytes};
use crate::sys::space::Reservation;
use std::fmt;
use std::io::{self, Cursor, Write};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// What all requests to one process of a server have in common.
#[derive(Debug)]
pub(super) struct Desk<'s> {
    /// What the server is to be.
    pub(super) settings: &'s Settings,
    /// Requests answered by this process, counted in memory of its own: gone when it is. Who is to
    /// crash counts, here and in `shared`, and nobody else: the shapes differ in how many count
    /// together, and that is not what is timed.
    pub(super) own: AtomicU64,
    /// Requests answered by all processes, counted in memory that they share with the master.
    pub(super) shared: &'s AtomicU64,
}

/// The memory that each request of one connection touches.
#[derive(Debug)]
pub(super) struct Pages(Option<Mapping>);

/// A request, as far as its answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    route: Route,
    with_body: bool,
    /// The connection goes on behind the answer.
    pub(super) keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Root,
    State,
    Crash,
    NotFound,
    NotAllowed,
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

impl Ask {
    #[inline]
    pub(super) fn of(head: &Head<'_>) -> Self {
        let route = match (head.method, head.target) {
            ("GET" | "HEAD" | "POST", "/") => Route::Root,
            ("GET" | "HEAD" | "POST", "/state") => Route::State,
            ("GET" | "HEAD" | "POST", "/crash") => Route::Crash,
            ("GET" | "HEAD" | "POST", _) => Route::NotFound,
            _ => Route::NotAllowed,
        };
        Ask { route, with_body: head.method != "HEAD", keep: head.keep }
    }
}

impl Desk<'_> {
    /// Has `send` send the answer, and returns what that returns. Where requests are counted, each
    /// is before its answer is sent, so that whoever has the answer finds it counted. To ask for
    /// the counts is not: looking changes nothing.
    #[inline]
    pub(super) fn answer<S>(&self, ask: Ask, pages: &Pages, send: impl FnOnce(&[u8]) -> S) -> S {
        pages.touch();
        match ask.route {
            Route::Root => self.counted(&ROOT, ask, send),
            Route::State if self.settings.crashable => self.state(ask, send),
            Route::Crash if self.settings.crashable => crash(),
            Route::State | Route::Crash | Route::NotFound => self.counted(&NOT_FOUND, ask, send),
            Route::NotAllowed => self.counted(&NOT_ALLOWED, ask, send),
        }
    }

    #[inline(always)]
    fn counted<S>(&self, answer: &Fixed, ask: Ask, send: impl FnOnce(&[u8]) -> S) -> S {
        if self.settings.crashable {
            self.own.fetch_add(1, Ordering::Relaxed);
            self.shared.fetch_add(1, Ordering::Relaxed);
        }
        send(answer.bytes(ask.keep, ask.with_body))
    }

    fn state<S>(&self, ask: Ask, send: impl FnOnce(&[u8]) -> S) -> S {
        let (own, shared) = (self.own.load(Ordering::Relaxed), self.shared.load(Ordering::Relaxed));
        let (mut body, mut all) = ([0; 128], [0; 256]);
        let process = process::id();
        let body = text(
            &mut body,
            format_args!("{{\"process\":{process},\"own\":{own},\"shared\":{shared}}}\n"),
        );
        let connection = if ask.keep { "" } else { "Connection: close\r\n" };
        let (length, sent) = (body.len(), if ask.with_body { body } else { "" });
        send(
            text(
                &mut all,
                format_args!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\
                     {connection}\r\n{sent}"
                ),
            )
            .as_bytes(),
        )
    }
}

/// Writes into the room, which is enough.
fn text<'r>(room: &'r mut [u8], what: fmt::Arguments<'_>) -> &'r str {
    let mut into = Cursor::new(&mut *room);
    let fits = into.write_fmt(what).is_ok();
    debug_assert!(fits, "{what}");
    let bytes = into.position() as usize;
    std::str::from_utf8(&room[..bytes]).unwrap_or_default()
}

/// Reads where nothing may be read. Where even that cannot be had, or a debugger lives it down, the
/// process still ends.
#[cold]
fn crash() -> ! {
    if let Ok(forbidden) = Reservation::anywhere(page_bytes()) {
        forbidden.touch();
    }
    process::abort()
}
