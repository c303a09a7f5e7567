//! A stream through two descriptors, with shared words beside it that say what has arrived.

use super::channel::{Receiving, Sending};
use crate::question::switching::futex::sleep_while;
use crate::sys::futex::wake_one;
use crate::sys::memory::Mapping;
use crate::sys::system_calls::{Inlined, SystemCalls};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Words that both ends see, each on cache lines of its own.
struct Progress(Mapping);

impl Progress {
    /// Messages that the receiver is done with.
    fn received(&self) -> &AtomicU32 {
        &self.0.words()[0]
    }

    /// The number at which the sender wants to be woken: that of all messages, at the end of a
    /// batch.
    fn wanted(&self) -> &AtomicU32 {
        &self.0.words()[32]
    }

    /// Not 0 once no message will come.
    fn closed(&self) -> &AtomicU32 {
        &self.0.words()[64]
    }
}

struct Out {
    into: OwnedFd,
    sent: u32,
    progress: Arc<Progress>,
}

struct In {
    out: OwnedFd,
    received: u32,
    progress: Arc<Progress>,
}

/// The two ends.
pub(super) fn ends(
    into: OwnedFd,
    out: OwnedFd,
) -> io::Result<(impl Sending + 'static, impl Receiving)> {
    let progress = Arc::new(Progress(Mapping::shared(4 * 128)?));
    let sending = Out { into, sent: 0, progress: Arc::clone(&progress) };
    Ok((sending, In { out, received: 0, progress }))
}

impl Sending for Out {
    #[inline]
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let mut rest = message;
        while !rest.is_empty() {
            match Inlined::write(&self.into, rest) {
                Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.sent = self.sent.wrapping_add(1);
        Ok(())
    }

    /// Sleeps at once: the partner wakes it once, at the number that it wants.
    fn delivered(&mut self) -> io::Result<()> {
        self.progress.wanted().store(self.sent, Ordering::SeqCst);
        loop {
            match self.progress.received().load(Ordering::SeqCst) {
                all if all == self.sent => return Ok(()),
                some => sleep_while::<Inlined>(self.progress.received(), some)?,
            }
        }
    }

    fn close(&mut self) {
        self.progress.closed().store(1, Ordering::Release);
        // A byte, so that the read returns. A partner that is gone needs no telling.
        let _ = Inlined::write(&self.into, &[0]);
    }
}

impl Receiving for In {
    #[inline]
    fn receive(&mut self, into: &mut [u8]) -> io::Result<bool> {
        let mut came = 0;
        while let Some(rest) = into.get_mut(came..).filter(|rest| !rest.is_empty()) {
            match Inlined::read(&self.out, rest) {
                Ok(0) => return Ok(false),
                Ok(_) if self.progress.closed().load(Ordering::Acquire) != 0 => return Ok(false),
                Ok(count) => came += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }

    /// Either the sender sees the number before it sleeps, or the number that it wants is seen
    /// here.
    #[inline]
    fn done(&mut self) -> io::Result<()> {
        self.received = self.received.wrapping_add(1);
        self.progress.received().store(self.received, Ordering::SeqCst);
        if self.progress.wanted().load(Ordering::SeqCst) == self.received {
            wake_one(self.progress.received())?;
        }
        Ok(())
    }
}
