//! What the drill's workers had in use at their peak, and the other figures that are taken for
//! that.

use crate::claim::footprint::{drills, peak, peak_kept, step_bytes};
use crate::question::memory::plan::units;
use crate::record::{Footprint, MemoryReading, Record};
use crate::stats::{self, Interval};

/// The drill's workers among the units of the plan: threads, processes.
pub(super) const NAMES: [&str; 2] = ["drill-threads", "drill-processes"];

/// The drill's memory, by threads and by processes; none where that was not measured in two
/// launches at least, or where the record has no page size.
#[derive(Debug)]
pub struct DrillMemory {
    /// Ten threads.
    pub threads: Option<DrillPeak>,
    /// Ten forked processes.
    pub processes: Option<DrillPeak>,
}

/// The memory of one way to do the drill, bytes.
#[derive(Debug)]
pub struct DrillPeak {
    /// Workers that lived at once.
    pub workers: u32,
    /// Drills that these workers are of: the peak and its step are an equal share of theirs.
    pub drills: f64,
    /// Most in use by all workers of a drill together, beyond what was in use without any.
    pub peak_bytes: Interval,
    /// A drill's share of the step in which a control group counts, which the interval of the peak
    /// has at either end; 0 where none kept the peak.
    pub step_bytes: f64,
    /// The kernel kept that peak. Where it did not, the peak is the proportional share of all while
    /// they lived.
    pub kept: bool,
    /// `ru_maxrss` of the creating process: its own largest resident size, threads included, with
    /// all that it shares with others (getrusage(2)). What it had before its workers is in it.
    pub max_rss_self_bytes: Interval,
    /// `ru_maxrss` of its children that were waited for: the largest single one, never their sum;
    /// pages shared with the parent are in it.
    pub max_rss_children_bytes: Interval,
    /// Proportional shares of all workers and their creator together while they lived (`Pss`):
    /// shared pages once.
    pub proportional_bytes: Interval,
}

impl DrillMemory {
    pub(super) fn of(record: &Record) -> Self {
        let [threads, processes] =
            NAMES.map(|name| DrillPeak::of(record.footprint(&units(name))?, record));
        DrillMemory { threads, processes }
    }
}

impl DrillPeak {
    fn of(footprint: &Footprint, record: &Record) -> Option<Self> {
        let last = || footprint.launches.iter().filter_map(|launch| launch.readings.last());
        let at_last = |bytes: fn(&MemoryReading) -> u64| {
            let each: Vec<Vec<f64>> = last().map(|reading| vec![bytes(reading) as f64]).collect();
            stats::cluster_median(&each)
        };
        Some(DrillPeak {
            workers: last().map(|reading| reading.units).max()?,
            drills: drills(footprint),
            peak_bytes: peak(footprint, record)?,
            step_bytes: step_bytes(footprint, record)?,
            kept: peak_kept(footprint),
            max_rss_self_bytes: at_last(|reading| reading.max_rss_self_bytes)?,
            max_rss_children_bytes: at_last(|reading| reading.max_rss_children_bytes)?,
            proportional_bytes: at_last(|reading| reading.proportional_bytes)?,
        })
    }
}
