//! A fork in bigger and bigger parents.

use super::View;
use crate::claim::samples;
use crate::claim::{NO_PAGE, small_parent};
use crate::question::creation::evidence::{Point, Slope, Sweep};
use crate::question::creation::plan::{Axis, sweep, way};
use crate::record::{Id, Pair, Stop};
use crate::stats::{Interval, theil_sen};

/// Memory that an entry of the page table of huge pages stands for, MiB.
const HUGE_ENTRY_MIB: f64 = 2.0;
const MILLISECOND_NS: f64 = 1e6;
const MEBIBYTE: f64 = 1048576.0;

impl View<'_> {
    pub(super) fn sweeps(&self) -> Vec<Sweep> {
        Axis::ALL.into_iter().filter_map(|axis| self.sweep(axis)).collect()
    }

    fn sweep(&self, axis: Axis) -> Option<Sweep> {
        let sizes = axis.points().iter().map(|at| (*at, sweep(axis, *at)));
        // The comparison in a small parent is the first point of every sweep.
        let all: Vec<(u32, Id)> = [(0, way("fork", 0))].into_iter().chain(sizes).collect();
        let points: Vec<Point> = all.iter().filter_map(|(at, id)| self.point(*at, id)).collect();
        let missing: Vec<(u32, String)> =
            all.iter().filter_map(|(at, id)| Some((*at, self.why_missing(id)?))).collect();
        let grown = |at: u32| at > 0;
        if !points.iter().any(|p| grown(p.at)) && !missing.iter().any(|(at, _)| grown(*at)) {
            return None;
        }
        let line = |half| self.slope(axis, &all, half);
        let one_ms_at = one_ms_at(&points);
        let (fork, thread) = (line(|pair| &pair.b), line(|pair| &pair.a));
        let small = self.small(axis);
        Some(Sweep { axis, small, points, fork, thread: thread.ok(), one_ms_at, missing })
    }

    fn point(&self, at: u32, id: &Id) -> Option<Point> {
        let found = self.evidence(id)?;
        let (fork_ns, thread_ns) = (found.b.time_ns?, found.a.time_ns?);
        let sound = self.sound(id).is_some();
        Some(Point { at, fork_ns, thread_ns, ratio: found.ratio?, sound })
    }

    /// The reason why an experiment that was tried has no figure.
    fn why_missing(&self, id: &Id) -> Option<String> {
        let cell = self.record.cell(id)?;
        let measured = self.evidence(id).is_some_and(|found| found.ratio.is_some());
        (!measured).then(|| match &cell.stop {
            Stop::Failed(failure) => failure.to_string(),
            _ => "too few samples for an interval".to_owned(),
        })
    }

    /// The line through the points that may be concluded from, or why there is none.
    fn slope(
        &self,
        axis: Axis,
        all: &[(u32, Id)],
        half: fn(&Pair) -> &crate::record::Half,
    ) -> Result<Slope, &'static str> {
        let units = self.units(axis).ok_or(NO_PAGE)?;
        let sound = all.iter().filter_map(|(at, id)| Some((*at, self.sound(id)?)));
        let cells: Vec<_> = sound.collect();
        let points: Vec<_> =
            cells.iter().map(|(at, cell)| (f64::from(*at) * units, samples(cell, half))).collect();
        let line = theil_sen(&points);
        let line = line.ok_or("too few of its points were measured far enough")?;
        Ok(Slope {
            ns_per_unit: line.slope,
            base_ns: line.intercept,
            correlation: (points.len() > 2).then_some(line.correlation),
        })
    }

    /// What the small parent holds of what grows: its own pages, or its mappings.
    fn small(&self, axis: Axis) -> Option<f64> {
        let lab = small_parent(self.record)?;
        let held = match axis {
            Axis::Memory | Axis::HugeMemory | Axis::ScatteredMemory => {
                lab.own_bytes as f64 / MEBIBYTE
            }
            Axis::Mappings => lab.vmas as f64,
            Axis::CleanMappings => lab.vmas.saturating_sub(lab.written_vmas) as f64,
            Axis::Descriptors => lab.fds as f64,
            Axis::Threads => lab.threads as f64,
        };
        (held > 0.0).then_some(held)
    }

    /// How many of what a fork copies one by one stand behind a step of the axis; `None` where the
    /// record does not say how big a page is.
    fn units(&self, axis: Axis) -> Option<f64> {
        match axis {
            Axis::Memory | Axis::ScatteredMemory => {
                Some(MEBIBYTE / self.record.machine.page_bytes? as f64)
            }
            Axis::HugeMemory => Some(1.0 / HUGE_ENTRY_MIB),
            Axis::Mappings | Axis::CleanMappings | Axis::Descriptors | Axis::Threads => Some(1.0),
        }
    }
}

/// Where the fork crosses a millisecond, between points that may be concluded from only. Where an
/// end of the interval crosses beyond them, it is the last of their places.
fn one_ms_at(points: &[Point]) -> Option<Interval> {
    let points: Vec<&Point> = points.iter().filter(|point| point.sound).collect();
    let curve = |height: fn(&Interval) -> f64| -> Vec<(f64, f64)> {
        points.iter().map(|point| (f64::from(point.at), height(&point.fork_ns))).collect()
    };
    let crossing = |curve: Vec<(f64, f64)>| {
        curve.windows(2).find_map(|pair| {
            let [(x, before), (next, after)] = [pair[0], pair[1]];
            let share = (MILLISECOND_NS - before) / (after - before);
            (before < MILLISECOND_NS && after >= MILLISECOND_NS).then_some(x + share * (next - x))
        })
    };
    let estimate = crossing(curve(|ns| ns.estimate))?;
    let ends = [points.first()?.at, points.last()?.at].map(f64::from);
    Some(Interval {
        estimate,
        low: crossing(curve(|ns| ns.high)).unwrap_or(ends[0]),
        high: crossing(curve(|ns| ns.low)).unwrap_or(ends[1]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(figures: &[(u32, f64, f64, f64)]) -> Vec<Point> {
        let point = |(at, low, estimate, high): &(u32, f64, f64, f64)| {
            let fork_ns = Interval { estimate: *estimate, low: *low, high: *high };
            Point { at: *at, fork_ns, thread_ns: fork_ns, ratio: fork_ns, sound: true }
        };
        figures.iter().map(point).collect()
    }

    #[test]
    fn a_millisecond_is_crossed_between_measured_points() {
        let found = points(&[(0, 0.0, 0.0, 0.0), (10, 0.8e6, 2e6, 4e6), (20, 1.6e6, 4e6, 8e6)]);
        assert_eq!(one_ms_at(&found), Some(Interval { estimate: 5.0, low: 2.5, high: 12.5 }));
    }

    #[test]
    fn a_point_of_too_few_samples_crosses_nothing() {
        let mut found = points(&[(0, 0.0, 0.0, 0.0), (5, 8e6, 8e6, 8e6), (10, 2e6, 2e6, 2e6)]);
        found[1].sound = false;
        assert_eq!(one_ms_at(&found), Some(Interval { estimate: 5.0, low: 5.0, high: 5.0 }));
        found[2].sound = false;
        assert_eq!(one_ms_at(&found), None);
    }

    #[test]
    fn a_millisecond_is_not_sought_beyond_them() {
        assert_eq!(one_ms_at(&points(&[(0, 1e3, 1e3, 1e3), (10, 9e5, 9e5, 9e5)])), None);
        assert_eq!(one_ms_at(&points(&[(0, 2e6, 2e6, 2e6), (10, 9e6, 9e6, 9e6)])), None);
        // The lower end of the curve does not reach it; the upper end is beyond it from the start.
        let found = points(&[(0, 0.0, 0.0, 1.5e6), (10, 0.5e6, 2e6, 4e6)]);
        assert_eq!(one_ms_at(&found), Some(Interval { estimate: 5.0, low: 0.0, high: 10.0 }));
    }
}
