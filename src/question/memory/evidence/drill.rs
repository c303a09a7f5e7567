//! What the drill's workers had in use at their peak.

use crate::claim::footprint::peak;
use crate::question::memory::plan::units;
use crate::record::Record;
use crate::stats::Interval;

/// The drill's workers among the units of the plan: threads, processes.
pub(super) const NAMES: [&str; 2] = ["drill-threads", "drill-processes"];

/// Most in use by all workers of a drill together, beyond what was in use without any, bytes; none
/// where that was not measured in two launches at least, or where the record has no page size.
#[derive(Debug)]
pub struct DrillMemory {
    /// Ten threads.
    pub threads: Option<Interval>,
    /// Ten forked processes.
    pub processes: Option<Interval>,
}

impl DrillMemory {
    pub(super) fn of(record: &Record) -> Self {
        let [threads, processes] = NAMES.map(|name| peak(record.footprint(&units(name))?, record));
        DrillMemory { threads, processes }
    }
}
