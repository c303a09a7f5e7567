//! The lab: the clean room in which a primitive is prepared and timed.
//!
//! A lab is a freshly started small process with one thread, because what a fork costs depends on
//! the memory, mappings and threads of the process that forks. The driver ([`Lab`]) launches it,
//! sends batch sizes and receives nanoseconds; the other end ([`main`]) prepares one primitive and
//! times batches of it until its input ends. A probe gets a lab too, for one run ([`probe()`]), and
//! so do idle units whose memory is read ([`HoldingLab`]).
//!
//! A lab dies with its driver (parent-death signal, and the end of its input), answers within a
//! deadline or is killed, and is reaped on drop. `driver` holds the one end, `worker` the other,
//! `pipe` what is between them and `protocol` what goes through it.

mod actors;
mod driver;
mod locate;
mod pipe;
mod protocol;
mod worker;

pub use driver::{HoldingLab, Lab, LoadLab, ServerLab, probe};
pub use locate::{LAB_VARIABLE, Program, locate};
pub use protocol::{Batch, HoldSpec, Holding, LoadSpec, ServeSpec, Spec};
pub use worker::{AddressSpace, KINDS, Kind, Takes, kind, main, most_parent_bytes};

pub use crate::machine::{Cores, fifo_permitted};

use crate::primitive::Setup;
use crate::record::{Arm, Failure, Modes, Placement, Result};

impl Spec {
    /// What a lab needs to know to prepare `arm` on `cores`.
    ///
    /// # Errors
    /// The arm wants more cores than there are.
    pub fn new(arm: &Arm, cores: &Cores, counting: Option<Modes>) -> Result<Self> {
        apart(arm, cores)?;
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
        let cpus = match arm.placement {
            Placement::AllCores => cores.all.clone(),
            _ => Vec::new(),
        };
        let setup = Setup { arm: arm.clone(), partner_cpu, cpus, server: None };
        Ok(Spec { setup, main_cpu, counting, also: Vec::new() })
    }

    /// One lab for the arms of both: of this one's parent, in this one's place.
    #[must_use]
    pub(crate) fn and(mut self, other: Spec) -> Self {
        self.also.push(other.setup);
        self.also.extend(other.also);
        self
    }
}

/// A server that has its CPU together with its client alone answers as fast as that lets it.
fn apart(arm: &Arm, cores: &Cores) -> Result<()> {
    let why = match arm.placement {
        _ if arm.work.server().is_none() => return Ok(()),
        Placement::SameCore => "client and server would have one CPU together",
        Placement::Free if cores.all.len() < 2 => {
            "this run may use one CPU only, which client and server would have together"
        }
        _ => return Ok(()),
    };
    Err(Failure::new(format!("placing {arm}"), why))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::servers::plan as servers;
    use crate::record::Shape;

    fn placed(placement: Placement, cpus: &[usize]) -> Result<[Option<usize>; 2]> {
        let none = || Failure::new("finding a second CPU", "this machine allows one");
        let other = cpus.get(1).copied().ok_or_else(none);
        let cores = Cores { main: cpus[0], other, all: cpus.to_vec() };
        let arm = servers::kept(Shape::Prefork, 4).at(placement);
        Spec::new(&arm, &cores, None).map(|spec| [spec.main_cpu, spec.setup.partner_cpu])
    }

    #[test]
    fn client_and_server_have_a_cpu_each_or_all_of_several() {
        assert_eq!(placed(Placement::TwoCores, &[3, 1]), Ok([Some(3), Some(1)]));
        assert_eq!(placed(Placement::Free, &[3, 1]), Ok([None, None]));
    }

    #[test]
    fn no_server_is_measured_on_the_one_cpu_of_its_client() {
        let refused = |placement, cpus: &[usize]| placed(placement, cpus).unwrap_err();
        let here = refused(Placement::SameCore, &[0, 1]);
        assert_eq!(here.why, "client and server would have one CPU together");
        let free = refused(Placement::Free, &[0]);
        assert_eq!(
            free.why,
            "this run may use one CPU only, which client and server would have together"
        );
        let two = refused(Placement::TwoCores, &[0]);
        assert_eq!(two.why, "this machine allows one");
        for refused in [here, free, two] {
            assert!(refused.tried.starts_with("placing request/prefork x4"), "{refused}");
        }
    }
}
