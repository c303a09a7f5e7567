//! The architecture's counter against the clock: its rate, and the clock's smallest step.

use super::cost::TOLERATED_NS;
use crate::record::{Check, CheckOutcome};
use crate::stats;
use crate::sys::clock::{TICKS_NAME, monotonic_ns, ticks};
use std::time::Duration;

/// Windows over which the rate is taken may differ by this share of it.
const STEADY: f64 = 0.001;

/// The smallest step that the clock shows.
pub(super) fn resolution() -> Check {
    let mut last = monotonic_ns();
    let mut smallest = u64::MAX;
    for _ in 0..20_000 {
        let now = monotonic_ns();
        if now > last {
            smallest = smallest.min(now - last);
        }
        last = now;
    }
    if smallest == u64::MAX {
        let reason = "CLOCK_MONOTONIC did not move in 20,000 readings".to_owned();
        return Check::not_measurable("clock-resolution", "ns", reason);
    }
    let ns = smallest as f64;
    let detail = format!(
        "the smallest step between two readings of CLOCK_MONOTONIC is {ns} ns; up to \
         {TOLERATED_NS} ns do no harm",
    );
    Check::figure("clock-resolution", ns, "ns", CheckOutcome::passed_if(ns <= TOLERATED_NS), detail)
}

/// Ticks of the architecture's counter per nanosecond, over three windows that have to agree.
pub(super) fn rate(quick: bool) -> Check {
    if TICKS_NAME == "none" {
        let reason = "this program has no tick counter for this architecture".to_owned();
        return Check::not_measurable("tick-rate", "GHz", reason);
    }
    let window = Duration::from_millis(if quick { 20 } else { 60 });
    judge_rates([(); 3].map(|()| rate_over(window)))
}

fn judge_rates(rates: [f64; 3]) -> Check {
    let ghz = stats::median(&rates).expect("three rates");
    let most = rates.into_iter().fold(0.0, f64::max);
    let spread = (most - rates.into_iter().fold(most, f64::min)) / ghz;
    let steady = ghz > 0.0 && spread <= STEADY;
    let detail = format!(
        "the {TICKS_NAME} counter ticks at {ghz:.4} GHz; three windows differ by {:.4} %, and up \
         to {:.1} % count as steady",
        100.0 * spread,
        100.0 * STEADY,
    );
    Check::figure("tick-rate", ghz, "GHz", CheckOutcome::passed_if(steady), detail)
}

fn rate_over(window: Duration) -> f64 {
    let start = stamp();
    crate::sys::clock::pause(window);
    let end = stamp();
    end.1.saturating_sub(start.1) as f64 / (end.0 - start.0) as f64
}

/// Clock and counter at the same moment: the tightest of some tries, so that no interruption lies
/// in between.
fn stamp() -> (u64, u64) {
    let tries = (0..16).map(|_| {
        let before = monotonic_ns();
        let counter = ticks();
        let after = monotonic_ns();
        (after - before, (before + (after - before) / 2, counter))
    });
    tries.min_by_key(|(width, _)| *width).map(|(_, stamp)| stamp).expect("16 tries")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_to_agree() {
        let steady = judge_rates([2.6001, 2.6, 2.5999]);
        assert_eq!((steady.figure, steady.outcome), (Some(2.6), CheckOutcome::Passed));
        assert_eq!(judge_rates([2.6, 2.61, 2.6]).outcome, CheckOutcome::Failed);
        assert_eq!(judge_rates([0.0; 3]).outcome, CheckOutcome::Failed);
    }

    #[test]
    fn stamps_go_forward() {
        let (first, second) = (stamp(), stamp());
        assert!(second.0 > first.0);
        assert_eq!(second.1 > first.1, TICKS_NAME != "none");
    }
}
