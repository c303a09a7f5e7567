//! How far the state of a machine moves a figure from one run to the next, minutes or hours apart:
//! the part of an interval that no number of pairs within a run makes smaller.
//!
//! Two neighbours on a host, a warmer core, another layout of the kernel's memory: the launches of
//! one run share them, and the launches of the next run share others. So the variance between runs
//! is more than what launches of one show. Here it is read off the run itself, whose launches of
//! what decides are spread over it, and is never less than what reruns of the reference machine
//! showed, which is an assumption wherever else it stands.

use super::Claim;
use super::evidence::kept;
use crate::record::{Cell, Id, Launch, Pair, Record};
use crate::stats::{self, Interval, MEDIAN_PENALTY};
use std::collections::{BTreeMap, BTreeSet};

/// Standard deviations between runs, of logarithms: hundredths are per cent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Of times.
    pub times: Deviation,
    /// Of ratios of neighbouring batches of like work, from which most of it cancels.
    pub ratios: Deviation,
    /// Of ratios of unlike work.
    pub unlike: Deviation,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// One standard deviation.
    pub deviation: f64,
    /// The first launches of this run and its last ones differ by so much; otherwise it is the
    /// least that is assumed.
    pub seen: bool,
}

/// What is assumed at least, by question: of times; of ratios of arms that take equally long, or
/// nearly; of other ratios. Reruns of the reference machine: docs/intervals.md.
const LEAST: [(&str, [f64; 3]); 6] = [
    ("creation", [0.05, 0.01, 0.03]),
    ("switching", [0.04, 0.003, 0.02]),
    ("tlb", [0.03, 0.003, 0.01]),
    ("communication", [0.06, 0.003, 0.08]),
    ("contention", [0.02, 0.003, 0.01]),
    ("servers", [0.06, 0.006, 0.02]),
];
/// Of a question that is not among them.
const UNKNOWN: [f64; 3] = [0.06, 0.01, 0.08];
/// Where one arm takes so many times as long as the other, it does other work, which the state of
/// the machine moves by itself.
const UNLIKE: f64 = 2.0;
/// Launches of a cell that is divided into earlier and later ones.
const DIVIDED: usize = 6;
/// Cells by which a run is seen to move.
const LEAST_CELLS: usize = 4;
/// Sampling alone sets half of all cells apart by less than this many variances, with room for how
/// little is known of those.
const CLEARLY: f64 = 1.5;
/// The median of the square of a normal variable with a variance of 1.
const MEDIAN_SQUARE: f64 = 0.455;

impl Drift {
    /// What is assumed at least of this question.
    #[must_use]
    pub fn least(question: &str) -> Self {
        let known = LEAST.iter().find(|(name, _)| *name == question);
        let [times, ratios, unlike] = known
            .map_or(UNKNOWN, |(_, deviations)| *deviations)
            .map(|deviation| Deviation { deviation, seen: false });
        Drift { times, ratios, unlike }
    }

    /// Of a ratio of this size.
    #[must_use]
    pub fn of_ratio(self, ratio: f64) -> f64 {
        let unlike = !(UNLIKE.recip()..=UNLIKE).contains(&ratio);
        if unlike {
            self.unlike.deviation.max(self.ratios.deviation)
        } else {
            self.ratios.deviation
        }
    }

    /// By question: what the run shows, or at least what is assumed.
    #[must_use]
    pub fn of(record: &Record, claims: &[Claim]) -> BTreeMap<String, Self> {
        let stated = claims.iter().flat_map(|claim| claim.cells.iter().map(move |c| (claim, c)));
        let stated: BTreeSet<Id> =
            stated.filter(|(claim, cell)| claim.decides(cell)).map(|(_, c)| c.id()).collect();
        let spread = |cell: &&Cell| {
            let decides = cell.a == cell.b || stated.contains(&cell.id);
            decides && cell.launches.len() >= DIVIDED
        };
        let mut cells: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
        for cell in record.cells.iter().filter(spread) {
            cells.entry(cell.id.question().to_owned()).or_default().push(cell);
        }
        let seen = |(question, cells): (String, Vec<&Cell>)| {
            let least = Self::least(&question);
            let a = |pair: &Pair| pair.a.ns_per_op().ln();
            let b = |pair: &Pair| pair.b.ns_per_op().ln();
            let times = cells.iter().flat_map(|cell| [between(cell, &a), between(cell, &b)]);
            let ratio = |pair: &Pair| b(pair) - a(pair);
            let differ = cells.iter().filter(|cell| cell.a != cell.b);
            let ratios = differ.map(|cell| between(cell, &ratio));
            let drift = Drift {
                times: least.times.or_seen(times.flatten().collect()),
                ratios: least.ratios.or_seen(ratios.flatten().collect()),
                unlike: least.unlike,
            };
            (question, drift)
        };
        cells.into_iter().map(seen).collect()
    }
}

impl Deviation {
    /// The same, or what the cells of the run show, if that is more.
    fn or_seen(self, cells: Vec<Halves>) -> Self {
        let middle = |read: fn(&Halves) -> f64| {
            stats::median(&cells.iter().map(read).collect::<Vec<f64>>()).unwrap_or(0.0)
        };
        let clearly =
            middle(|halves| halves.apart.powi(2) / halves.variance.max(f64::MIN_POSITIVE));
        if cells.len() < LEAST_CELLS || clearly < CLEARLY {
            return self;
        }
        let square = middle(|halves| halves.apart.powi(2));
        let sampled = middle(|halves| halves.variance);
        // Both halves have moved.
        let deviation = ((square / MEDIAN_SQUARE - sampled).max(0.0) / 2.0).sqrt();
        if deviation > self.deviation { Deviation { deviation, seen: true } } else { self }
    }
}

/// The earlier launches of a cell against its later ones.
struct Halves {
    /// How far their medians are apart.
    apart: f64,
    /// The variance of that by sampling alone.
    variance: f64,
}

fn between(cell: &Cell, read: &dyn Fn(&Pair) -> f64) -> Option<Halves> {
    let of_launch =
        |launch: &Launch| stats::median(&kept(launch).into_iter().map(read).collect::<Vec<f64>>());
    let medians: Vec<f64> = cell.launches.iter().filter_map(of_launch).collect();
    if medians.len() < DIVIDED {
        return None;
    }
    let (early, late) = medians.split_at(medians.len() / 2);
    let variance = |half: &[f64]| {
        let deviation = stats::robust_deviation(half)?;
        Some(MEDIAN_PENALTY * deviation.powi(2) / half.len() as f64)
    };
    Some(Halves {
        apart: stats::median(late)? - stats::median(early)?,
        variance: variance(early)? + variance(late)?,
    })
}

/// The interval of a rerun of what is more than nothing, or may be less: a drift of `deviation` is
/// a share of it.
#[must_use]
pub fn for_a_rerun(sampled: Interval, deviation: f64) -> Interval {
    match sampled.low > 0.0 {
        true => {
            let moved = sampled.map(f64::ln).for_a_rerun(deviation).map(f64::exp);
            Interval { estimate: sampled.estimate, ..moved }
        }
        false => sampled.for_a_rerun(deviation * sampled.estimate.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::arm;
    use crate::record::{Half, Stop};

    /// An A/A comparison whose launches take so long.
    fn cell(name: &str, ns: &[[u64; 2]]) -> Cell {
        let launch = |[a, b]: &[u64; 2]| {
            let half = |elapsed_ns| Half { ops: 1, elapsed_ns, ..Half::default() };
            let pair = Pair { a: half(*a), b: half(*b), discarded: None };
            Launch { pairs: vec![pair; 5], ..Launch::default() }
        };
        Cell {
            id: Id::control("switching", name),
            a: arm("futex/thread"),
            b: arm("futex/thread"),
            precision_aim: 0.03,
            launches: ns.iter().map(launch).collect(),
            stop: Stop::Planned,
        }
    }

    fn drift(ns: &[[u64; 2]]) -> Drift {
        let cells = vec![cell("one", ns), cell("other", ns)];
        let record = Record { cells, ..Record::default() };
        Drift::of(&record, &[])
            .get("switching")
            .copied()
            .unwrap_or_else(|| Drift::least("switching"))
    }

    #[test]
    fn a_run_whose_later_launches_are_slower_shows_it() {
        let moved = drift(&[
            [1000, 2000],
            [1010, 2010],
            [1005, 2005],
            [1300, 2600],
            [1310, 2600],
            [1305, 2605],
        ]);
        assert!(moved.times.seen && moved.times.deviation > 0.15, "{moved:?}");
        assert!(!moved.ratios.seen, "nothing is said of ratios: {moved:?}");
    }

    #[test]
    fn a_calm_run_is_taken_to_be_like_others() {
        let calm = [[1000, 2000]; 8];
        assert_eq!(drift(&calm), Drift::least("switching"));
        assert_eq!(drift(&calm[..5]), Drift::least("switching"), "too few launches");
    }

    #[test]
    fn what_may_be_nothing_moves_by_its_size_and_what_is_more_by_a_factor() {
        let at = |low, high| Interval { estimate: 10.0, low, high };
        let factor = for_a_rerun(at(5.0, 20.0), 0.0);
        assert!((factor.low * factor.high - 100.0).abs() < 1e-9, "{factor:?}");
        let size = for_a_rerun(at(-1.0, 21.0), 0.0);
        assert!((size.low + size.high - 20.0).abs() < 1e-9, "{size:?}");
    }
}
