//! The sampler: two labs a pair, batches in turn (A B B A), several launches, until the interval is narrow enough.
//!
//! Ratios come from pairs because what disturbs a machine drifts more slowly than two neighbouring batches. Sampling
//! stops on precision and never on what the figure says. It knows no Criterion.

mod budget;
mod count;
mod footprint;
mod idling;
mod pairs;
mod serving;
mod shooting;
mod sides;
mod witness;

pub use budget::Budget;
pub use count::count;
pub use footprint::{keep, launch, launches_of_footprints};
pub use idling::{idle, launches_of_idling};
pub use pairs::{measure, measure_programs};
pub use serving::{launches_of_loads, load};
pub use shooting::{launches_of_shots, shoot};

use crate::cgroup::Keeper;
use crate::lab::{Cores, Program};

/// What every measurement of a run shares.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The program that becomes a lab.
    pub lab: Program,
    /// Removes the control groups that are left, should this process be killed.
    pub keeper: Keeper,
    /// The CPUs of pinned actors.
    pub cores: Cores,
    /// How much of it.
    pub budget: Budget,
}
