//! What a stretch of load has come to, with latencies.

use super::pool::Ends;
use crate::record::LoadRun;
use hdrhistogram::Histogram;
use std::io;

/// Longest latency with a bucket from the start; a longer one makes room.
const MOST_NS: u64 = 60_000_000_000;
/// Buckets one percent wide.
const DIGITS: u8 = 2;

/// Requests of one thread, or of several together.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) answered: u64,
    pub(super) failed: u64,
    pub(super) unsent: u64,
    pub(super) ends: Ends,
    start_ns: u64,
    end_ns: u64,
    /// An answer from this moment on has a latency and is not counted.
    until_ns: Option<u64>,
    latencies: Histogram<u64>,
}

impl Stretch {
    /// One that begins at this moment, and lasts until the last answer.
    pub(super) fn begin(start_ns: u64) -> io::Result<Self> {
        let mut latencies =
            Histogram::new_with_bounds(1, MOST_NS, DIGITS).map_err(io::Error::other)?;
        latencies.auto(true);
        Ok(Stretch {
            answered: 0,
            failed: 0,
            unsent: 0,
            ends: Ends::default(),
            start_ns,
            end_ns: start_ns,
            until_ns: None,
            latencies,
        })
    }

    /// One that lasts so long, whenever the last answer comes.
    pub(super) fn timed(start_ns: u64, for_ns: u64) -> io::Result<Self> {
        let until_ns = Some(start_ns + for_ns);
        Ok(Stretch { until_ns, ..Stretch::begin(start_ns)? })
    }

    /// A request that was sent, or due, at `since_ns` was answered now.
    #[inline]
    pub(super) fn answered(&mut self, since_ns: u64, now_ns: u64) {
        let late = self.until_ns.is_some_and(|until_ns| now_ns >= until_ns);
        self.answered += u64::from(!late);
        self.end_ns = now_ns;
        self.latencies += now_ns - since_ns;
    }

    /// Was nothing answered? Then there is no time to divide by, and no figure.
    pub(super) fn is_silent(&self) -> bool {
        self.latencies.is_empty()
    }

    /// What was given up or never sent was waited for until this moment.
    pub(super) fn gave_up(&mut self, failed: u64, unsent: u64, now_ns: u64) {
        (self.failed, self.unsent) = (failed, unsent);
        if failed + unsent > 0 {
            self.end_ns = now_ns;
        }
    }

    /// Takes in another thread's.
    pub(super) fn join(&mut self, other: &Stretch) {
        self.answered += other.answered;
        self.failed += other.failed;
        self.unsent += other.unsent;
        self.ends.reopened += other.ends.reopened;
        self.ends.resent += other.ends.resent;
        self.end_ns = self.end_ns.max(other.end_ns);
        self.latencies += &other.latencies;
    }

    /// As the record has it; the server's CPU time is not known here.
    pub(super) fn run(&self, due_per_s: f64, client_cpu_ns: u64) -> LoadRun {
        let buckets = self.latencies.iter_recorded();
        LoadRun {
            answered: self.answered,
            failed: self.failed,
            elapsed_ns: self.until_ns.unwrap_or(self.end_ns) - self.start_ns,
            due_per_s,
            unsent: self.unsent,
            reopened: self.ends.reopened,
            resent: self.ends.resent,
            client_cpu_ns,
            server_cpu_ns: 0,
            latencies: buckets.map(|b| [b.value_iterated_to(), b.count_at_value()]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_nothing_was_answered_is_time() {
        let mut stretch = Stretch::begin(1_000).unwrap();
        assert!(stretch.is_silent());
        stretch.answered(1_000, 2_000);
        assert!(!stretch.is_silent());
        stretch.gave_up(0, 0, 9_000);
        assert_eq!(stretch.run(1.0, 1).elapsed_ns, 1_000, "nothing was waited for");
        stretch.gave_up(3, 1, 9_000);
        assert_eq!(stretch.run(1.0, 1).elapsed_ns, 8_000);
    }

    #[test]
    fn latencies_are_kept_in_buckets_a_percent_wide_and_longer_ones_make_room() {
        let mut stretch = Stretch::begin(1_000).unwrap();
        stretch.answered(1_000, 1_001);
        stretch.answered(1_000, 1_001_000);
        let mut other = Stretch::begin(1_000).unwrap();
        other.answered(0, 200_000_000_000);
        other.failed = 3;
        other.unsent = 2;
        stretch.join(&other);
        let run = stretch.run(10.0, 7);
        assert_eq!([run.answered, run.failed, run.unsent], [3, 3, 2]);
        assert_eq!(run.elapsed_ns, 199_999_999_000);
        let [one, million, most] = run.latencies[..] else { panic!("{:?}", run.latencies) };
        assert_eq!(one, [1, 1]);
        assert!((1_000_000..1_010_000).contains(&million[0]) && million[1] == 1);
        assert!((200_000_000_000..202_000_000_000).contains(&most[0]) && most[1] == 1);
    }

    #[test]
    fn what_comes_after_the_time_has_a_latency_and_is_no_part_of_the_rate() {
        let mut stretch = Stretch::timed(1_000, 500).unwrap();
        let mut other = Stretch::timed(1_000, 500).unwrap();
        stretch.answered(1_000, 1_499);
        stretch.answered(1_499, 1_500);
        other.answered(1_000, 9_000);
        stretch.join(&other);
        let run = stretch.run(0.0, 7);
        assert_eq!([run.answered, run.elapsed_ns], [1, 500]);
        assert_eq!(run.latencies.iter().map(|[_, count]| count).sum::<u64>(), 3);
    }
}
