//! The driver's end of a lab that holds idle units.

use super::Program;
use super::talk::Talk;
use super::wire::{HoldRequest, HoldSpec, Holding, Opening, Reply};
use crate::record::{LabState, Result};
use std::time::Duration;

/// Time that a lab has to get ready, and to make its units or to let them go.
const PATIENCE: Duration = Duration::from_secs(60);

/// A live lab that holds idle units. It is killed and reaped on drop, and its units die with it. As for [`super::Lab`],
/// from a thread that outlives it.
#[derive(Debug)]
pub struct HoldingLab {
    talk: Talk,
    state: LabState,
}

impl HoldingLab {
    /// Launches a lab, which has no unit yet.
    ///
    /// # Errors
    /// It cannot be started, cannot enter its control group or hold what it is to hold besides, or is not ready in
    /// time.
    pub fn launch(program: &Program, spec: &HoldSpec) -> Result<Self> {
        let mut talk = Talk::start(program, format!("idle units: {}", spec.kind), &[])?;
        let state = talk.open(&Opening::Hold(spec.clone()), PATIENCE, |reply| match reply {
            Reply::Ready(state) => Some(state),
            _ => None,
        })?;
        Ok(HoldingLab { talk, state })
    }

    /// The lab's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.talk.pid()
    }

    /// What the lab was when it was ready, without units.
    #[must_use]
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// Has as many units live, no fewer than before, and waits until all have checked in; 0 lets all go and waits
    /// until they are gone.
    ///
    /// # Errors
    /// The lab's own reason, its death, or its silence: then it is of no further use.
    pub fn hold(&mut self, units: u32) -> Result<Holding> {
        self.talk.exchange(&HoldRequest { units }, PATIENCE, |reply| match reply {
            Reply::Holds(holding) => Some(holding),
            _ => None,
        })
    }
}
