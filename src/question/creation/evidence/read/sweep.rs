//! A fork in bigger and bigger parents.

use super::View;
use crate::claim::samples;
use crate::question::creation::evidence::{Point, Sweep};
use crate::question::creation::plan::{Axis, sweep, way};
use crate::record::Id;
use crate::stats::{Interval, theil_sen};

/// Memory that an entry of the page table of huge pages stands for, MiB.
const HUGE_ENTRY_MIB: f64 = 2.0;
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
        points.iter().any(|point| point.at > 0).then(|| {
            let ns_per_unit = self.slope(axis, &all);
            Sweep { axis, points, ns_per_unit }
        })
    }

    fn point(&self, at: u32, id: &Id) -> Option<Point> {
        let found = self.evidence(id)?;
        let (fork_ns, thread_ns) = (found.b.time_ns?, found.a.time_ns?);
        let sound = self.sound(id).is_some();
        Some(Point { at, fork_ns, thread_ns, ratio: found.ratio?, sound })
    }

    /// The slope of the line through the points that may be concluded from.
    fn slope(&self, axis: Axis, all: &[(u32, Id)]) -> Option<Interval> {
        let units = self.units(axis)?;
        let sound = all.iter().filter_map(|(at, id)| Some((*at, self.sound(id)?)));
        let points: Vec<_> =
            sound.map(|(at, cell)| (f64::from(at) * units, samples(cell, |p| &p.b))).collect();
        Some(theil_sen(&points)?.slope)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn points(figures: &[(u32, f64)]) -> Vec<Point> {
        let point = |&(at, estimate): &(u32, f64)| {
            let ns = Interval { estimate, low: estimate, high: estimate };
            Point { at, fork_ns: ns, thread_ns: ns, ratio: ns, sound: true }
        };
        figures.iter().map(point).collect()
    }

    fn one_ms_at(points: Vec<Point>) -> Option<f64> {
        let sweep = Sweep { axis: Axis::Memory, points, ns_per_unit: None };
        sweep.reaches(1e6, |point| point.fork_ns.estimate)
    }

    #[test]
    fn a_millisecond_is_crossed_between_measured_points_of_enough_samples() {
        assert_eq!(one_ms_at(points(&[(0, 0.0), (10, 2e6), (20, 4e6)])), Some(5.0));
        let mut found = points(&[(0, 0.0), (5, 8e6), (10, 2e6)]);
        found[1].sound = false;
        assert_eq!(one_ms_at(found), Some(5.0));
        assert_eq!(one_ms_at(points(&[(0, 1e3), (10, 9e5)])), None);
        assert_eq!(one_ms_at(points(&[(0, 2e6), (10, 9e6)])), None);
    }
}
