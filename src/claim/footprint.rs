//! What idle units keep of the memory, read off footprints.

use super::{CellDef, CellVerdict, Estimand};
use crate::record::{Footprint, FootprintLaunch, MemoryReading, MemorySource, Record};
use crate::stats::{self, Interval};
use std::mem::discriminant;

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [5, 3];

/// What is said of a figure for which there was no control group.
const WHOLE_MACHINE: &str = "(whole machine's figures: others' changes are in it)";
/// What is said of a peak that nobody kept.
const BY_SHARE: &str = "(nobody kept the peak: proportional shares while all lived)";

/// The figure of a cell with what is to be said beside it, or the verdict and reason that stand for it.
pub(super) fn read(
    def: &CellDef,
    record: &Record,
) -> Result<(Interval, &'static str), (CellVerdict, String)> {
    let own = sound(def.experiment, record)?;
    let total = |reading: &MemoryReading| reading.total_bytes as f64;
    let figure = match def.estimand {
        // Of the creating process alone, whoever keeps the books of memory.
        Estimand::VirtualPerUnit => {
            let address_space = per_unit(own, |reading| reading.virtual_bytes as f64);
            return address_space.ok_or_else(few).map(|figure| (figure, ""));
        }
        Estimand::MemoryOver(other) => {
            let other = alike(own, sound(other, record)?)?;
            over(per_unit(own, total), per_unit(other, total))?
        }
        Estimand::PeakOver(other) => {
            let other = alike(own, sound(other, record)?)?;
            over(peak(own), peak(other))?
        }
        _ => per_unit(own, total).ok_or_else(few)?,
    };
    let of_the_machine = match (def.estimand, source(own)) {
        (Estimand::PeakOver(_), _) if !peak_kept(own) => BY_SHARE,
        (_, Some(MemorySource::Meminfo { .. })) => WHOLE_MACHINE,
        _ => "",
    };
    Ok((figure, of_the_machine))
}

fn few() -> (CellVerdict, String) {
    (CellVerdict::Inconclusive, "too few launches for an interval".to_owned())
}

/// The other footprint, if its books are kept as those of the first.
fn alike<'r>(
    own: &Footprint,
    other: &'r Footprint,
) -> Result<&'r Footprint, (CellVerdict, String)> {
    let same =
        |(one, other): (&MemorySource, &MemorySource)| discriminant(one) == discriminant(other);
    match source(own).zip(source(other)) {
        Some(both) if same(both) && peak_kept(own) == peak_kept(other) => Ok(other),
        _ => {
            Err((CellVerdict::Inconclusive, "the two were not read from the same books".to_owned()))
        }
    }
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

/// Who kept the books, the same in all launches; `None` where they differ, or where there are none.
#[must_use]
pub fn source(footprint: &Footprint) -> Option<&MemorySource> {
    let mut sources = footprint.launches.iter().map(|launch| &launch.source);
    let first = sources.next()?;
    sources.all(|source| discriminant(source) == discriminant(first)).then_some(first)
}

/// Bytes per unit: the slope between the two readings with most units, which has no part of what does not grow with
/// them. `None` with fewer than two launches.
#[must_use]
pub fn per_unit(footprint: &Footprint, part: impl Fn(&MemoryReading) -> f64) -> Option<Interval> {
    let slope = |launch: &FootprintLaunch| {
        let [.., fewer, more] = launch.readings.as_slice() else { return None };
        let units = f64::from(more.units) - f64::from(fewer.units);
        (units > 0.0).then(|| vec![(part(more) - part(fewer)) / units])
    };
    let slopes: Option<Vec<Vec<f64>>> = footprint.launches.iter().map(slope).collect();
    stats::cluster_median(&slopes?, footprint.seed)
}

/// Did somebody keep the peak, in all launches?
#[must_use]
pub fn peak_kept(footprint: &Footprint) -> bool {
    footprint.launches.iter().flat_map(|l| &l.readings).all(|reading| reading.peak_bytes > 0)
}

/// Most bytes in use by all units together, beyond what was in use without any. Where nobody keeps the peak, the
/// proportional share of all while they lived. `None` with fewer than two launches.
#[must_use]
pub fn peak(footprint: &Footprint) -> Option<Interval> {
    let kept = peak_kept(footprint);
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

/// One over the other.
fn over(one: Option<Interval>, other: Option<Interval>) -> Result<Interval, (CellVerdict, String)> {
    let both = [one.ok_or_else(few)?, other.ok_or_else(few)?];
    if both.iter().any(|interval| interval.low <= 0.0) {
        let reason = "no ratio: one of the two may be nothing".to_owned();
        return Err((CellVerdict::Inconclusive, reason));
    }
    let [one, other] = both.map(|interval| interval.map(f64::ln));
    Ok(Interval::combination(&[(1.0, one), (-1.0, other)]).map(f64::exp))
}
