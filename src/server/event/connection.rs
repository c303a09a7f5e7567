//! One connection of an event loop: it never waits, and has memory for what is under way only.

use super::super::Settings;
use super::super::answer::Refusal;
use super::super::exchange::{Exchange, LINGER, LINGER_BYTES, Next, Then};
use super::super::handler::{Desk, Pages};
use crate::sys::recv_buffer::RecvBuffer;
use crate::sys::socket::send;
use nix::sys::epoll::{EpollEvent, EpollFlags};
use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// A connection between events.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    pages: Pages,
    exchange: Exchange,
    /// Nothing between requests.
    under_way: Option<Box<UnderWay>>,
}

/// What a connection has that is not idle.
#[derive(Debug)]
struct UnderWay {
    stage: Stage,
    /// What came and was not used yet.
    unread: Vec<u8>,
    /// When it is too late.
    until: Instant,
}

#[derive(Debug)]
enum Stage {
    /// A part of a request came.
    Begun,
    /// The client has not taken all of an answer. Until it has, nothing is read: what it costs has
    /// a bound.
    Stalled { unsent: Vec<u8>, then: Then },
    /// The last answer was sent; this many more bytes are thrown away ([`Then::Linger`]).
    Lingers { bytes: usize },
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Waits {
    /// For room to send, else for bytes.
    pub(super) for_room: bool,
    /// Until when.
    pub(super) until: Option<Instant>,
}

impl Waits {
    pub(super) fn event(self, number: u32) -> EpollEvent {
        let what = if self.for_room { EpollFlags::EPOLLOUT } else { EpollFlags::EPOLLIN };
        EpollEvent::new(what, number.into())
    }
}

impl Connection {
    /// # Errors
    /// ENOMEM, for its pages.
    pub(super) fn new(stream: TcpStream, settings: &Settings) -> io::Result<Self> {
        let (pages, exchange) = (Pages::of(settings)?, Exchange::default());
        Ok(Connection { stream, pages, exchange, under_way: None })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    #[inline(always)]
    pub(super) fn waits(&self) -> Waits {
        self.under_way.as_ref().map_or_else(Waits::default, |under_way| Waits {
            for_room: matches!(under_way.stage, Stage::Stalled { .. }),
            until: Some(under_way.until),
        })
    }

    /// Does what can be done without waiting, with an inbox that is empty before and after. `false`
    /// at its end.
    #[inline]
    pub(super) fn proceed(&mut self, requests: &mut RecvBuffer, desk: &Desk<'_>) -> bool {
        let lives = match self.under_way.take() {
            None => self.read(requests, desk, None),
            Some(under_way) => self.resume(*under_way, requests, desk),
        };
        requests.consume(usize::MAX);
        lives
    }

    /// Its time is up.
    pub(super) fn expire(&mut self, requests: &mut RecvBuffer, _: &Desk<'_>) -> bool {
        let stage = self.under_way.take().map(|under_way| under_way.stage);
        // A request that is too slow is told so. One that leaves its answer, or goes on and on, is
        // not.
        matches!(stage, Some(Stage::Begun))
            && matches!(self.send(Refusal::Slow.bytes()), Ok(None))
            && self.linger(requests)
    }

    #[cold]
    fn resume(&mut self, under_way: UnderWay, requests: &mut RecvBuffer, desk: &Desk<'_>) -> bool {
        let UnderWay { stage, unread, until } = under_way;
        match stage {
            Stage::Begun => {
                requests.put(&unread);
                self.read(requests, desk, Some(until))
            }
            Stage::Stalled { unsent, then } => match self.send(&unsent) {
                Ok(Some(unsent)) => self.wait(Stage::Stalled { unsent, then }, unread, until),
                Ok(None) => {
                    requests.put(&unread);
                    match then {
                        Then::Rest | Then::Request => self.answer(requests, desk, None),
                        Then::Linger => self.linger(requests),
                        Then::Close => false,
                    }
                }
                Err(_) => false,
            },
            Stage::Lingers { bytes } => self.throw_away(bytes, requests, until),
        }
    }

    /// Reads once and answers what came. Where more has come, the next wait says so.
    #[inline]
    fn read(
        &mut self,
        requests: &mut RecvBuffer,
        desk: &Desk<'_>,
        begun_until: Option<Instant>,
    ) -> bool {
        match requests.fill(self.stream.as_fd()) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(e) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&e.kind()) => {}
            Err(_) => return false,
        }
        self.answer(requests, desk, begun_until)
    }

    /// Answers all requests that came whole.
    #[inline]
    fn answer(
        &mut self,
        requests: &mut RecvBuffer,
        desk: &Desk<'_>,
        mut begun_until: Option<Instant>,
    ) -> bool {
        loop {
            let Connection { stream, pages, exchange, .. } = &mut *self;
            let next = exchange.advance(requests, desk, pages, |bytes| send_some(stream, bytes));
            match next {
                Next::Read { begun: false } => return true,
                Next::Read { begun: true } => {
                    let until = begun_until.unwrap_or_else(|| patience_ends(desk));
                    return self.wait(Stage::Begun, requests.unread().to_vec(), until);
                }
                Next::Sent(Ok(None), Then::Request) => begun_until = None,
                Next::Sent(Ok(None), Then::Rest) => {}
                Next::Sent(Ok(None), Then::Linger) => return self.linger(requests),
                Next::Sent(Ok(Some(unsent)), then) => {
                    let stage = Stage::Stalled { unsent, then };
                    return self.wait(stage, requests.unread().to_vec(), patience_ends(desk));
                }
                Next::Sent(Ok(None), Then::Close) | Next::Sent(Err(_), _) => return false,
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
        send_some(&self.stream, bytes)
    }

    fn wait(&mut self, stage: Stage, unread: Vec<u8>, until: Instant) -> bool {
        self.under_way = Some(Box::new(UnderWay { stage, unread, until }));
        true
    }

    fn linger(&mut self, requests: &mut RecvBuffer) -> bool {
        let until = Instant::now() + LINGER;
        self.stream.shutdown(Shutdown::Write).is_ok()
            && self.throw_away(LINGER_BYTES, requests, until)
    }

    fn throw_away(&mut self, bytes: usize, requests: &mut RecvBuffer, until: Instant) -> bool {
        requests.consume(usize::MAX);
        let came = match requests.fill(self.stream.as_fd()) {
            Ok(0) => return false,
            Ok(came) => came,
            Err(e) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&e.kind()) => 0,
            Err(_) => return false,
        };
        requests.consume(usize::MAX);
        came < bytes && self.wait(Stage::Lingers { bytes: bytes - came }, Vec::new(), until)
    }
}

fn patience_ends(desk: &Desk<'_>) -> Instant {
    Instant::now() + Duration::from_millis(desk.settings.limits.patience_ms)
}

/// Sends what can be sent without waiting; returns what cannot.
#[inline(always)]
fn send_some(stream: &TcpStream, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let taken = match send(stream, bytes) {
        Ok(taken) => taken,
        Err(e) if [ErrorKind::WouldBlock, ErrorKind::Interrupted].contains(&e.kind()) => 0,
        Err(e) => return Err(e),
    };
    Ok((taken < bytes.len()).then(|| bytes[taken..].to_vec()))
}
