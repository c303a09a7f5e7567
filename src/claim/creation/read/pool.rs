//! Fork against a fresh pool, and dispatch to a worker against creating one.

use super::View;
use crate::claim::JudgedCell;
use crate::claim::creation::{BreakEven, Dispatch, Race, RacePoint};
use crate::plan::creation::{DISPATCHES, POOL_SIZES, RACES, dispatch, race};
use crate::stats::Interval;

impl View<'_> {
    /// A break-even comes of the cells that were let through by their gates.
    pub(super) fn races(&self, judged: &[JudgedCell]) -> Vec<Race> {
        let gated =
            |id: &str| judged.iter().any(|cell| cell.def.experiment == id && cell.margin.is_some());
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
        Some(RacePoint {
            threads,
            pool_ready_ns: found.a.first_ns?,
            child_ready_ns: found.b.first_ns?,
            pool_total_ns: found.a.reaped_ns?,
            child_total_ns: found.b.reaped_ns?,
            ratio: found.ready_ratio?,
        })
    }

    pub(super) fn dispatches(&self) -> Vec<Dispatch> {
        let one = |(name, ..): (&'static str, _, _)| {
            let found = self.evidence(&dispatch(name))?;
            let ratio = found.ratio?;
            Some(Dispatch {
                name,
                dispatch_ns: found.a.time_ns?,
                create_ns: found.b.time_ns?,
                ratio,
                paid_after: paid_after(ratio),
            })
        };
        DISPATCHES.into_iter().filter_map(one).collect()
    }
}

/// Tasks from which on creating once and dispatching each costs less than creating for each; none where a dispatch is not
/// certainly the cheaper one.
fn paid_after(ratio: Interval) -> Option<Interval> {
    let tasks = |ratio: f64| ratio / (ratio - 1.0);
    // The dearer the creation, the sooner.
    (ratio.low > 1.0).then(|| Interval {
        estimate: tasks(ratio.estimate),
        low: tasks(ratio.high),
        high: tasks(ratio.low),
    })
}

impl BreakEven {
    /// Where the ratio of child to pool falls below one for good, over sizes that rise.
    fn of(ratios: &[(u32, Interval)]) -> Self {
        let (Some((smallest, _)), Some((biggest, last))) = (ratios.first(), ratios.last()) else {
            return BreakEven::Unknown;
        };
        if ratios.iter().all(|(_, ratio)| ratio.high < 1.0) {
            return BreakEven::Always;
        }
        if last.low > 1.0 {
            return BreakEven::NotUpTo(*biggest);
        }
        let crossing = |height: fn(&Interval) -> f64| {
            let curve: Vec<(f64, f64)> = ratios
                .iter()
                .map(|(threads, ratio)| (f64::from(*threads).ln(), height(ratio).ln()))
                .collect();
            last_fall(&curve).map(f64::exp)
        };
        let Some(estimate) = crossing(|ratio| ratio.estimate) else { return BreakEven::Unknown };
        // An end that does not cross where it was measured is the end of what was measured.
        let [least, most] = [smallest, biggest].map(|threads| f64::from(*threads));
        let low = crossing(|ratio| ratio.low).unwrap_or(least);
        let high = crossing(|ratio| ratio.high).unwrap_or(most);
        BreakEven::At(Interval { estimate, low, high })
    }
}

/// Where a curve falls below zero and stays there, on the straight line between its points.
fn last_fall(curve: &[(f64, f64)]) -> Option<f64> {
    let last_above = curve.iter().rposition(|(_, height)| *height > 0.0)?;
    let (x, above) = curve[last_above];
    let (next, below) = *curve.get(last_above + 1)?;
    Some(x + (next - x) * above / (above - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(threads: u32, low: f64, high: f64) -> (u32, Interval) {
        (threads, Interval { estimate: (low * high).sqrt(), low, high })
    }

    #[test]
    fn a_break_even_lies_between_two_sizes_on_logarithmic_axes() {
        let BreakEven::At(found) = BreakEven::of(&[at(4, 4.0, 4.0), at(16, 0.25, 0.25)]) else {
            panic!("it crosses")
        };
        for figure in [found.estimate, found.low, found.high] {
            assert!((figure - 8.0).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn its_interval_is_where_the_ends_of_the_figures_cross_as_far_as_was_measured() {
        let ratios = [at(1, 4.0, 16.0), at(4, 1.0, 4.0), at(16, 0.25, 1.0), at(64, 0.0625, 0.25)];
        let BreakEven::At(found) = BreakEven::of(&ratios) else { panic!("it crosses") };
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(found.estimate, 8.0) && near(found.low, 4.0) && near(found.high, 16.0));
        let BreakEven::At(cut) = BreakEven::of(&[at(2, 0.5, 8.0), at(8, 0.125, 2.0)]) else {
            panic!("it crosses")
        };
        assert!(near(cut.estimate, 4.0) && near(cut.low, 2.0) && near(cut.high, 8.0), "{cut:?}");
    }

    #[test]
    fn a_fork_that_falls_back_is_not_yet_first_for_good() {
        let ratios = [at(1, 4.0, 4.0), at(4, 0.5, 0.5), at(16, 4.0, 4.0), at(64, 0.25, 0.25)];
        let BreakEven::At(found) = BreakEven::of(&ratios) else { panic!("it crosses") };
        assert!((found.estimate - 32.0).abs() < 1e-9, "{found:?}");
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

    #[test]
    fn a_pool_has_paid_the_sooner_the_dearer_its_workers() {
        let ratio = |low, estimate, high| Interval { estimate, low, high };
        let expected = Interval { estimate: 2.0, low: 1.5, high: 5.0 };
        assert_eq!(paid_after(ratio(1.25, 2.0, 3.0)), Some(expected));
        assert_eq!(paid_after(ratio(0.9, 2.0, 3.0)), None);
        assert_eq!(paid_after(ratio(1.0, 1.1, 1.2)), None);
    }
}
