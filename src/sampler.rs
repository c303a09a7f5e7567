//! The sampler: a lab an arm, batches in turn (A B B A), several launches, until the interval is
//! narrow enough.
//!
//! Ratios come from pairs because what disturbs a machine drifts more slowly than two neighbouring
//! batches. Sampling stops on precision and never on what the figure says. It knows no Criterion.

mod budget;
mod count;
mod cpu_pair;
mod footprint;
mod idling;
mod job;
mod noise_monitor;
mod pairs;
mod probing;
mod serving;
mod shooting;
mod until;

pub use budget::{Budget, Share};
pub use count::Counting;
pub use footprint::{Keep, launch};
pub use idling::Idle;
pub use job::{Heard, Job, rounds};
pub use pairs::{Pairing, blocks};
pub use probing::Probing;
pub use serving::Cohort;
pub use shooting::Shoot;
pub use until::Until;

use crate::cgroup::CgroupReaper;
use crate::lab::{Cores, Program};

/// What every measurement of a run shares.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The program that becomes a lab.
    pub lab: Program,
    /// Removes the control groups that are left, should this process be killed.
    pub reaper: CgroupReaper,
    /// The CPUs of pinned actors.
    pub cores: Cores,
    /// How much of it.
    pub budget: Budget,
    /// When it ends before it is through.
    pub until: Until,
}
