//! The core's own clock, from chains of instructions of known latency.

use crate::record::{Check, CheckOutcome, Failure, Result};
use crate::sys::clock::monotonic_ns;
use crate::sys::latency_chain::{CHAINS, Chain};

/// Two chains, or two times of a run, may differ by this share of the frequency.
const TOLERANCE: f64 = 0.03;

/// Cycles of one repetition: so few that many a repetition is left alone by interrupts and other
/// guests, so many that two readings of the clock do not matter.
const CYCLES: u64 = 60_000;

/// Repetitions of each chain: long enough in all that a clock at rest gets up to speed.
const REPEATS: u32 = 2_500;
const REPEATS_QUICK: u32 = 1_000;

/// Frequency of the core that this runs on, GHz: the mean of two chains, each the best of `repeats`
/// short repetitions (about 20 µs each), since being interrupted only ever makes a repetition
/// slower.
///
/// # Errors
/// No chain is known for this architecture, or the two disagree by more than 3 %: the latency of
/// one is not what it should be (an emulator, an unknown core).
pub fn core_frequency(repeats: u32) -> Result<f64> {
    agreed(measure(repeats)?)
}

/// Frequencies by the two chains, GHz.
fn measure(repeats: u32) -> Result<[f64; 2]> {
    let [a, b] = CHAINS else {
        let why =
            format!("no chain of instructions of known latency on {}", std::env::consts::ARCH);
        return Err(Failure::new("measuring the core's frequency", why));
    };
    let mut best = [0.0, 0.0];
    // In turns, so that both see the same frequencies.
    for _ in 0..repeats.max(1) {
        best[0] = f64::max(best[0], ghz(a));
        best[1] = f64::max(best[1], ghz(b));
    }
    Ok(best)
}

/// One repetition of a chain, as cycles per nanosecond.
fn ghz(chain: &Chain) -> f64 {
    let per_iteration = chain.length * chain.latency_cycles;
    let iterations = CYCLES / per_iteration;
    let start = monotonic_ns();
    (chain.run)(iterations);
    // Coarse clocks may not move in so short a time; no repetition is faster than a nanosecond.
    let elapsed_ns = (monotonic_ns() - start).max(1);
    (iterations * per_iteration) as f64 / elapsed_ns as f64
}

fn agreed([a, b]: [f64; 2]) -> Result<f64> {
    let mean = f64::midpoint(a, b);
    if difference(a, b) <= TOLERANCE {
        return Ok(mean);
    }
    let why = format!("two instruction chains disagree: {a:.3} and {b:.3} GHz");
    Err(Failure::new("measuring the core's frequency", why).remedy(
        "an emulator, a busy machine or an unknown core: use the results in nanoseconds \
                 only",
    ))
}

/// Difference of two figures as a share of their mean.
fn difference(a: f64, b: f64) -> f64 {
    (a - b).abs() / f64::midpoint(a, b)
}

/// The check of the core's frequency.
pub(super) fn core(quick: bool) -> Check {
    match measure(if quick { REPEATS_QUICK } else { REPEATS }) {
        Ok(best) => judge(best),
        Err(failure) => Check::not_measurable("core-frequency", "GHz", failure.why),
    }
}

fn judge([a, b]: [f64; 2]) -> Check {
    let names: Vec<&str> = CHAINS.iter().map(|chain| chain.instruction).collect();
    let detail = format!(
        "a core runs at {a:.3} GHz by a chain of one instruction and at {b:.3} GHz by another \
         ({}); they differ by {:.1} %, and up to {:.0} % count as agreement",
        names.join(" and "),
        100.0 * difference(a, b),
        100.0 * TOLERANCE,
    );
    let mean = f64::midpoint(a, b);
    Check::figure(
        "core-frequency",
        mean,
        "GHz",
        CheckOutcome::passed_if(difference(a, b) <= TOLERANCE),
        detail,
    )
}

/// Cycles of one repetition under the cycle counter: so many that two readings of it do not matter.
const COUNTED_CYCLES: u64 = 1_200_000;
/// Repetitions under it: some 40 ms.
const COUNTED_REPEATS: u32 = 100;

/// The check of the core's frequency where the processor counts its cycles: the best of many short
/// repetitions of a chain, counted by `cycles_over` and timed by the clock. It takes the place of
/// the chains' own figure, which rests on latencies by the book, and must agree with it.
///
/// # Errors
/// The counter's, in the words of `cycles_over`.
pub fn counted_frequency(
    by_chains_ghz: Option<f64>,
    cycles_over: &mut dyn FnMut(&dyn Fn()) -> std::io::Result<f64>,
) -> Result<Check> {
    let tried = "counting the core's cycles";
    let [chain, ..] = CHAINS else {
        return Err(Failure::new(tried, "no chain of instructions is known here"));
    };
    let mut best = 0.0;
    for _ in 0..COUNTED_REPEATS {
        let work = || (chain.run)(COUNTED_CYCLES / (chain.length * chain.latency_cycles));
        let start = monotonic_ns();
        let cycles = cycles_over(&work).map_err(|e| Failure::os(tried, e))?;
        best = f64::max(best, cycles / (monotonic_ns() - start).max(1) as f64);
    }
    Ok(judge_counted(best, by_chains_ghz))
}

fn judge_counted(ghz: f64, by_chains_ghz: Option<f64>) -> Check {
    let apart = by_chains_ghz.map_or(0.0, |chains| difference(ghz, chains));
    let chains =
        by_chains_ghz.map_or("no instruction chain gives a second figure".to_owned(), |chains| {
            format!("chains of instructions say {chains:.3} GHz, {:.1} % apart", 100.0 * apart)
        });
    let detail = format!("a core runs at {ghz:.3} GHz by the processor's cycle counter; {chains}");
    Check::figure("core-frequency", ghz, "GHz", CheckOutcome::passed_if(apart <= TOLERANCE), detail)
}

/// The check that the frequency at the end of a run is the one at its start, both in GHz.
#[must_use]
pub fn frequency_drift(before_ghz: f64, after_ghz: f64) -> Check {
    let drift = (after_ghz - before_ghz) / before_ghz;
    let detail = format!(
        "the core ran at {before_ghz:.3} GHz at the start and at {after_ghz:.3} GHz at the end: \
         {:+.1} %; figures of one run stay comparable within {:.0} % either way",
        100.0 * drift,
        100.0 * TOLERANCE,
    );
    Check::figure(
        "frequency-drift",
        100.0 * drift,
        "%",
        CheckOutcome::passed_if(drift.abs() <= TOLERANCE),
        detail,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_have_to_agree() {
        assert_eq!(agreed([3.0, 3.04]), Ok(3.02));
        assert!(agreed([3.0, 3.2]).unwrap_err().why.contains("3.000 and 3.200"));
        assert_eq!(judge([3.0, 3.04]).outcome, CheckOutcome::Passed);
        assert_eq!(judge([3.0, 1.0]).outcome, CheckOutcome::Failed);
        assert_eq!(judge([3.0, 1.0]).figure, Some(2.0));
    }

    #[test]
    fn the_cycle_counter_takes_the_place_of_the_chains_and_must_agree() {
        let counted = judge_counted(3.0, Some(3.05));
        assert_eq!((counted.figure, counted.outcome), (Some(3.0), CheckOutcome::Passed));
        assert!(counted.detail.contains("cycle counter"), "{}", counted.detail);
        assert_eq!(judge_counted(3.0, Some(3.5)).outcome, CheckOutcome::Failed);
        assert_eq!(judge_counted(3.0, None).outcome, CheckOutcome::Passed);
        let mut refuse = |_: &dyn Fn()| Err(std::io::Error::from_raw_os_error(2));
        assert_eq!(counted_frequency(None, &mut refuse).unwrap_err().errno, Some(2));
        // A counter that counts nothing cannot agree with the chains.
        let silent = counted_frequency(Some(3.0), &mut |_| Ok(0.0)).unwrap();
        assert_eq!(silent.outcome, CheckOutcome::Failed);
    }

    #[test]
    fn drift_either_way() {
        assert_eq!(frequency_drift(3.0, 3.05).outcome, CheckOutcome::Passed);
        assert_eq!(frequency_drift(3.0, 3.2).outcome, CheckOutcome::Failed);
        let slower = frequency_drift(4.0, 3.0);
        assert_eq!((slower.figure, slower.outcome), (Some(-25.0), CheckOutcome::Failed));
    }

    #[test]
    fn repetitions_hold_whole_iterations() {
        assert_eq!(CHAINS.len() % 2, 0);
        for chain in CHAINS {
            assert_eq!(CYCLES % (chain.length * chain.latency_cycles), 0, "{}", chain.instruction);
        }
    }
}
