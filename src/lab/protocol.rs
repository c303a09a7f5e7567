//! What a driver says to a lab, and what it hears: of each answer the value, or the lab's reason
//! why there is none.

use crate::load::{self, Shot};
use crate::primitive::Setup;
use crate::probe::Mechanism;
use crate::record::{Half, Id, LabState, Modes, Parent, Reading};
use crate::server;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The first line that a lab reads.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opening {
    /// The lab leaves when its parent is another one.
    pub(super) driver_pid: u32,
    pub(super) role: Role,
}

impl Opening {
    /// What this process tells its lab.
    pub(super) fn of(role: Role) -> Self {
        Opening { driver_pid: std::process::id(), role }
    }
}

/// What a lab is for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Role {
    /// To time batches: `Ready`, and a `Batch` for each `BatchRequest`.
    Measure(Spec),
    /// To run a probe once, which is the answer (a `ProbeRun`), and leave. Some need a control
    /// group.
    Probe { id: Id, mechanism: Mechanism, group: Option<PathBuf> },
    /// To hold idle units: ready in a `LabState`, and a `Holding` for each number of units; 0
    /// releases all.
    Hold(HoldSpec),
    /// To serve: ready at an address, and an `Account` for each `()`.
    Serve(ServeSpec),
    /// To load a server: `()` when it is connected, and what a `LoadRequest` came to.
    Load(LoadSpec),
}

/// What to serve.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServeSpec {
    /// The server.
    pub settings: server::Settings,
    /// Folder of a control group of its own, which it enters before anything else.
    pub group: Option<PathBuf>,
}

/// What to load, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadSpec {
    /// The client; with no connections yet when it is to hold idle ones.
    pub settings: load::Settings,
    /// CPU to pin it to; `None` leaves it free.
    pub cpu: Option<usize>,
}

/// What a lab that loads is asked.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum LoadRequest {
    /// A closed loop for this long: a `LoadRun`, without the server's CPU time.
    Closed { time: Duration },
    /// A fixed rate for this long: the same.
    Open { due_per_s: f64, time: Duration },
    /// A shot: a `CrashLaunch`, without the master's process id.
    Shoot(Shot),
    /// As many idle connections, besides those of the settings: `()`.
    Hold { connections: u32 },
}

/// What to hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HoldSpec {
    /// The kind of unit ([`super::KINDS`]).
    pub kind: String,
    /// What the lab holds besides them.
    pub parent: Parent,
    /// CPU of the lab, which its units inherit: pages in stock for a CPU are one CPU's then.
    pub cpu: usize,
    /// Folder of a control group of its own, which it enters before anything else.
    pub group: Option<PathBuf>,
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
    /// What to run, under which conditions.
    pub setup: Setup,
    /// CPU of the main actor; `None` leaves it free.
    pub main_cpu: Option<usize>,
    /// Open counters of these modes: a counting lab. Its times are not comparable with those of
    /// others.
    pub counting: Option<Modes>,
    /// What else to prepare in the same parent, under the same conditions.
    pub also: Vec<Setup>,
}

/// What a lab that times batches says when it is ready.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    /// What it is.
    pub(super) state: LabState,
    /// What the host is like, as it saw it from its CPU ([`crate::machine::witness`]); a lab in
    /// another language need not look.
    #[serde(default)]
    pub(super) host: BTreeMap<String, f64>,
    /// Task ids of the actors beside the main one.
    pub(super) actors: Vec<i32>,
}

/// How many operations to do.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct BatchRequest {
    /// Of which arm: 0 for the first, then of what else was prepared.
    pub(super) arm: usize,
    /// Operations before the batch that are not timed with it.
    pub(super) discard: u64,
    /// Operations of the batch.
    pub(super) ops: u64,
}

/// One batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Batch {
    /// Operations, times, switches.
    pub half: Half,
    /// The counters of a counting lab.
    pub readings: Vec<Reading>,
}
