//! What a driver and a lab say to each other: one line of JSON each way.

use crate::load::{self, Shot};
use crate::probe::Mechanism;
use crate::record::{
    Arm, CrashLaunch, Failure, Half, LabState, LoadRun, Modes, Parent, ProbeRun, Reading,
};
use crate::server::{self, Account};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The first line that a lab reads: what it is for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Opening {
    /// To time batches.
    Measure(Spec),
    /// To run a probe once and leave.
    Probe(ProbeRequest),
    /// To hold idle units.
    Hold(HoldSpec),
    /// To serve.
    Serve(ServeSpec),
    /// To load a server.
    Load(LoadSpec),
}

/// What to serve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServeSpec {
    /// The lab leaves when its parent is another one.
    pub driver_pid: u32,
    /// The server.
    pub settings: server::Settings,
    /// Folder of a control group of its own, which it enters before anything else.
    pub group: Option<PathBuf>,
}

/// What to load, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadSpec {
    /// The lab leaves when its parent is another one.
    pub driver_pid: u32,
    /// The client; with no connections yet when it is to hold idle ones.
    pub settings: load::Settings,
    /// CPU to pin it to; `None` leaves it free.
    pub cpu: Option<usize>,
}

/// What a lab that loads is asked; the end of the input ends it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum LoadRequest {
    /// A closed loop for this long.
    Closed { for_ns: u64 },
    /// A fixed rate for this long.
    Open { due_per_s: f64, for_ns: u64 },
    /// A shot.
    Shoot(Shot),
    /// As many idle connections, besides those of the settings.
    Hold { connections: u32 },
}

/// What a lab that serves is asked, again and again; the end of the input ends it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct AccountRequest {}

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

/// What to hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldSpec {
    /// The lab leaves when its parent is another one.
    pub driver_pid: u32,
    /// The kind of unit ([`super::KINDS`]).
    pub kind: String,
    /// What the lab holds besides them.
    pub parent: Parent,
    /// CPU of the lab, which its units inherit: pages in stock for a CPU are one CPU's then.
    pub cpu: usize,
    /// Folder of a control group of its own, which it enters before anything else.
    pub group: Option<PathBuf>,
}

/// How many units are to live; 0 releases all. The end of the input ends the lab.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct HoldRequest {
    pub(super) units: u32,
}

/// What lives in a lab that holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Holding {
    /// Units that have checked in and wait.
    pub units: u32,
    /// Those of them that have an address space of their own.
    pub processes: Vec<i32>,
    /// `ru_maxrss` of the lab (getrusage(2)).
    pub max_rss_self_bytes: u64,
    /// `ru_maxrss` of its children that were waited for: the largest single one.
    pub max_rss_children_bytes: u64,
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
    /// Where the server of the arm listens, if it has one.
    pub server: Option<SocketAddr>,
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
    /// The units live and wait.
    Holds(Holding),
    /// The server listens there.
    Serving(SocketAddr),
    /// What the server has come to.
    Accounted(Account),
    /// The client is connected, or holds as many idle connections.
    Connected,
    /// The load is over; the server's CPU time is not in it.
    Loaded(LoadRun),
    /// The shot is over; the master's process id is not in it.
    Shot(CrashLaunch),
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
