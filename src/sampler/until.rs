//! When measuring ends before it is through: somebody asked for it, or the time is up.

use crate::record::Cut;
use crate::sys::signal;
use nix::sys::signal::Signal;
use std::time::{Duration, Instant};

/// How long a run may go on: to its end, unless it is told otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Until {
    deadline: Option<Instant>,
    heeds_signals: bool,
}

/// Signals that ask a program to end.
const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

impl Until {
    /// Until this process is asked to end, by Ctrl-C, SIGTERM or SIGHUP. The first of each kind is
    /// an end in order from here on; the second ends the process at once.
    #[must_use]
    pub fn asked() -> Self {
        for signal in ENDING {
            // It fails only for signals that cannot be handled.
            let _ = signal::end_in_order(signal);
        }
        Until { deadline: None, heeds_signals: true }
    }

    /// The same, but no longer than this from now on.
    #[must_use]
    pub fn at_most(self, time: Option<Duration>) -> Self {
        let deadline = time.and_then(|time| Instant::now().checked_add(time));
        Until { deadline, ..self }
    }

    /// Why it is over, once it is.
    #[must_use]
    pub fn cut(&self) -> Option<Cut> {
        let asked = signal::asked().filter(|_| self.heeds_signals).map(|signal| match signal {
            Signal::SIGINT => Cut::Interrupted,
            Signal::SIGHUP => Cut::HungUp,
            _ => Cut::Terminated,
        });
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        asked.or(late.then_some(Cut::TimeUp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_to_the_end_unless_its_time_is_up() {
        assert_eq!(Until::default().cut(), None);
        assert_eq!(Until::default().at_most(Some(Duration::from_secs(600))).cut(), None);
        assert_eq!(Until::default().at_most(Some(Duration::ZERO)).cut(), Some(Cut::TimeUp));
        // Longer than any clock goes.
        assert_eq!(Until::default().at_most(Some(Duration::MAX)).cut(), None);
    }
}
