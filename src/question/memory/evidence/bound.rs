//! How many units fit under the limits of the machine: computed from what one takes, never tried.

use super::UnitMemory;
use crate::record::{Coordinate, Limit};
use crate::stats::Interval;

/// Mappings of a thread: its stack and the guard below it, as the C library makes them.
const MAPPINGS_PER_THREAD: f64 = 2.0;

/// How many units of one kind fit.
#[derive(Debug)]
pub struct Bounds {
    /// `threads` or `processes`.
    pub units: &'static str,
    /// The limits that more and more units would meet, the first one first.
    pub met: Vec<Bound>,
}

/// One limit that units would meet.
#[derive(Debug)]
pub struct Bound {
    /// Its name as the system spells it.
    pub limit: String,
    /// Whole units that fit into what is left.
    pub count: f64,
    /// Memory that these have in use, bytes.
    pub in_use_bytes: Interval,
    /// What is to be said of the limit.
    pub note: Option<String>,
}

/// What one unit takes from each kind of limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    /// Numbers of threads and processes.
    pub(super) tasks: f64,
    /// Mappings of the process that all units are in.
    pub(super) mappings: f64,
    /// Descriptors of the process that all units are in.
    pub(super) descriptors: f64,
    /// Open files of the machine.
    pub(super) files: f64,
    /// Address space of the process that all units are in, bytes.
    pub(super) space_bytes: f64,
    /// Memory that may have to be there one day, bytes: at most this.
    pub(super) committed_bytes: f64,
    /// Memory in use, bytes.
    pub(super) bytes: Interval,
}

impl Demand {
    /// Of a thread, a process or a connection; nothing of other kinds.
    pub(super) fn of(unit: &UnitMemory) -> Option<Self> {
        let none = Demand {
            tasks: 0.0,
            mappings: 0.0,
            descriptors: 0.0,
            files: 0.0,
            space_bytes: 0.0,
            committed_bytes: 0.0,
            bytes: unit.total_bytes,
        };
        match unit.id.point() {
            [Coordinate::Name(name)] if name == super::THREAD => Some(Demand {
                tasks: 1.0,
                mappings: MAPPINGS_PER_THREAD,
                space_bytes: unit.virtual_bytes.estimate,
                committed_bytes: unit.virtual_bytes.estimate,
                ..none
            }),
            // A forked process has all the address space of its creator, of which private pages are
            // committed.
            [Coordinate::Name(name)] if name == super::FORK => Some(Demand {
                tasks: 1.0,
                committed_bytes: unit.creator_virtual_bytes as f64,
                ..none
            }),
            // The server's end. The client's is another machine's.
            [Coordinate::Name(name)] if name == super::CONNECTION => {
                Some(Demand { descriptors: 1.0, files: 1.0, ..none })
            }
            _ => None,
        }
    }

    /// Both together.
    pub(super) fn and(self, other: Demand) -> Self {
        Demand {
            tasks: self.tasks + other.tasks,
            mappings: self.mappings + other.mappings,
            descriptors: self.descriptors + other.descriptors,
            files: self.files + other.files,
            space_bytes: self.space_bytes + other.space_bytes,
            committed_bytes: self.committed_bytes + other.committed_bytes,
            bytes: Interval::combination(&[(1.0, self.bytes), (1.0, other.bytes)]),
        }
    }

    /// What one unit takes of a limit; nothing where that is not about it.
    fn takes(&self, limit: &Limit) -> Option<f64> {
        let takes = match limit.name.as_str() {
            "kernel.pid_max" | "kernel.threads-max" | "pids.max" | "RLIMIT_NPROC" => self.tasks,
            "vm.max_map_count" => self.mappings,
            "RLIMIT_NOFILE" => self.descriptors,
            "fs.file-max" => self.files,
            "available memory" => self.bytes.estimate,
            "RLIMIT_AS" | "RLIMIT_DATA" => self.space_bytes,
            "commit limit" => self.committed_bytes,
            _ => 0.0,
        };
        (takes > 0.0).then_some(takes)
    }

    /// The limits that units would meet, the first one first.
    pub(super) fn met(&self, limits: &[Limit]) -> Vec<Bound> {
        let mut met: Vec<Bound> = limits.iter().filter_map(|limit| self.meets(limit)).collect();
        met.sort_by(|one, other| one.count.total_cmp(&other.count));
        met
    }

    fn meets(&self, limit: &Limit) -> Option<Bound> {
        let (takes, left) = (self.takes(limit)?, limit.most? - limit.used);
        // Where more is in use than is allowed, none fits.
        let count = (left / takes).floor().max(0.0);
        Some(Bound {
            limit: limit.name.clone(),
            count,
            in_use_bytes: self.bytes.map(|bytes| bytes * count),
            note: limit.note.clone(),
        })
    }
}
