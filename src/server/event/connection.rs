//! One connection of an event loop: it never waits, and has memory for what is under way only.

use super::super::Settings;
use super::super::accept::{LINGER, PATIENCE, send_whole};
use super::super::answer::Refusal;
use super::super::handler::{Next, Pages, SharedState};
use crate::sys::recv_buffer::RecvBuffer;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

/// A connection between events.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    pages: Pages,
    /// Nothing between requests.
    under_way: Option<Box<UnderWay>>,
}

/// What a connection has that is not idle.
#[derive(Debug)]
struct UnderWay {
    /// What came of a request and was not used yet.
    unread: Vec<u8>,
    /// When it is too late.
    until: Instant,
    /// A refusal was sent, and what comes is thrown away ([`LINGER`]).
    refused: bool,
}

impl Connection {
    /// # Errors
    /// ENOMEM, for its pages.
    pub(super) fn new(stream: TcpStream, settings: &Settings) -> io::Result<Self> {
        Ok(Connection { stream, pages: Pages::of(settings)?, under_way: None })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Until when it waits, where that has an end.
    #[inline(always)]
    pub(super) fn until(&self) -> Option<Instant> {
        self.under_way.as_ref().map(|under_way| under_way.until)
    }

    /// Does what can be done without waiting, with an inbox that is empty before and after. `false`
    /// at its end.
    #[inline]
    pub(super) fn proceed(&mut self, requests: &mut RecvBuffer, state: &SharedState<'_>) -> bool {
        let lives = match self.under_way.take() {
            None => self.read(requests, state, None),
            Some(under_way) if under_way.refused => self.discard(requests, under_way.until),
            Some(under_way) => {
                requests.put(&under_way.unread);
                self.read(requests, state, Some(under_way.until))
            }
        };
        requests.consume(usize::MAX);
        lives
    }

    /// Its time is up: a request that is too slow is told so.
    pub(super) fn expire(&mut self, requests: &mut RecvBuffer, _: &SharedState<'_>) -> bool {
        let slow = self.under_way.take().is_some_and(|under_way| !under_way.refused);
        slow && self.refuse(send_whole(&self.stream, Refusal::Slow.bytes()), requests)
    }

    /// Reads once and answers all requests that came whole. Where more has come, the next wait says
    /// so.
    #[inline]
    fn read(
        &mut self,
        requests: &mut RecvBuffer,
        state: &SharedState<'_>,
        mut until: Option<Instant>,
    ) -> bool {
        match requests.fill(self.stream.as_fd()) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
        loop {
            let Connection { stream, pages, .. } = &*self;
            match state.advance(requests, pages, |bytes| send_whole(stream, bytes)) {
                Next::Answered { sent: true, keep: true } => until = None,
                Next::Answered { .. } => return false,
                Next::Refused { sent } => return self.refuse(sent, requests),
                Next::Read { begun: false } => return true,
                Next::Read { begun: true } => {
                    let until = until.unwrap_or_else(|| Instant::now() + PATIENCE);
                    let unread = requests.unread().to_vec();
                    self.under_way = Some(Box::new(UnderWay { unread, until, refused: false }));
                    return true;
                }
            }
        }
    }

    /// A refusal was sent, or not.
    #[cold]
    fn refuse(&mut self, sent: bool, requests: &mut RecvBuffer) -> bool {
        sent && self.stream.shutdown(Shutdown::Write).is_ok()
            && self.discard(requests, Instant::now() + LINGER)
    }

    /// Throws away what has come.
    fn discard(&mut self, requests: &mut RecvBuffer, until: Instant) -> bool {
        requests.consume(usize::MAX);
        let lives = match requests.fill(self.stream.as_fd()) {
            Ok(came) => came > 0,
            Err(e) => e.kind() == ErrorKind::WouldBlock,
        };
        requests.consume(usize::MAX);
        self.under_way = Some(Box::new(UnderWay { unread: Vec::new(), until, refused: true }));
        lives
    }
}
