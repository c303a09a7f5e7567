//! What idle units keep of the memory, read off footprints.

use super::{CellDef, CellVerdict, Estimand, Lack, NO_PAGE};
use crate::record::{
    DRILL_WORKERS, Footprint, FootprintLaunch, Id, MemoryReading, MemorySource, Record,
};
use crate::stats::{self, Interval};
use std::mem::discriminant;

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [5, 3];
/// Launches that evidence needs, which gets no verdict.
const SHOWN_LAUNCHES: usize = 3;

/// Pages that the kernel charges to a control group at once, for a CPU to take from one by one
/// (`MEMCG_CHARGE_BATCH`, mm/memcontrol.c): a reading is too high by what is left of them. A lab
/// and its units are on one CPU.
const STEP_PAGES: f64 = 64.0;

/// What is said of a figure for which there was no control group.
const WHOLE_MACHINE: &str = "(measured for the whole machine, other programs included)";
/// What is said of a peak that nobody kept.
const BY_SHARE: &str = "(peak not recorded: proportional shares, PSS, while all ran)";

/// The figure of a cell with what is to be said beside it, or the verdict and reason that stand for
/// it.
pub(super) fn read(
    def: &CellDef,
    record: &Record,
) -> Result<(Interval, &'static str), (CellVerdict, String)> {
    let own = sound(&def.id(), record)?;
    let total = |reading: &MemoryReading| reading.total_bytes as f64;
    let figure = match def.estimand {
        // Of the creating process alone, whoever keeps the books of memory.
        Estimand::VirtualPerUnit => {
            let address_space = per_unit(own, |reading| reading.virtual_bytes as f64);
            return address_space.ok_or_else(few).map(|figure| (figure, ""));
        }
        Estimand::MemoryOver(other) => {
            let other = alike(own, sound(&other.id(), record)?)?;
            let [own, other] = positive([per_unit(own, total), per_unit(other, total)])?;
            own.over(other)
        }
        Estimand::PeakOver(other) => {
            let other = alike(own, sound(&other.id(), record)?)?;
            let step_bytes = step_bytes(own, record).ok_or_else(no_page)?;
            let [own, other] = positive([peak(own, record), peak(other, record)])?;
            match step_bytes > 0.0 {
                true => at_worst(own, other),
                false => own.over(other),
            }
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
    Lack::LaunchesForInterval.into()
}

fn no_page() -> (CellVerdict, String) {
    (CellVerdict::Inconclusive, format!("{NO_PAGE}, so the error of a peak is unknown"))
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
        _ => Err((
            CellVerdict::Inconclusive,
            "the two sides used different memory accounting".to_owned(),
        )),
    }
}

/// The footprint, if it has what a verdict needs.
fn sound<'r>(id: &Id, record: &'r Record) -> Result<&'r Footprint, (CellVerdict, String)> {
    let footprint = record.footprint(id).ok_or(Lack::NotRun)?;
    let launches = footprint.launches.len();
    match &footprint.failure {
        Some(failure) => Err(Lack::Failed(failure, launches).into()),
        None if launches < SHOWN_LAUNCHES => Err(Lack::Launches(launches).into()),
        None => Ok(footprint),
    }
}

/// Why evidence gets no verdict; nothing where it does.
pub(super) fn too_few(def: &CellDef, record: &Record) -> Option<String> {
    let least = LEAST_LAUNCHES[usize::from(record.run.quick)];
    let launches = record.footprint(&def.id())?.launches.len();
    (launches < least).then(|| Lack::Launches(launches).to_string())
}

/// Who kept the books, the same in all launches; `None` where they differ, or where there are none.
fn source(footprint: &Footprint) -> Option<&MemorySource> {
    let mut sources = footprint.launches.iter().map(|launch| &launch.source);
    let first = sources.next()?;
    sources.all(|source| discriminant(source) == discriminant(first)).then_some(first)
}

/// Bytes per unit: the slope between the two readings with most units, which has no part of what
/// does not grow with them. `None` with fewer than two launches.
#[must_use]
pub fn per_unit(footprint: &Footprint, part: impl Fn(&MemoryReading) -> f64) -> Option<Interval> {
    let slope = |launch: &FootprintLaunch| {
        let [.., fewer, more] = launch.readings.as_slice() else { return None };
        let units = f64::from(more.units) - f64::from(fewer.units);
        (units > 0.0).then(|| vec![(part(more) - part(fewer)) / units])
    };
    let slopes: Option<Vec<Vec<f64>>> = footprint.launches.iter().map(slope).collect();
    // Memory differs by what launches show, and not from hour to hour.
    Some(stats::launch_median(&slopes?)?.for_a_rerun(0.0))
}

/// Did somebody keep the peak, in all launches?
fn peak_kept(footprint: &Footprint) -> bool {
    footprint.launches.iter().flat_map(|l| &l.readings).all(|reading| reading.peak_bytes > 0)
}

/// By how much a drill's peak may be off in either direction, whatever the launches agree on,
/// bytes: its share of a step of the control group that kept it. 0 where nobody did; `None` where
/// the record has no page size.
fn step_bytes(footprint: &Footprint, record: &Record) -> Option<f64> {
    match peak_kept(footprint) {
        true => Some(STEP_PAGES * record.machine.page_bytes? as f64 / drills(footprint)),
        false => Some(0.0),
    }
}

/// Drills whose workers live at once.
fn drills(footprint: &Footprint) -> f64 {
    let last = footprint.launches.iter().filter_map(|launch| launch.readings.last());
    let workers = last.map(|reading| reading.units).max().unwrap_or(0);
    f64::from(workers.max(DRILL_WORKERS)) / f64::from(DRILL_WORKERS)
}

/// Most bytes in use by all workers of a drill together, beyond what was in use without any; of
/// several drills at once, an equal share. The interval has a step of the control group's at either
/// end. Where nobody keeps the peak, the proportional share of all while they lived. `None` with
/// fewer than two launches, and without a step.
#[must_use]
pub fn peak(footprint: &Footprint, record: &Record) -> Option<Interval> {
    let kept = peak_kept(footprint);
    let most = |launch: &FootprintLaunch| {
        let (first, last) = (launch.readings.first()?, launch.readings.last()?);
        let [before, at_peak] = match kept {
            true => [first.total_bytes, last.peak_bytes],
            false => [first.proportional_bytes, last.proportional_bytes],
        };
        Some(vec![(at_peak as f64 - before as f64) / drills(footprint)])
    };
    let peaks: Option<Vec<Vec<f64>>> = footprint.launches.iter().map(most).collect();
    let read = stats::launch_median(&peaks?)?.for_a_rerun(0.0);
    let step = step_bytes(footprint, record)?;
    Some(Interval { low: read.low - step, high: read.high + step, ..read })
}

/// Both, if each is certainly something.
fn positive(both: [Option<Interval>; 2]) -> Result<[Interval; 2], (CellVerdict, String)> {
    match both {
        [Some(one), Some(other)] if one.low > 0.0 && other.low > 0.0 => Ok([one, other]),
        [Some(_), Some(_)] => {
            let reason = "no ratio: one of the two may be zero".to_owned();
            Err((CellVerdict::Inconclusive, reason))
        }
        _ => Err(few()),
    }
}

/// One over the other where both may be off by a step: steps do not average out.
fn at_worst(one: Interval, other: Interval) -> Interval {
    Interval {
        estimate: one.estimate / other.estimate,
        low: one.low / other.high,
        high: one.high / other.low,
    }
}
