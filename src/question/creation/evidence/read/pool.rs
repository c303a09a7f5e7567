//! Fork against a fresh pool, and dispatch to a worker against creating one.

use super::View;
use crate::claim::JudgedCell;
use crate::question::creation::evidence::{BreakEven, Dispatch, Race, RacePoint};
use crate::question::creation::plan::{DISPATCHES, POOL_SIZES, RACES, dispatch, race};
use crate::record::Id;
use crate::stats::Interval;

impl View<'_> {
    /// A break-even comes of the cells that were let through by their gates.
    pub(super) fn races(&self, judged: &[JudgedCell]) -> Vec<Race> {
        let gated =
            |id: &Id| judged.iter().any(|cell| cell.def.id() == *id && cell.margin.is_some());
        let one = |(name, ..): (&'static str, _, _, _)| {
            let point = |threads: u32| self.race_point(name, threads);
            let points: Vec<RacePoint> = POOL_SIZES.into_iter().filter_map(point).collect();
            let ratios: Vec<(u32, Interval)> = points
                .iter()
                .filter(|point| gated(&race(name, point.threads)))
                .map(|point| (point.threads, point.ratio))
                .collect();
            let break_even = BreakEven::of(&ratios);
            (!points.is_empty()).then_some(Race { name, points, break_even })
        };
        RACES.into_iter().filter_map(one).collect()
    }

    fn race_point(&self, name: &str, threads: u32) -> Option<RacePoint> {
        let found = self.evidence(&race(name, threads))?;
        Some(RacePoint { threads, ratio: found.ready_ratio? })
    }

    pub(super) fn dispatches(&self) -> Vec<Dispatch> {
        let one = |(name, ..): (&'static str, _, _)| {
            let found = self.evidence(&dispatch(name))?;
            Some(Dispatch {
                name,
                dispatch_ns: found.a.time_ns?,
                create_ns: found.b.time_ns?,
                ratio: found.ratio?,
            })
        };
        DISPATCHES.into_iter().filter_map(one).collect()
    }
}

/// Sizes at most this factor apart are neighbours, between which a line may be drawn.
const NEIGHBOURS: f64 = 2.0;

impl BreakEven {
    /// Where the ratio of child to pool falls below one for good, over sizes that rise.
    fn of(ratios: &[(u32, Interval)]) -> Self {
        let Some((biggest, last)) = ratios.last() else {
            return BreakEven::Unknown;
        };
        if ratios.iter().all(|(_, ratio)| ratio.high < 1.0) {
            return BreakEven::Always;
        }
        if last.low > 1.0 {
            return BreakEven::NotUpTo(*biggest);
        }
        let falls = |height: fn(&Interval) -> f64| {
            let heights = ratios.iter().map(|(threads, ratio)| (*threads, height(ratio)));
            Fall::last(&heights.collect::<Vec<_>>())
        };
        let Some(estimate) = falls(|ratio| ratio.estimate) else { return BreakEven::Unknown };
        let [low, high] = [falls(|ratio| ratio.low), falls(|ratio| ratio.high)];
        if [Some(&estimate), low.as_ref(), high.as_ref()].into_iter().flatten().any(Fall::is_wide) {
            return Self::bracket(ratios);
        }
        BreakEven::At(estimate.at())
    }

    /// The last size at which the pool is certainly first, and that from which on the fork
    /// certainly is.
    fn bracket(ratios: &[(u32, Interval)]) -> Self {
        let last_above = ratios.iter().rev().find(|(_, ratio)| ratio.low > 1.0);
        let below = ratios.iter().rev().take_while(|(_, ratio)| ratio.high < 1.0).last();
        match (last_above, below) {
            (Some((low, _)), Some((high, _))) => BreakEven::Between(*low, *high),
            _ => BreakEven::Unknown,
        }
    }
}

/// Where a curve falls below one and stays there: the points before and after, a size and a height
/// each.
struct Fall {
    before: (u32, f64),
    after: (u32, f64),
}

impl Fall {
    fn last(curve: &[(u32, f64)]) -> Option<Self> {
        let last_above = curve.iter().rposition(|(_, height)| *height > 1.0)?;
        Some(Fall { before: curve[last_above], after: *curve.get(last_above + 1)? })
    }

    /// Is there a size between its points that was not measured?
    fn is_wide(&self) -> bool {
        f64::from(self.after.0) > NEIGHBOURS * f64::from(self.before.0)
    }

    /// On the straight line between its points, on logarithmic axes.
    fn at(&self) -> f64 {
        let [(x, above), (next, below)] =
            [self.before, self.after].map(|(size, height)| (f64::from(size).ln(), height.ln()));
        (x + (next - x) * above / (above - below)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(threads: u32, low: f64, high: f64) -> (u32, Interval) {
        (threads, Interval { estimate: (low * high).sqrt(), low, high })
    }

    #[test]
    fn a_break_even_lies_between_two_sizes_on_logarithmic_axes() {
        let near = |ratios: &[(u32, Interval)], expected: f64| {
            let BreakEven::At(found) = BreakEven::of(ratios) else { panic!("it crosses") };
            assert!((found - expected.sqrt()).abs() < 1e-9, "{found:?}");
        };
        near(&[at(8, 2.0, 2.0), at(16, 0.5, 0.5)], 128.0);
        near(&[at(2, 4.0, 16.0), at(4, 1.0, 4.0), at(8, 0.25, 1.0), at(16, 0.0625, 0.25)], 32.0);
        near(&[at(4, 0.5, 8.0), at(8, 0.125, 2.0)], 32.0);
        // One that falls back is not yet first for good.
        near(&[at(1, 4.0, 4.0), at(2, 0.5, 0.5), at(4, 2.0, 2.0), at(8, 0.5, 0.5)], 32.0);
    }

    #[test]
    fn across_sizes_that_were_not_measured_only_the_bracket_is_told() {
        assert_eq!(BreakEven::of(&[at(1, 5.0, 6.0), at(8, 0.5, 0.6)]), BreakEven::Between(1, 8));
        // The line itself crosses between neighbours, an end of its interval beyond them.
        let ratios = [at(2, 3.0, 4.0), at(4, 0.8, 1.2), at(16, 0.5, 0.6)];
        assert_eq!(BreakEven::of(&ratios), BreakEven::Between(2, 16));
        // No size is certainly the pool's.
        assert_eq!(BreakEven::of(&[at(1, 0.9, 6.0), at(8, 0.5, 0.6)]), BreakEven::Unknown);
    }

    #[test]
    fn always_never_and_untold() {
        assert_eq!(BreakEven::of(&[at(1, 0.5, 0.6), at(8, 0.1, 0.2)]), BreakEven::Always);
        assert_eq!(BreakEven::of(&[at(1, 5.0, 6.0), at(8, 2.0, 3.0)]), BreakEven::NotUpTo(8));
        // The last size may be either; the first may be.
        assert_eq!(BreakEven::of(&[at(1, 5.0, 6.0), at(8, 0.9, 2.0)]), BreakEven::Unknown);
        assert_eq!(BreakEven::of(&[at(1, 0.5, 1.1), at(8, 0.1, 0.2)]), BreakEven::Unknown);
        assert_eq!(BreakEven::of(&[]), BreakEven::Unknown);
    }
}
