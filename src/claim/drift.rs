//! How far the state of a machine moves a figure from one run to the next, minutes or hours apart:
//! the part of an interval that no number of pairs within a run makes smaller.
//!
//! Two neighbours on a host, a warmer core, another layout of the kernel's memory: the launches of
//! one run share them, and the launches of the next run share others. So the variance between runs
//! is more than what launches of one show. Here it is read off the run itself, whose launches of
//! what decides are spread over it, and is never less than what earlier runs of the same machine
//! show; without enough of those, than what reruns of the reference machine showed, which is an
//! assumption wherever else it stands.

use super::Claim;
use super::evidence::kept;
use crate::record::{BetweenRuns, Cell, Id, Launch, Pair, Record};
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
    /// What it is read off.
    pub source: DriftSource,
}

/// What a drift is read off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftSource {
    /// The first launches of this run and its last ones, which differ by so much.
    ThisRun,
    /// This run and so many earlier ones of the same machine.
    EarlierRuns(u64),
    /// Nothing: it is the least that is assumed.
    Assumed,
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
pub(super) const UNLIKE: f64 = 2.0;
/// Earlier runs that show as much as what is assumed otherwise; fewer only show more.
const ENOUGH_RUNS: u64 = 4;
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
            .map(|deviation| Deviation { deviation, source: DriftSource::Assumed });
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

    /// What earlier runs show of this question, or what is assumed of it.
    fn known(record: &Record, question: &str) -> Self {
        let least = Self::least(question);
        let Some(BetweenRuns { runs, times, ratios, unlike }) = record.drift.get(question) else {
            return least;
        };
        Drift {
            times: least.times.or_between(*times, *runs),
            ratios: least.ratios.or_between(*ratios, *runs),
            unlike: least.unlike.or_between(*unlike, *runs),
        }
    }

    /// By question: what the run shows, or at least what earlier ones show or is assumed.
    #[must_use]
    pub fn of(record: &Record, claims: &[Claim]) -> BTreeMap<String, Self> {
        let stated = claims.iter().flat_map(|claim| claim.cells.iter().map(move |c| (claim, c)));
        let stated: BTreeSet<Id> =
            stated.filter(|(claim, cell)| claim.decides(cell)).map(|(_, c)| c.id()).collect();
        let spread = |cell: &&Cell| {
            let decides = cell.a == cell.b || stated.contains(&cell.id);
            decides && cell.launches.len() >= DIVIDED
        };
        let without = record.drift.keys().map(|question| (question.clone(), Vec::new()));
        let mut cells: BTreeMap<String, Vec<&Cell>> = without.collect();
        for cell in record.cells.iter().filter(spread) {
            cells.entry(cell.id.question().to_owned()).or_default().push(cell);
        }
        let seen = |(question, cells): (String, Vec<&Cell>)| {
            let known = Self::known(record, &question);
            let a = |pair: &Pair| pair.a.ns_per_op().ln();
            let b = |pair: &Pair| pair.b.ns_per_op().ln();
            let times = cells.iter().flat_map(|cell| [between(cell, &a), between(cell, &b)]);
            let ratio = |pair: &Pair| b(pair) - a(pair);
            let differ = cells.iter().filter(|cell| cell.a != cell.b);
            let ratios = differ.map(|cell| between(cell, &ratio));
            let drift = Drift {
                times: known.times.or_seen(times.flatten().collect()),
                ratios: known.ratios.or_seen(ratios.flatten().collect()),
                unlike: known.unlike,
            };
            (question, drift)
        };
        cells.into_iter().map(seen).collect()
    }
}

impl Deviation {
    /// What runs of this machine show, if they are enough, or show more.
    fn or_between(self, between: Option<f64>, runs: u64) -> Self {
        let Some(seen) = between else { return self };
        let source = DriftSource::EarlierRuns(runs);
        if runs >= ENOUGH_RUNS {
            return Deviation { deviation: seen * stats::widened_by(runs as usize), source };
        }
        if seen > self.deviation { Deviation { deviation: seen, source } } else { self }
    }

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
        let source = DriftSource::ThisRun;
        if deviation > self.deviation { Deviation { deviation, source } } else { self }
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
    let medians = launch_medians(cell, read);
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

/// What is read off each pair, as the median of each launch that has any.
pub(super) fn launch_medians(cell: &Cell, read: &dyn Fn(&Pair) -> f64) -> Vec<f64> {
    let of_launch =
        |launch: &Launch| stats::median(&kept(launch).into_iter().map(read).collect::<Vec<f64>>());
    cell.launches.iter().filter_map(of_launch).collect()
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
        after(ns, None)
    }

    /// The same of a run that has earlier ones.
    fn after(ns: &[[u64; 2]], earlier: Option<BetweenRuns>) -> Drift {
        let cells = vec![cell("one", ns), cell("other", ns)];
        let drift = earlier.map(|runs| ("switching".to_owned(), runs)).into_iter().collect();
        let record = Record { cells, drift, ..Record::default() };
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
        assert_eq!(moved.times.source, DriftSource::ThisRun);
        assert!(moved.times.deviation > 0.15, "{moved:?}");
        assert_eq!(moved.ratios.source, DriftSource::Assumed, "nothing is said of ratios");
    }

    #[test]
    fn a_calm_run_is_taken_to_be_like_others() {
        let calm = [[1000, 2000]; 8];
        assert_eq!(drift(&calm), Drift::least("switching"));
        assert_eq!(drift(&calm[..5]), Drift::least("switching"), "too few launches");
    }

    #[test]
    fn earlier_runs_take_the_place_of_what_is_assumed_where_they_are_enough() {
        let calm = [[1000, 2000]; 8];
        let runs = |runs, times| BetweenRuns { runs, times: Some(times), ..Default::default() };
        let few = after(&calm, Some(runs(3, 0.001))).times;
        assert_eq!(few, Drift::least("switching").times, "too few to show less");
        let more = after(&calm, Some(runs(3, 0.2))).times;
        assert_eq!((more.deviation, more.source), (0.2, DriftSource::EarlierRuns(3)));
        let enough = after(&calm, Some(runs(4, 0.001)));
        assert_eq!(enough.times.source, DriftSource::EarlierRuns(4));
        assert!((enough.times.deviation - 0.001 * 2.776 / 1.96).abs() < 1e-6, "{enough:?}");
        assert_eq!(enough.ratios, Drift::least("switching").ratios, "they have none in common");
    }

    #[test]
    fn a_run_that_moves_more_than_earlier_ones_counts_as_it_moves() {
        let ns: Vec<[u64; 2]> = [1000, 1010, 1005, 1300, 1310, 1305].map(|a| [a, 2 * a]).into();
        let earlier = BetweenRuns { runs: 9, times: Some(0.01), ..Default::default() };
        let moved = after(&ns, Some(earlier)).times;
        assert_eq!(moved.source, DriftSource::ThisRun);
        assert!(moved.deviation > 0.15, "{moved:?}");
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
