//! A paired comparison with all its samples.

use super::columns;
use super::{Arm, Failure, Id};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One comparison of two arms, measured in pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cell {
    /// Its family at a point.
    #[serde(flatten)]
    pub id: Id,
    /// The first arm: by convention the thread.
    pub a: Arm,
    /// The second arm: by convention the process.
    pub b: Arm,
    /// Aim for the half-width of the ratio's 95 % interval, as a share of 1.
    pub precision_aim: f64,
    /// One entry per life of the two labs.
    pub launches: Vec<Launch>,
    /// Why the sampler stopped.
    pub stop: Stop,
}

/// Why the sampler stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The interval is as narrow as was asked for.
    Precision,
    /// The planned number of launches is done (`--quick` and `--test` ask for no precision).
    Planned,
    /// The time allowed for a cell was used up.
    TimeCap,
    /// The run ended before it was through.
    Cut,
    /// The cell could not be measured, or not to its end.
    Failed(Failure),
}

/// A witness of a launch: what a getppid(2) costs, nanoseconds.
pub const GETPPID_NS: &str = "getppid_ns";
/// Another one, of a guest on x86-64: what a CPUID costs, which leaves it for the hypervisor;
/// nanoseconds.
pub const CPUID_NS: &str = "cpuid_ns";

/// One life of a pair of labs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Launch {
    /// Process ids of the two labs.
    pub pids: [i32; 2],
    /// State of the two labs when they were ready.
    pub states: [LabState; 2],
    /// What the host was like, as both labs saw it before their first batches: [`GETPPID_NS`] and,
    /// of a guest on x86-64, [`CPUID_NS`]; the mean of the two. Nothing where none looked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub host: BTreeMap<String, f64>,
    /// The pairs, in the order in which they were taken.
    #[serde(with = "columns")]
    #[cfg_attr(test, schemars(with = "columns::Columns"))]
    pub pairs: Vec<Pair>,
}

/// Two batches next to each other in time, one of each arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The batch of the first arm.
    pub a: Half,
    /// The batch of the second arm.
    pub b: Half,
    /// Why a witness discards the pair, if one does. Both halves go, whatever they show.
    pub discarded: Option<String>,
}

/// One batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Half {
    /// Operations that were completed.
    pub ops: u64,
    /// Time of the batch, nanoseconds of `CLOCK_MONOTONIC`.
    pub elapsed_ns: u64,
    /// Time of the batch in ticks of the architecture's counter (TSC, cntvct, time).
    pub elapsed_ticks: u64,
    /// Context switches of all actors during the batch, voluntary and not.
    pub switches: u64,
    /// The involuntary ones among them.
    pub involuntary: u64,
    /// Time of the first operation of the visit, which follows another arm's work unwashed;
    /// nanoseconds. 0 where none was timed apart.
    pub unwashed_ns: u64,
    /// Longest stretch under `SCHED_FIFO`, nanoseconds; 0 under `SCHED_OTHER`.
    pub fifo_stretch_ns: u64,
    /// Ticks of the first pass over the pages, right after a switch, summed over all visits; 0
    /// without such passes.
    pub first_pass_ticks: u64,
    /// Ticks of the second pass, which finds in the TLB what the first has brought.
    pub second_pass_ticks: u64,
    /// Time from the creating call to its return, summed over the operations, nanoseconds; 0 where
    /// it is not stamped.
    pub call_ns: u64,
    /// Time from the creating call to the first instruction of what was created, or to the last of
    /// several; summed, nanoseconds; 0 where it is not stamped.
    pub first_ns: u64,
    /// Time that the creator took, once all was over, to write its pages again; summed,
    /// nanoseconds. Part of the batch's time. 0 without such pages.
    pub bill_ns: u64,
    /// CPU time of the busiest thread of a client that loads a server, nanoseconds; 0 where there
    /// is no server.
    pub client_cpu_ns: u64,
    /// CPU time of all processes of that server, its master aside; nanoseconds.
    pub server_cpu_ns: u64,
}

/// Stands for a refill of nothing where one is divided by, ticks per page.
const LEAST_REFILL_TICKS: f64 = 0.01;

impl Pair {
    /// Refill of the second arm over refill of the first, in this cell.
    ///
    /// Something that hits the second pass of a batch (a tick, the host) can make the first arm's
    /// refill nothing or less. The fraction is then huge and not absent: a median bears that, and
    /// nothing is dropped by its size.
    #[must_use]
    pub fn refill_fraction(&self, cell: &Cell) -> Option<f64> {
        let [a, b] =
            [self.a.refill_ticks_per_page(&cell.a)?, self.b.refill_ticks_per_page(&cell.b)?];
        Some(b / a.max(LEAST_REFILL_TICKS))
    }
}

impl Half {
    /// Nanoseconds per operation.
    #[must_use]
    pub fn ns_per_op(&self) -> f64 {
        self.elapsed_ns as f64 / self.ops as f64
    }

    /// What the first pass over a page takes longer than the second, in ticks, if the batch was of
    /// `arm`: the price of bringing back what the switch, or the flush, took from the TLB and the
    /// caches. `None` without pages.
    #[must_use]
    pub fn refill_ticks_per_page(&self, arm: &Arm) -> Option<f64> {
        let pages = self.ops * u64::from(arm.actors.max(1)) * u64::from(arm.pages);
        let [first, second] =
            [self.first_pass_ticks, self.second_pass_ticks].map(|ticks| ticks as f64);
        (pages > 0 && self.second_pass_ticks > 0).then(|| (first - second) / pages as f64)
    }

    /// Nanoseconds per operation from the call to the first instruction; 0 where it is not stamped.
    #[must_use]
    pub fn first_ns_per_op(&self) -> f64 {
        self.first_ns as f64 / self.ops as f64
    }

    /// Nanoseconds per operation without the bill: from the call to the actor reaped.
    #[must_use]
    pub fn reaped_ns_per_op(&self) -> f64 {
        self.elapsed_ns.saturating_sub(self.bill_ns) as f64 / self.ops as f64
    }

    /// Context switches per operation.
    #[must_use]
    pub fn switches_per_op(&self) -> f64 {
        self.switches as f64 / self.ops as f64
    }
}

/// What the lab was when it was ready to measure: it decides what a fork costs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LabState {
    /// Resident memory of the lab, bytes.
    pub rss_bytes: u64,
    /// Mappings of its address space.
    pub vmas: u64,
    /// Those of them with private pages that were written; 0 in records that did not count them.
    #[serde(default)]
    pub written_vmas: u64,
    /// The memory of those pages, bytes; 0 in records that did not count it.
    #[serde(default)]
    pub own_bytes: u64,
    /// Open file descriptors.
    pub fds: u64,
    /// Threads, the main one included.
    pub threads: u64,
    /// Anonymous memory that the kernel backed by huge pages, bytes.
    pub huge_bytes: u64,
    /// Size of the lab's program file, bytes.
    pub program_bytes: u64,
    /// CPUs that the main actor may use.
    pub cpus: Vec<usize>,
}
