//! The closed loop.

use super::pool::{ClientPool, Ends, PATIENCE_NS};
use super::stretch::Stretch;
use crate::sys::clock;
use std::io::{self, ErrorKind};

/// How many requests a closed loop sends, and what it notes of each.
trait Pace {
    /// When one more request is sent, or `None` if none is.
    fn next(&mut self) -> Option<u64>;
    /// One was answered.
    fn answered(&mut self, since_ns: u64);
}

/// A number of requests, and no look at a clock.
struct Count {
    unsent: u64,
}

impl Pace for Count {
    #[inline]
    fn next(&mut self) -> Option<u64> {
        self.unsent = self.unsent.checked_sub(1)?;
        Some(0)
    }

    #[inline]
    fn answered(&mut self, _since_ns: u64) {}
}

/// All until a moment, with latencies.
struct Until<'s> {
    end_ns: u64,
    /// The last answer, and the request that follows it: one look at the clock for both.
    now_ns: Option<u64>,
    stretch: &'s mut Stretch,
}

impl Pace for Until<'_> {
    #[inline]
    fn next(&mut self) -> Option<u64> {
        let now_ns = self.now_ns.take().unwrap_or_else(clock::monotonic_ns);
        (now_ns < self.end_ns).then_some(now_ns)
    }

    #[inline]
    fn answered(&mut self, since_ns: u64) {
        let now_ns = clock::monotonic_ns();
        self.now_ns = Some(now_ns);
        self.stretch.answered(since_ns, now_ns);
    }
}

/// Has so many requests answered.
pub(super) fn requests(pool: &mut ClientPool, count: u64) -> io::Result<u64> {
    closed(pool, &mut Count { unsent: count })
}

/// Has as many answered as go from this moment on for this long. What is under way then is waited
/// for, and not counted: time in which nothing more is asked would be divided among those that
/// were.
pub(super) fn stretch(pool: &mut ClientPool, start_ns: u64, for_ns: u64) -> io::Result<Stretch> {
    let mut stretch = Stretch::timed(start_ns, for_ns)?;
    let end_ns = start_ns + for_ns;
    pool.ends = Ends::default();
    closed(pool, &mut Until { end_ns, now_ns: None, stretch: &mut stretch })?;
    stretch.ends = pool.ends;
    Ok(stretch)
}

/// Every connection sends its next request when its last is answered. Returns how many were, with
/// none under way.
fn closed(pool: &mut ClientPool, pace: &mut impl Pace) -> io::Result<u64> {
    // An alarm that goes by itself bounds the wait and costs nothing per request.
    pool.alarm_every(PATIENCE_NS / 2)?;
    let (mut answered, mut under_way, mut answered_before) = (0, 0u32, None);
    for number in 0..pool.connections.len() {
        let Some(now_ns) = pace.next() else { break };
        pool.ask(number, now_ns)?;
        under_way += 1;
    }
    while under_way > 0 {
        for event in 0..pool.wait()? {
            let Some(number) = pool.heard(event) else {
                if answered_before.replace(answered) == Some(answered) {
                    return Err(silence(under_way));
                }
                continue;
            };
            if !pool.receive(number)? {
                continue;
            }
            answered += 1;
            pace.answered(pool.connections[number].since_ns);
            match pace.next() {
                Some(now_ns) => pool.ask(number, now_ns)?,
                None => under_way -= 1,
            }
        }
    }
    Ok(answered)
}

fn silence(under_way: u32) -> io::Error {
    let seconds = PATIENCE_NS / 2 / 1_000_000_000;
    let why = format!("no answer within {seconds} s, with {under_way} requests under way");
    io::Error::new(ErrorKind::TimedOut, why)
}
