//! What a record has to predict by: figures of cells, and curves over what a parent holds.

use super::Regime;
use super::small::{FORK, WAY};
use super::sum::{Absent, Basis, Sum};
use crate::claim::{ArmEvidence, Evidence, Judged};
use crate::question::creation::plan::{
    Axis, RESTED, STALLS, rested, rested_at, stalled, stamped, sweep, way,
};
use crate::question::judge;
use crate::record::{Id, Record, Stop};
use crate::stats::Interval;

/// What measures everything. A run of one cell has nothing else to predict by.
pub(super) const WHOLE_RUN: &str = "process-vs-thread run";
/// A point of a curve counts as met within this share of its place.
const MET: f64 = 0.01;

/// Which moment of a creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The creating call has returned: what the caller waits for.
    Returned,
    /// What was created has ended and is reaped.
    Reaped,
}

impl Until {
    pub(super) fn of(self, arm: &ArmEvidence) -> Option<Interval> {
        match self {
            Until::Returned => arm.call_ns,
            Until::Reaped => arm.reaped_ns,
        }
    }
}

/// A record with what its samples say.
pub(super) struct Source<'r> {
    pub(super) record: &'r Record,
    judged: Judged,
}

impl<'r> Source<'r> {
    pub(super) fn of(record: &'r Record) -> Self {
        Source { record, judged: judge(record) }
    }

    /// What the samples of a cell say, or what is missing and how to measure it.
    pub(super) fn evidence(&self, id: &Id) -> Result<&Evidence, Absent> {
        let absent = |why: String| Absent::new(why, WHOLE_RUN);
        let cell = self.record.cell(id).ok_or_else(|| absent(format!("the run has no {id}")))?;
        if let Stop::Failed(failure) = &cell.stop {
            return Err(Absent::for_good(format!("{id} failed: {failure}")));
        }
        let found = self.judged.evidence.get(id).filter(|found| found.launches > 0);
        let found = found.ok_or_else(|| absent(format!("the run kept no pair of {id}")))?;
        match found.samples.are_shown() {
            true => Ok(found),
            false => {
                let why = found.samples.too_few().unwrap_or("too few samples");
                Err(absent(format!("{id}: {why}")))
            }
        }
    }

    /// A figure that is read off the second arm of a cell.
    pub(super) fn figure(
        &self,
        id: &Id,
        read: impl Fn(&ArmEvidence) -> Option<Interval>,
    ) -> Result<Sum, Absent> {
        let figure = read(&self.evidence(id)?.b);
        let figure = figure.ok_or_else(|| {
            Absent::new(format!("the samples of {id} give no such figure"), WHOLE_RUN)
        })?;
        Ok(Sum::of(id, figure))
    }

    /// A small parent's fork.
    pub(super) fn small(&self, regime: Regime, until: Until) -> Result<Sum, Absent> {
        let id = match regime {
            Regime::Again => stamped(FORK),
            Regime::Rested => rested(),
        };
        self.figure(&id, |arm| until.of(arm))
    }

    /// What a parent's fork takes more when it holds this much more along an axis. What is
    /// measured after no rest counts as much after one.
    pub(super) fn growth(
        &self,
        axis: Axis,
        more: f64,
        regime: Regime,
        until: Until,
    ) -> Result<Sum, Absent> {
        let points = |plan: &[(Axis, &'static [u32])]| {
            plan.iter().find(|(known, _)| *known == axis).map(|(_, points)| *points)
        };
        let after_rest = points(&RESTED).filter(|_| regime == Regime::Rested);
        let (planned, state) = match after_rest {
            Some(planned) => (planned, Regime::Rested),
            None => (points(&STALLS).unwrap_or_default(), Regime::Again),
        };
        let points = planned.iter().map(|at| match state {
            Regime::Again => (*at, stalled(axis, *at)),
            Regime::Rested => (*at, rested_at(axis, *at)),
        });
        self.along(&self.small(state, until)?, points, more, |arm| until.of(arm))
    }

    /// The same along idle threads, whose sweep has the whole alone: what the caller waits for
    /// grows by no more.
    pub(super) fn threads(&self, more: f64, until: Until) -> Result<Sum, Absent> {
        if more == 0.0 {
            return Ok(Sum::nothing());
        }
        let whole = |arm: &ArmEvidence| arm.time_ns;
        let base = self.figure(&way(WAY, 0), whole)?;
        let points = Axis::Threads.points().iter().map(|at| (*at, sweep(Axis::Threads, *at)));
        let grown = self.along(&base, points, more, whole)?;
        Ok(match until {
            Until::Returned => grown.on(Basis::AtMost),
            Until::Reaped => grown,
        })
    }

    /// How far the curve through these points is above its base, so much further along.
    fn along(
        &self,
        base: &Sum,
        points: impl Iterator<Item = (u32, Id)>,
        more: f64,
        read: impl Fn(&ArmEvidence) -> Option<Interval>,
    ) -> Result<Sum, Absent> {
        let mut curve = vec![(0.0, base.clone())];
        let mut absent = None;
        for (at, id) in points {
            match self.figure(&id, &read) {
                Ok(sum) => curve.push((f64::from(at), sum)),
                Err(why) => absent = absent.or(Some(why)),
            }
        }
        if curve.len() == 1 {
            return match absent {
                Some(why) if more != 0.0 => Err(why),
                _ => Ok(Sum::nothing()),
            };
        }
        Ok(height(&curve, more).plus(&base.clone().times(-1.0)))
    }
}

/// The height of a curve at a place: of a point, of the line between two, or of the line through
/// the first and the last beyond the last.
fn height(curve: &[(f64, Sum)], at: f64) -> Sum {
    if let Some((_, met)) = curve.iter().find(|(x, _)| (at - x).abs() <= MET * x) {
        return met.clone();
    }
    let last = curve.len() - 1;
    let next = curve.iter().position(|(x, _)| *x > at);
    let (from, to, basis) = match next {
        // Less than the small parent holds: the first line, the other way.
        Some(0) => (0, 1, Basis::Extrapolated),
        Some(next) => (next - 1, next, Basis::Interpolated),
        None => (0, last, Basis::Extrapolated),
    };
    let ((x0, low), (x1, high)) = (&curve[from], &curve[to]);
    let share = (at - x0) / (x1 - x0);
    low.clone().times(1.0 - share).plus(&high.clone().times(share)).on(basis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::creation::plan::sweep;

    fn calm(height: f64) -> Interval {
        Interval { estimate: height, low: 0.9 * height, high: 1.1 * height }
    }

    fn curve() -> Vec<(f64, Sum)> {
        let point = |(x, y): (u32, f64)| (f64::from(x), Sum::of(&sweep(Axis::Memory, x), calm(y)));
        [(0, 100.0), (16, 500.0), (64, 1_700.0)].map(point).into()
    }

    #[test]
    fn a_height_is_that_of_a_point_or_of_a_line_and_says_which() {
        let at = |x: f64| {
            let amount = height(&curve(), x).amount();
            (amount.estimate.round(), amount.basis)
        };
        assert_eq!(at(0.0), (100.0, Basis::Measured));
        assert_eq!(at(16.1), (500.0, Basis::Measured));
        assert_eq!(at(40.0), (1_100.0, Basis::Interpolated));
        assert_eq!(at(128.0), (3_300.0, Basis::Extrapolated));
        assert_eq!(at(-2.0), (50.0, Basis::Extrapolated));
    }

    #[test]
    fn an_interval_widens_beyond_what_was_measured() {
        let width = |x: f64| {
            let amount = height(&curve(), x).amount();
            amount.interval().half_width() / amount.estimate
        };
        assert!((width(64.0) - 0.1).abs() < 1e-9);
        assert!(width(40.0) <= 0.1);
        assert!(width(640.0) > 0.1);
    }
}
