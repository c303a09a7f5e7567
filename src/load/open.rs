//! The open loop.

use super::pool::{ClientPool, Ends};
use super::stretch::Stretch;
use crate::sys::clock;
use std::collections::VecDeque;
use std::io;

/// Before a request is due the client stops to sleep and looks instead: a sleeper is woken late by
/// about as much.
const AWAKE_NS: u64 = 60_000;

/// Requests at equal distances, of which threads take turns: together they send one at a time, and
/// as many as one would.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub(super) start_ns: u64,
    pub(super) for_ns: u64,
    /// Of all threads together.
    pub(super) due_per_s: f64,
    /// Which request is this thread's first, from 0.
    pub(super) first: u64,
    /// How many take turns.
    pub(super) threads: u64,
}

impl Schedule {
    /// How many become due for this thread.
    fn all(&self) -> u64 {
        let together = (self.for_ns as f64 * self.due_per_s / 1e9).ceil() as u64;
        together.saturating_sub(self.first).div_ceil(self.threads)
    }

    /// When one of them is due.
    fn due_ns(&self, number: u64) -> u64 {
        let of_all = self.first + number * self.threads;
        self.start_ns + (of_all as f64 * 1e9 / self.due_per_s) as u64
    }

    /// When those are given up that wait for an answer, and those that wait for a connection.
    fn last_ns(&self) -> u64 {
        self.start_ns + 2 * self.for_ns
    }
}

/// Sends each request when it is due, or when a connection is free after that. Connections take
/// turns, so that all of them are in use whatever the rate.
pub(super) fn stretch(pool: &mut ClientPool, schedule: Schedule) -> io::Result<Stretch> {
    let mut stretch = Stretch::begin(schedule.start_ns)?;
    pool.ends = Ends::default();
    let mut free: VecDeque<usize> = (0..pool.connections.len()).collect();
    let (all, connections, mut sent) = (schedule.all(), free.len(), 0);
    loop {
        let now_ns = clock::monotonic_ns();
        while sent < all && schedule.due_ns(sent) <= now_ns {
            let Some(number) = free.pop_front() else { break };
            pool.ask(number, schedule.due_ns(sent))?;
            sent += 1;
        }
        let over = sent == all && free.len() == connections;
        if over || now_ns >= schedule.last_ns() {
            break;
        }
        let next_ns = match free.is_empty() || sent == all {
            true => schedule.last_ns(),
            false => schedule.due_ns(sent),
        };
        let heard = if now_ns + AWAKE_NS >= next_ns {
            pool.look_now()?
        } else {
            pool.alarm_at(next_ns - AWAKE_NS)?;
            pool.wait()?
        };
        for event in 0..heard {
            let Some(number) = pool.heard(event) else { continue };
            if pool.receive(number)? {
                stretch.answered(pool.connections[number].since_ns, clock::monotonic_ns());
                free.push_back(number);
            }
        }
    }
    stretch.ends = pool.ends;
    let failed = pool.close_busy();
    stretch.gave_up(failed, all - sent, clock::monotonic_ns());
    Ok(stretch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_due_as_begin_within_the_time() {
        let of =
            |for_ns, due_per_s| Schedule { start_ns: 5, for_ns, due_per_s, first: 0, threads: 1 };
        assert_eq!(of(1_000_000_000, 100.0).all(), 100);
        assert_eq!(of(1_000_000_001, 100.0).all(), 101);
        assert_eq!(of(1, 100.0).all(), 1);
        let schedule = of(1_000_000_000, 4.0);
        assert_eq!([0, 1, 3].map(|n| schedule.due_ns(n)), [5, 250_000_005, 750_000_005]);
        assert_eq!(schedule.last_ns(), 2_000_000_005);
    }

    #[test]
    fn threads_take_turns_and_send_together_what_one_would() {
        let of = |first, threads, for_ns| {
            let schedule = Schedule { start_ns: 5, for_ns, due_per_s: 1_000.0, first, threads };
            (0..schedule.all()).map(|number| schedule.due_ns(number)).collect::<Vec<u64>>()
        };
        for for_ns in [1, 2_000_000, 71_000_000, 71_000_001] {
            let mut together: Vec<u64> = (0..3).flat_map(|first| of(first, 3, for_ns)).collect();
            together.sort_unstable();
            assert_eq!(together, of(0, 1, for_ns));
        }
    }
}
