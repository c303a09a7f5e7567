//! Percentiles of the latencies of all launches together.

use crate::record::LoadRun;
use crate::stats::{self, Interval};
use std::fmt;

/// Requests that must lie beyond a percentile: with fewer it is the figure of the slowest few.
/// Launches are short, so that it takes all of them to have so many beyond 99.9 %.
const LEAST_BEYOND: u64 = 10;

/// Why a percentile is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// There are fewer than two launches, which have no interval.
    Launches,
    /// Fewer than ten requests lie beyond it.
    Few,
    /// It, or an end of its interval, lies among requests that were never answered.
    Unanswered,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unread::Launches => "too few launches",
            Unread::Few => "too few answers",
            Unread::Unanswered => "among the unanswered",
        })
    }
}

/// The latencies of some launches, and how many requests have none.
pub(super) struct Pool {
    /// All latencies that occur, in order, nanoseconds.
    places: Vec<u64>,
    /// For each launch, at each place, how many answers took no longer.
    reached: Vec<Vec<u64>>,
    /// For each launch, how many requests there were, answered or not.
    requests: Vec<u64>,
}

impl Pool {
    pub(super) fn of(runs: &[&LoadRun]) -> Self {
        let mut places: Vec<u64> =
            runs.iter().flat_map(|run| &run.latencies).map(|[ns, _]| *ns).collect();
        places.sort_unstable();
        places.dedup();
        let reached = |run: &&LoadRun| {
            let mut counts = vec![0; places.len()];
            for [ns, count] in &run.latencies {
                counts[places.partition_point(|place| place < ns)] += count;
            }
            let sums = counts.iter().scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            });
            sums.collect::<Vec<u64>>()
        };
        let requests = |run: &&LoadRun| {
            let answers: u64 = run.latencies.iter().map(|[_, count]| count).sum();
            answers + run.failed + run.unsent
        };
        Pool {
            reached: runs.iter().map(reached).collect(),
            requests: runs.iter().map(requests).collect(),
            places,
        }
    }

    /// The latency that so many thousandths of the requests did not exceed, with the interval of
    /// drawing launches.
    pub(super) fn percentile_ns(&self, thousandths: u64) -> Result<Interval, Unread> {
        let all: u64 = self.requests.iter().sum();
        let figure = |drawn: &[usize]| self.at(thousandths, drawn);
        let found = stats::cluster_pooled(self.requests.len(), figure);
        match found.ok_or(Unread::Launches)? {
            _ if all * (1_000 - thousandths) < LEAST_BEYOND * 1_000 => Err(Unread::Few),
            found if found.estimate.is_finite() && found.high.is_finite() => Ok(found),
            _ => Err(Unread::Unanswered),
        }
    }

    /// The same of these launches; infinite where it lies among requests that were never answered.
    fn at(&self, thousandths: u64, drawn: &[usize]) -> f64 {
        let sum = |of: &dyn Fn(usize) -> u64| drawn.iter().map(|launch| of(*launch)).sum::<u64>();
        let requests = sum(&|launch| self.requests[launch]);
        let rank = (requests * thousandths).div_ceil(1_000).max(1);
        let (mut low, mut high) = (0, self.places.len());
        while low < high {
            let middle = (low + high) / 2;
            match sum(&|launch| self.reached[launch][middle]) < rank {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        self.places.get(low).map_or(f64::INFINITY, |ns| *ns as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(latencies: &[[u64; 2]], failed: u64, unsent: u64) -> LoadRun {
        LoadRun { latencies: latencies.to_vec(), failed, unsent, ..LoadRun::default() }
    }

    fn found(runs: &[LoadRun], thousandths: u64) -> Result<Interval, Unread> {
        Pool::of(&runs.iter().collect::<Vec<_>>()).percentile_ns(thousandths)
    }

    #[test]
    fn a_percentile_is_that_of_all_answers_and_its_interval_of_the_launches() {
        let runs = [run(&[[10, 60], [20, 40]], 0, 0), run(&[[15, 70], [20, 29], [90, 1]], 0, 0)];
        let median = found(&runs, 500).unwrap();
        assert_eq!([median.low, median.estimate, median.high], [10.0, 15.0, 15.0]);
        assert_eq!(found(&runs, 650).unwrap().estimate, 15.0, "130 of 200 took no longer");
        assert_eq!(found(&runs, 655).unwrap().estimate, 20.0);
        assert_eq!(found(&runs[..1], 500), Err(Unread::Launches));
    }

    #[test]
    fn ten_must_lie_beyond_it_in_all_launches_together() {
        let of = |answers: u64| [run(&[[500, answers - 1]], 0, 0), run(&[[500, 1]], 0, 0)];
        assert!(found(&of(10_000), 999).is_ok());
        assert_eq!(found(&of(9_999), 999), Err(Unread::Few));
        assert!(found(&of(20), 500).is_ok());
        assert_eq!(found(&of(19), 500), Err(Unread::Few));
    }

    #[test]
    fn what_was_never_answered_is_slower_than_any_answer() {
        let of = |failed, unsent| {
            let run = run(&[[10, 989], [20, 1]], failed, unsent);
            [run.clone(), run]
        };
        assert_eq!(found(&of(0, 0), 990).unwrap().estimate, 10.0);
        assert_eq!(found(&of(5, 5), 990).unwrap().estimate, 20.0);
        assert_eq!(found(&of(5, 6), 990), Err(Unread::Unanswered));
        assert_eq!(found(&of(6, 5), 990), Err(Unread::Unanswered));
        let one = [of(0, 0)[0].clone(), of(0, 0)[0].clone(), of(0, 60)[0].clone()];
        assert_eq!(found(&one, 970), Err(Unread::Unanswered), "an end of the interval is");
    }
}
