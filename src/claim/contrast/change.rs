//! A figure in two runs: how far they are apart, with an interval that holds between runs.

use crate::claim::{Brief, Unit, significant, times};
use crate::stats::Interval;

/// A figure of a later run against that of the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FigureChange {
    /// In the first run.
    pub before: Interval,
    /// In the later one.
    pub after: Interval,
    /// How far they are apart, with its 95 % interval.
    pub kind: Kind,
    /// Have the intervals of both runs no point in common, and is it no trifle?
    pub beyond: bool,
}

/// A factor below this is no change that anybody looks for: figures are judged by margins of at
/// least two in a hundred.
const LEAST: f64 = 1.02;

/// How two figures are held against each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The later over the first: of what is more than nothing.
    Ratio(Interval),
    /// The later minus the first: of what may be less.
    Difference(Interval),
}

impl FigureChange {
    /// Of two figures. `rerun`: the interval of each holds already for a rerun, so that it has the
    /// noise of two runs in it; two such intervals have that of four, and the change has half of
    /// it.
    #[must_use]
    pub fn of(before: Interval, after: Interval, rerun: bool) -> Self {
        let shrink = if rerun { 0.5_f64.sqrt() } else { 1.0 };
        let narrowed = |interval: Interval| Interval {
            estimate: interval.estimate,
            low: interval.estimate - shrink * (interval.estimate - interval.low),
            high: interval.estimate + shrink * (interval.high - interval.estimate),
        };
        let apart =
            |before, after| narrowed(Interval::combination(&[(1.0, after), (-1.0, before)]));
        let kind = match before.low > 0.0 && after.low > 0.0 {
            true => {
                let [before, after] = [before, after].map(|interval| interval.map(f64::ln));
                Kind::Ratio(apart(before, after).map(f64::exp))
            }
            false => Kind::Difference(apart(before, after)),
        };
        let apart = before.high < after.low || after.high < before.low;
        let change = FigureChange { before, after, kind, beyond: apart };
        FigureChange { beyond: apart && change.size() >= LEAST.ln(), ..change }
    }

    /// The ratio, where both figures are more than nothing.
    #[must_use]
    pub fn ratio(&self) -> Option<Interval> {
        match self.kind {
            Kind::Ratio(ratio) => Some(ratio),
            Kind::Difference(_) => None,
        }
    }

    /// How large it is, to sort by: the logarithm of a factor. A difference counts as a factor of
    /// the smaller figure.
    #[must_use]
    pub fn size(&self) -> f64 {
        match self.kind {
            Kind::Ratio(ratio) => ratio.estimate.ln().abs(),
            Kind::Difference(apart) => {
                let [one, other] = [self.before, self.after].map(|i| i.estimate.abs());
                (1.0 + apart.estimate.abs() / one.min(other).max(f64::MIN_POSITIVE)).ln()
            }
        }
    }

    /// `1.9× [1.7, 2.1]`, or `-40 [-60, -20] cycles`.
    #[must_use]
    pub fn words(&self, unit: Unit) -> String {
        match self.kind {
            Kind::Ratio(ratio) => {
                let [low, high] = [ratio.low, ratio.high].map(significant);
                format!("{} [{low}, {high}]", times(ratio.estimate))
            }
            Kind::Difference(apart) => {
                let sign = if apart.estimate > 0.0 { "+" } else { "" };
                format!("{sign}{}", unit.format_interval(apart))
            }
        }
    }

    /// `99 µs`: a figure in as few characters as a reader needs.
    #[must_use]
    pub fn brief(unit: Unit, figure: Interval) -> String {
        match unit {
            Unit::Times => times(figure.estimate),
            unit => unit.brief(figure.estimate),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(estimate: f64, low: f64, high: f64) -> Interval {
        Interval { estimate, low, high }
    }

    #[test]
    fn a_ratio_of_two_runs_has_the_width_of_a_rerun_where_both_are_alike() {
        let one = at(100.0, 80.0, 125.0);
        let same = FigureChange::of(one, one, true);
        let ratio = same.ratio().unwrap();
        assert!((ratio.low - 0.8).abs() < 1e-12 && (ratio.high - 1.25).abs() < 1e-12, "{ratio:?}");
        assert!(!same.beyond && same.size() == 0.0);
        // Where the intervals are of one run each, the ratio is wider than either.
        let wide = FigureChange::of(one, one, false).ratio().unwrap();
        assert!((wide.high.ln() - 1.25_f64.ln() * 2.0_f64.sqrt()).abs() < 1e-12, "{wide:?}");
    }

    #[test]
    fn only_what_no_interval_reaches_is_beyond_both() {
        let before = at(100.0, 90.0, 110.0);
        assert!(FigureChange::of(before, at(130.0, 111.0, 150.0), true).beyond);
        assert!(!FigureChange::of(before, at(130.0, 110.0, 150.0), true).beyond);
        assert!(FigureChange::of(before, at(50.0, 40.0, 89.0), true).beyond);
        // What is read off exactly has no width; a byte more in a hundred is no change.
        let exact = |bytes: f64| at(bytes, bytes, bytes);
        assert!(!FigureChange::of(exact(1_000.0), exact(1_010.0), true).beyond);
        assert!(FigureChange::of(exact(1_000.0), exact(1_030.0), true).beyond);
    }

    #[test]
    fn what_may_be_nothing_is_a_difference() {
        let change = FigureChange::of(at(-10.0, -20.0, 5.0), at(40.0, 30.0, 50.0), true);
        let Kind::Difference(apart) = change.kind else { panic!("{change:?}") };
        assert!(change.beyond && apart.estimate == 50.0 && apart.low > 30.0, "{apart:?}");
        assert!(change.words(Unit::Cycles).starts_with("+50"), "{}", change.words(Unit::Cycles));
        assert!((change.size() - 6.0_f64.ln()).abs() < 1e-12);
    }
}
