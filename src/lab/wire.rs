//! What a driver and a lab say to each other: one line of JSON each way.

use crate::probe::Mechanism;
use crate::record::{Arm, Failure, Half, LabState, Modes, ProbeRun, Reading};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The first line that a lab reads: what it is for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Opening {
    /// To time batches.
    Measure(Spec),
    /// To run a probe once and leave.
    Probe(ProbeRequest),
}

/// Which probe to run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProbeRequest {
    /// The lab leaves when its parent is another one.
    pub(super) driver_pid: u32,
    /// Id of the probe.
    pub(super) id: String,
    /// The experiment or its control.
    pub(super) mechanism: Mechanism,
    /// Folder of a control group of its own, for the probes that need one.
    pub(super) group: Option<PathBuf>,
}

/// What to prepare.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Spec {
    /// The lab leaves when its parent is another one.
    pub driver_pid: u32,
    /// What to run, under which conditions.
    pub arm: Arm,
    /// CPU of the main actor; `None` leaves it free.
    pub main_cpu: Option<usize>,
    /// CPU of the partner; `None` leaves it free.
    pub partner_cpu: Option<usize>,
    /// All CPUs of the run, the main one first.
    pub all_cpus: Vec<usize>,
    /// Open counters of these modes: a counting lab. Its times are not comparable with those of others.
    pub counting: Option<Modes>,
}

/// How many operations to do; the end of the input ends the lab.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Request {
    /// Operations before the batch that are not timed with it.
    pub(super) discard: u64,
    /// Operations of the batch.
    pub(super) ops: u64,
}

/// What a lab answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The primitive is prepared and has done one operation.
    Ready(LabState),
    /// A batch was done.
    Done(Batch),
    /// The probe was run.
    Probed(ProbeRun),
    /// It could not; the lab leaves.
    Failed(Failure),
}

/// One batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Batch {
    /// Operations, times, switches.
    pub half: Half,
    /// The counters of a counting lab.
    pub readings: Vec<Reading>,
}
