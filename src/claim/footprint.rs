//! What idle units keep of the memory, read off footprints.

use super::{CellDef, CellVerdict, Estimand};
use crate::record::{Footprint, FootprintLaunch, MemoryReading, Record};
use crate::stats::{self, Interval};

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [5, 3];

/// The figure of a cell, or the verdict and reason that stand for it.
pub(super) fn read(def: &CellDef, record: &Record) -> Result<Interval, (CellVerdict, String)> {
    let own = sound(def.experiment, record)?;
    let few = || (CellVerdict::Inconclusive, "too few launches for an interval".to_owned());
    match def.estimand {
        Estimand::VirtualPerUnit => per_unit(own, |reading| reading.virtual_bytes),
        Estimand::MemoryOver(other) => {
            let other = sound(other, record)?;
            let total = |reading: &MemoryReading| reading.total_bytes;
            per_unit(own, total).zip(per_unit(other, total)).and_then(over)
        }
        Estimand::PeakOver(other) => peak(own).zip(peak(sound(other, record)?)).and_then(over),
        _ => per_unit(own, |reading| reading.total_bytes),
    }
    .ok_or_else(few)
}

/// The footprint, if it has what a verdict needs.
fn sound<'r>(id: &str, record: &'r Record) -> Result<&'r Footprint, (CellVerdict, String)> {
    let Some(footprint) = record.footprint(id) else {
        return Err((CellVerdict::NotRun, "this run did not try it".to_owned()));
    };
    let launches = footprint.launches.len();
    match &footprint.failure {
        Some(failure) if launches == 0 => Err((CellVerdict::NotMeasurable, failure.to_string())),
        Some(failure) => Err((CellVerdict::Inconclusive, failure.to_string())),
        None if launches < LEAST_LAUNCHES[usize::from(record.run.quick)] => {
            Err((CellVerdict::Inconclusive, format!("too few launches: {launches}")))
        }
        None => Ok(footprint),
    }
}

/// Bytes per unit: the slope between the two readings with most units, which has no part of what does not grow with
/// them. `None` with fewer than two launches.
#[must_use]
pub fn per_unit(footprint: &Footprint, part: impl Fn(&MemoryReading) -> u64) -> Option<Interval> {
    let slope = |launch: &FootprintLaunch| {
        let [.., fewer, more] = launch.readings.as_slice() else { return None };
        let units = f64::from(more.units) - f64::from(fewer.units);
        (units > 0.0).then(|| vec![(part(more) as f64 - part(fewer) as f64) / units])
    };
    let slopes: Option<Vec<Vec<f64>>> = footprint.launches.iter().map(slope).collect();
    stats::cluster_median(&slopes?, footprint.seed)
}

/// Most bytes in use by all units together, beyond what was in use without any. Where nobody keeps the peak, the
/// proportional share of all while they lived. `None` with fewer than two launches.
#[must_use]
pub fn peak(footprint: &Footprint) -> Option<Interval> {
    let kept = footprint.launches.iter().flat_map(|l| &l.readings).all(|r| r.peak_bytes > 0);
    let most = |launch: &FootprintLaunch| {
        let (first, last) = (launch.readings.first()?, launch.readings.last()?);
        let [before, at_peak] = match kept {
            true => [first.total_bytes, last.peak_bytes],
            false => [first.proportional_bytes, last.proportional_bytes],
        };
        Some(vec![at_peak as f64 - before as f64])
    };
    let peaks: Option<Vec<Vec<f64>>> = footprint.launches.iter().map(most).collect();
    stats::cluster_median(&peaks?, footprint.seed)
}

/// One over the other; nothing where one of them may be nothing.
fn over((one, other): (Interval, Interval)) -> Option<Interval> {
    let logarithms = [one, other].map(|i| (i.low > 0.0).then(|| i.map(f64::ln)));
    let [Some(one), Some(other)] = logarithms else { return None };
    Some(Interval::combination(&[(1.0, one), (-1.0, other)]).map(f64::exp))
}
