//! A lab that holds idle units.

use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{HoldSpec, Holding, Role};
use crate::proc;
use crate::record::{Failure, LabState, Result};
use std::time::Duration;

/// Time that a lab has to get ready, and to make its units or to let them go.
const PATIENCE: Duration = Duration::from_secs(60);

/// A live lab that holds idle units, which die with it.
#[derive(Debug)]
pub struct HoldingLab {
    pipe: Pipe,
    state: LabState,
    /// Units that are processes.
    processes: Vec<i32>,
}

impl HoldingLab {
    /// Launches a lab, which has no unit yet.
    ///
    /// # Errors
    /// It cannot be started, cannot enter its control group or hold what it is to hold besides, or
    /// is not ready in time.
    pub fn launch(program: &Program, spec: &HoldSpec) -> Result<Self> {
        let mut pipe = Pipe::start(program, format!("idle units: {}", spec.kind), &[])?;
        let state = pipe.open(Role::Hold(spec.clone()), PATIENCE)?;
        Ok(HoldingLab { pipe, state, processes: Vec::new() })
    }

    /// The lab's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pipe.pid()
    }

    /// What the lab was when it was ready, without units.
    #[must_use]
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// Has as many units live, no fewer than before, and waits until all have checked in; 0 lets
    /// all end and waits until they have ended.
    ///
    /// # Errors
    /// The lab's own reason, its death, or its silence: then it is of no further use.
    pub fn hold(&mut self, units: u32) -> Result<Holding> {
        self.processes.clear();
        let holding: Holding = self.pipe.ask(&units, PATIENCE)?;
        self.processes.clone_from(&holding.processes);
        Ok(holding)
    }

    /// Why the lab or its units could not be read from outside: the death of one of them, if one
    /// has died.
    #[must_use]
    pub fn explained(&mut self, failure: Failure) -> Failure {
        let failure = self.pipe.explained(failure);
        let died = |unit: i32| Some((unit, proc::how_ended(unit)?));
        match self.processes.iter().find_map(|unit| died(*unit)) {
            Some((unit, how)) if self.pipe.lives() => {
                let why = format!("process {unit}, one of its units, died: {how}");
                Failure::new(format!("measuring {}", self.pipe.name()), why)
            }
            _ => failure,
        }
    }
}
