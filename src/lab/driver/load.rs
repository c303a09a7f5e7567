//! A lab that loads a server.

use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{LoadRequest, LoadSpec, Role};
use crate::load::Shot;
use crate::record::{CrashLaunch, LoadRun, Result};
use std::time::Duration;

/// Time that a client has besides the time of its load.
const PATIENCE: Duration = Duration::from_secs(60);

/// A live client.
#[derive(Debug)]
pub struct LoadLab {
    pipe: Pipe,
}

impl LoadLab {
    /// Launches a client and waits until it is connected.
    ///
    /// # Errors
    /// It cannot be started, or cannot connect; the reason is the lab's.
    pub fn launch(program: &Program, spec: &LoadSpec) -> Result<Self> {
        let name = format!("a client of {} connections", spec.settings.connections);
        let mut pipe = Pipe::start(program, name, &[])?;
        let () = pipe.open(Role::Load(spec.clone()), PATIENCE)?;
        Ok(LoadLab { pipe })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pipe.pid()
    }

    /// Loads the server in a closed loop for this long.
    ///
    /// # Errors
    /// As [`crate::load::Client::closed`]; the lab's death, or its silence.
    pub fn closed(&mut self, time: Duration) -> Result<LoadRun> {
        self.pipe.ask(&LoadRequest::Closed { time }, PATIENCE + time)
    }

    /// Loads it at a fixed rate for this long.
    ///
    /// # Errors
    /// As [`crate::load::Client::open`]; the lab's death, or its silence.
    pub fn open(&mut self, due_per_s: f64, time: Duration) -> Result<LoadRun> {
        self.pipe.ask(&LoadRequest::Open { due_per_s, time }, PATIENCE + time)
    }

    /// Shoots a worker.
    ///
    /// # Errors
    /// As [`crate::load::Client::shoot`]; the lab's death, or its silence.
    pub fn shoot(&mut self, shot: &Shot) -> Result<CrashLaunch> {
        let time = Duration::from_nanos(shot.before_ns + shot.after_ns);
        self.pipe.ask(&LoadRequest::Shoot(*shot), PATIENCE + time)
    }

    /// Has as many idle connections, besides its others.
    ///
    /// # Errors
    /// As [`crate::load::Idle::grow`]; the lab's death, or its silence.
    pub fn hold(&mut self, connections: u32) -> Result<()> {
        self.pipe.ask(&LoadRequest::Hold { connections }, PATIENCE)
    }
}
