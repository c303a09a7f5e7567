//! The lab: the clean room in which a primitive is prepared and timed.
//!
//! A lab is a freshly started small process with one thread, because what a fork costs depends on the memory,
//! mappings and threads of the process that forks. The driver ([`Lab`]) launches it, sends batch sizes and receives
//! nanoseconds; the other end ([`main`]) prepares one primitive and times batches of it until its input ends. A probe
//! gets a lab too, for one run ([`probe()`]), and so do idle units whose memory is read ([`HoldingLab`]).
//!
//! A lab dies with its driver (parent-death signal, and the end of its input), answers within a deadline or is
//! killed, and is reaped on drop.

mod beside;
mod hold;
mod holding;
pub(crate) mod keeper;
mod launch;
mod load;
mod loading;
mod locate;
mod parent;
mod serve;
mod server;
mod serving;
mod state;
mod stretch;
mod talk;
mod units;
mod wire;

pub use hold::HoldingLab;
pub use launch::{Lab, probe};
pub use load::LoadLab;
pub use locate::{LAB_VARIABLE, Program, locate};
pub use serve::main;
pub use server::ServerLab;
pub use stretch::fifo_permitted;
pub use units::{KINDS, Kind, Takes, kind};
pub use wire::{Batch, HoldSpec, Holding, LoadSpec, ServeSpec, Spec};

use crate::record::{Arm, Failure, Modes, Placement, Result};

/// The CPUs that pinned actors use.
#[derive(Debug, Clone)]
pub struct Cores {
    /// The main actor's, and its partner's when both share a core.
    pub main: usize,
    /// Another physical core's for a partner, or why there is none.
    pub other: Result<usize>,
    /// All that this run may use, the main one first.
    pub all: Vec<usize>,
}

impl Spec {
    /// What a lab needs to know to prepare `arm` on `cores`.
    ///
    /// # Errors
    /// The arm wants more cores than there are.
    pub fn new(arm: &Arm, cores: &Cores, counting: Option<Modes>) -> Result<Self> {
        let (main_cpu, partner_cpu) = match arm.placement {
            Placement::SameCore => (Some(cores.main), Some(cores.main)),
            Placement::TwoCores => {
                let other = cores.other.clone();
                let other = other.map_err(|e| Failure { tried: format!("placing {arm}"), ..e })?;
                (Some(cores.main), Some(other))
            }
            Placement::AllCores if cores.all.len() < 2 => {
                let why = "this run may use one CPU only";
                return Err(Failure::new(format!("placing {arm}"), why));
            }
            Placement::AllCores => (Some(cores.main), None),
            Placement::Free => (None, None),
        };
        let driver_pid = std::process::id();
        let all_cpus = cores.all.clone();
        let arm = arm.clone();
        Ok(Spec { driver_pid, arm, main_cpu, partner_cpu, all_cpus, server: None, counting })
    }
}
