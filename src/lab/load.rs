//! The driver's end of a lab that loads a server.

use super::Program;
use super::talk::Talk;
use super::wire::{LoadRequest, LoadSpec, Opening, Reply};
use crate::load::Shot;
use crate::record::{CrashLaunch, Failure, LoadRun, Result};
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
        talk.ask(&Opening::Load(spec.clone()))?;
        match talk.answer(PATIENCE)? {
            Reply::Connected => Ok(LoadLab { talk }),
            Reply::Failed(failure) => Err(failure),
            _ => Err(talk.confused()),
        }
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
        match self.answered(&LoadRequest::Closed { for_ns }, time)? {
            Reply::Loaded(run) => Ok(run),
            _ => Err(self.talk.confused()),
        }
    }

    /// Loads it at a fixed rate for this long.
    ///
    /// # Errors
    /// As [`crate::load::Client::open`]; the lab's death, or its silence.
    pub fn open(&mut self, due_per_s: f64, time: Duration) -> Result<LoadRun> {
        let for_ns = time.as_nanos() as u64;
        match self.answered(&LoadRequest::Open { due_per_s, for_ns }, time)? {
            Reply::Loaded(run) => Ok(run),
            _ => Err(self.talk.confused()),
        }
    }

    /// Shoots a worker.
    ///
    /// # Errors
    /// As [`crate::load::Client::shoot`]; the lab's death, or its silence.
    pub fn shoot(&mut self, shot: &Shot) -> Result<CrashLaunch> {
        let time = Duration::from_nanos(shot.before_ns + shot.after_ns);
        match self.answered(&LoadRequest::Shoot(*shot), time)? {
            Reply::Shot(launch) => Ok(launch),
            _ => Err(self.talk.confused()),
        }
    }

    /// Has as many idle connections, besides its others.
    ///
    /// # Errors
    /// As [`crate::load::Idle::grow`]; the lab's death, or its silence.
    pub fn hold(&mut self, connections: u32) -> Result<()> {
        match self.answered(&LoadRequest::Hold { connections }, Duration::ZERO)? {
            Reply::Connected => Ok(()),
            _ => Err(self.talk.confused()),
        }
    }

    fn answered(&mut self, request: &LoadRequest, time: Duration) -> Result<Reply> {
        self.talk.ask(request)?;
        match self.talk.answer(PATIENCE + time)? {
            Reply::Failed(failure) => {
                let tried = format!("{}: {}", self.talk.name(), failure.tried);
                Err(Failure { tried, ..failure })
            }
            reply => Ok(reply),
        }
    }
}
