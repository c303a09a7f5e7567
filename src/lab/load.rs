//! The driver's end of a lab that loads a server.

use super::Program;
use super::talk::Talk;
use super::wire::{LoadRequest, LoadSpec, Opening, Reply};
use crate::load::Shot;
use crate::record::{CrashLaunch, LoadRun, Result};
use std::time::Duration;

/// Time that a client has besides the time of its load.
const PATIENCE: Duration = Duration::from_secs(60);

/// A live client. It is killed and reaped on drop. As for [`super::Lab`], from a thread that outlives it.
#[derive(Debug)]
pub struct LoadLab {
    talk: Talk,
}

impl LoadLab {
    /// Launches a client and waits until it is connected.
    ///
    /// # Errors
    /// It cannot be started, or cannot connect; the reason is the lab's.
    pub fn launch(program: &Program, spec: &LoadSpec) -> Result<Self> {
        let name = format!("a client of {} connections", spec.settings.connections);
        let mut talk = Talk::start(program, name, &[])?;
        talk.open(&Opening::Load(spec.clone()), PATIENCE, connected)?;
        Ok(LoadLab { talk })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.talk.pid()
    }

    /// Loads the server in a closed loop for this long.
    ///
    /// # Errors
    /// As [`crate::load::Client::closed`]; the lab's death, or its silence.
    pub fn closed(&mut self, time: Duration) -> Result<LoadRun> {
        let for_ns = time.as_nanos() as u64;
        self.talk.exchange(&LoadRequest::Closed { for_ns }, PATIENCE + time, loaded)
    }

    /// Loads it at a fixed rate for this long.
    ///
    /// # Errors
    /// As [`crate::load::Client::open`]; the lab's death, or its silence.
    pub fn open(&mut self, due_per_s: f64, time: Duration) -> Result<LoadRun> {
        let for_ns = time.as_nanos() as u64;
        self.talk.exchange(&LoadRequest::Open { due_per_s, for_ns }, PATIENCE + time, loaded)
    }

    /// Shoots a worker.
    ///
    /// # Errors
    /// As [`crate::load::Client::shoot`]; the lab's death, or its silence.
    pub fn shoot(&mut self, shot: &Shot) -> Result<CrashLaunch> {
        let time = Duration::from_nanos(shot.before_ns + shot.after_ns);
        self.talk.exchange(&LoadRequest::Shoot(*shot), PATIENCE + time, |reply| match reply {
            Reply::Shot(launch) => Some(launch),
            _ => None,
        })
    }

    /// Has as many idle connections, besides its others.
    ///
    /// # Errors
    /// As [`crate::load::Idle::grow`]; the lab's death, or its silence.
    pub fn hold(&mut self, connections: u32) -> Result<()> {
        self.talk.exchange(&LoadRequest::Hold { connections }, PATIENCE, connected)
    }
}

fn connected(reply: Reply) -> Option<()> {
    matches!(reply, Reply::Connected).then_some(())
}

fn loaded(reply: Reply) -> Option<LoadRun> {
    match reply {
        Reply::Loaded(run) => Some(run),
        _ => None,
    }
}
