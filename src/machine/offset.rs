//! How far the clocks of two cores may lie apart: stamps of both are compared only where that is
//! less than what they measure.

use crate::proc::Found;
use crate::record::{Check, CheckOutcome, Failure};
use crate::sys::clock::monotonic_ns;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

const ID: &str = "clock-offset";

/// Clocks that lie less than this apart are as one, nanoseconds.
const BEARABLE_NS: i64 = 1_000;

/// Times that the word goes to and fro: a millisecond or two where both cores are free.
const ROUNDS: u64 = 4_000;

/// From this many on there is a result, whatever else ran on the cores.
const FEWEST_ROUNDS: u64 = 100;

/// Time that the rounds may take.
const TIME: Duration = Duration::from_millis(20);

/// Looks at the word between two looks at the clock: a look at the clock costs as much as some of
/// the way.
const LOOKS: u32 = 64;

/// The word that ends it.
const OVER: u64 = u64::MAX;

/// Bounds the offset of `CLOCK_MONOTONIC` between two CPUs: passed where it is certainly under a
/// microsecond.
///
/// A stamp that is taken there lies, on the clock here, between the moment when the word was sent
/// and the moment when it was back. Each round bounds the offset so, as in NTP (RFC 5905); the
/// tightest bounds of all rounds hold.
#[must_use]
pub fn clock_offset(main: usize, other: Result<usize, &Failure>) -> Check {
    let measured = other.map_err(ToString::to_string).and_then(|other| measure(main, other));
    match measured {
        Ok(bounds) => judge(bounds),
        Err(reason) => Check::not_measurable(ID, "ns", reason),
    }
}

/// What all rounds say together: the other clock less this one, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    rounds: u64,
    least_ns: i64,
    most_ns: i64,
}

impl Bounds {
    const NONE: Bounds = Bounds { rounds: 0, least_ns: i64::MIN, most_ns: i64::MAX };

    /// One round more: sent and back by this clock, stamped in between by the other.
    fn add(&mut self, sent: u64, stamped: u64, back: u64) {
        self.rounds += 1;
        self.least_ns = self.least_ns.max(stamped as i64 - back as i64);
        self.most_ns = self.most_ns.min(stamped as i64 - sent as i64);
    }
}

fn judge(Bounds { rounds, least_ns, most_ns }: Bounds) -> Check {
    let farthest = least_ns.abs().max(most_ns.abs());
    let consistent = least_ns <= most_ns;
    let meaning = match (consistent, farthest < BEARABLE_NS) {
        (false, _) => "no offset fits all rounds: one of the clocks jumps",
        (true, true) => "their timestamps can be compared",
        (true, false) => "too far apart to compare their timestamps",
    };
    let detail = format!(
        "{rounds} rounds between the two cores limit the offset of their clocks to {least_ns} to \
         {most_ns} ns (harmless up to {BEARABLE_NS} ns): {meaning}"
    );
    Check::figure(
        ID,
        farthest as f64,
        "ns",
        CheckOutcome::passed_if(consistent && farthest < BEARABLE_NS),
        detail,
    )
}

/// The word that goes to and fro, and the other side's stamp.
#[derive(Default)]
struct Ball {
    word: AtomicU64,
    stamp: AtomicU64,
}

fn measure(main: usize, other: usize) -> Found<Bounds> {
    let (ball, both) = (&Ball::default(), Barrier::new(2));
    let pinned = |cpu: usize| {
        let there = core_affinity::set_for_current(core_affinity::CoreId { id: cpu });
        both.wait();
        if there { Ok(()) } else { Err(format!("CPU {cpu} takes no thread of this process")) }
    };
    let (pinned, start) = (&pinned, |e| format!("starting a thread on each core: {e}"));
    let panicked = |_| "a thread that stamps has panicked".to_owned();
    std::thread::scope(|scope| {
        // This one starts the other, so that none waits for one that could not be started.
        let near = move || {
            let far = move || pinned(other).map(|()| reply(ball));
            let far = Builder::new().spawn_scoped(scope, far).map_err(start)?;
            let bounds = pinned(main).map(|()| send(ball));
            ball.word.store(OVER, Ordering::Release);
            let replied = far.join().map_err(panicked)?;
            bounds.and_then(|bounds| replied.and(enough(bounds)))
        };
        let near = Builder::new().spawn_scoped(scope, near).map_err(start)?;
        near.join().map_err(panicked)?
    })
}

fn enough(bounds: Bounds) -> Found<Bounds> {
    match bounds.rounds {
        FEWEST_ROUNDS.. => Ok(bounds),
        rounds => Err(format!(
            "only {rounds} rounds between the two cores in {} ms: one of them is busy with \
             something else",
            TIME.as_millis()
        )),
    }
}

/// Sends the word, until it does not come back in time.
fn send(ball: &Ball) -> Bounds {
    let deadline = Instant::now() + TIME;
    let mut bounds = Bounds::NONE;
    for round in 0..ROUNDS {
        let sent = monotonic_ns();
        ball.word.store(2 * round + 1, Ordering::Release);
        if !seen(&ball.word, 2 * round + 2, deadline) {
            break;
        }
        let back = monotonic_ns();
        bounds.add(sent, ball.stamp.load(Ordering::Relaxed), back);
    }
    bounds
}

/// Stamps the word and sends it back, until it is over.
fn reply(ball: &Ball) {
    // The sender ends it; should it get no CPU for so long, this side does not wait for it.
    let deadline = Instant::now() + 2 * TIME;
    for round in 0..ROUNDS {
        if !seen(&ball.word, 2 * round + 1, deadline) {
            return;
        }
        ball.stamp.store(monotonic_ns(), Ordering::Relaxed);
        ball.word.store(2 * round + 2, Ordering::Release);
    }
}

/// Spins until the word is this one; `false` when it is over, or too late.
fn seen(word: &AtomicU64, wanted: u64, deadline: Instant) -> bool {
    loop {
        for _ in 0..LOOKS {
            match word.load(Ordering::Acquire) {
                found if found == wanted => return true,
                OVER => return false,
                _ => std::hint::spin_loop(),
            }
        }
        if Instant::now() > deadline {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cores::placement;
    use super::*;

    /// Rounds of a clock that is `ahead` by so many nanoseconds: sent, stamped (by this clock) and
    /// back.
    fn rounds(ahead: i64, all: &[(u64, u64, u64)]) -> Bounds {
        let mut bounds = Bounds::NONE;
        for &(sent, stamped, back) in all {
            bounds.add(sent, stamped.wrapping_add_signed(ahead), back);
        }
        bounds
    }

    #[test]
    fn the_tightest_rounds_bound_the_offset() {
        let fair = [(1_000, 1_100, 1_200), (2_000, 2_030, 2_500), (3_000, 3_900, 3_920)];
        let bounds = rounds(0, &fair);
        assert_eq!(bounds, Bounds { rounds: 3, least_ns: -20, most_ns: 30 });
        let check = judge(bounds);
        assert_eq!((check.figure, check.outcome), (Some(30.0), CheckOutcome::Passed));
        let ahead = judge(rounds(980, &fair));
        assert_eq!((ahead.figure, ahead.outcome), (Some(1_010.0), CheckOutcome::Failed));
        let behind = judge(rounds(-979, &fair));
        assert_eq!((behind.figure, behind.outcome), (Some(999.0), CheckOutcome::Passed));
    }

    #[test]
    fn rounds_that_contradict_each_other_are_a_clock_that_jumps() {
        let check = judge(rounds(0, &[(1_000, 990, 1_200), (2_000, 2_050, 2_040)]));
        assert_eq!(check.outcome, CheckOutcome::Failed);
        assert!(check.detail.contains("jumps"), "{check:?}");
    }

    #[test]
    fn what_is_missing_is_a_reason() {
        let one = Failure::new("placing actors", "this process may use one CPU only");
        let check = clock_offset(0, Err(&one));
        assert_eq!((check.figure, check.outcome), (None, CheckOutcome::NotMeasurable));
        assert!(check.detail.contains("one CPU only"), "{check:?}");
        let nowhere = clock_offset(placement().unwrap().main, Ok(1_000));
        assert!(nowhere.detail.contains("CPU 1000"), "{nowhere:?}");
        let few = enough(Bounds { rounds: 99, ..Bounds::NONE }).unwrap_err();
        assert!(few.contains("only 99 rounds"), "{few}");
    }

    #[test]
    fn this_machine_has_a_bound_or_a_reason() {
        let cores = placement().unwrap();
        let check = clock_offset(cores.main, cores.other.as_ref().copied());
        match check.outcome {
            CheckOutcome::Passed => assert!(check.figure.is_some_and(|ns| ns < 1_000.0)),
            CheckOutcome::NotMeasurable => assert!(!check.detail.is_empty()),
            _ => panic!("{check:?}"),
        }
    }
}
