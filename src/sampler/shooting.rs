//! Shots: a worker dies under load, in several launches.

use super::cpu_pair::CpuPair;
use super::{Bench, Budget, Job};
use crate::lab::ServerLab;
use crate::load::Shot;
use crate::plan::Shooting;
use crate::record::{Crash, CrashLaunch, Result, Row};

/// Long enough before that the load is steady, and after that a server which starts anew serves
/// again.
const SHOT: Shot = Shot { before_ns: 120_000_000, after_ns: 200_000_000, bin_ns: 5_000_000 };

/// A server that is shot at, on its way to a crash.
pub struct Shoot {
    shooting: Shooting,
    crash: Crash,
    planned: usize,
}

impl Shoot {
    /// One that has not been shot at yet.
    #[must_use]
    pub fn new(shooting: Shooting, budget: Budget) -> Self {
        let crash = Crash {
            id: shooting.id.clone(),
            shape: shooting.shape,
            connections: shooting.connections,
            launches: Vec::new(),
            failure: None,
        };
        Shoot { shooting, crash, planned: budget.readings(false) }
    }
}

impl Job for Shoot {
    fn launches(&self, budget: Budget) -> usize {
        budget.readings(false)
    }

    fn is_done(&self) -> bool {
        self.crash.failure.is_some() || self.crash.launches.len() == self.planned
    }

    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        progress(&self.shooting.id.to_string());
        match launch(bench, &self.shooting) {
            Ok(launch) => self.crash.launches.push(launch),
            Err(failure) => self.crash.failure = Some(failure),
        }
    }

    fn is_sound(&self) -> bool {
        self.crash.failure.is_none()
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        vec![Row::Crash(self.crash)]
    }
}

fn launch(bench: &Bench, shooting: &Shooting) -> Result<CrashLaunch> {
    let cpus = CpuPair::apart(&bench.cores, &shooting.id.to_string())?;
    // The shooter has a connection too.
    let mut spec = cpus.serve(&bench.cores, shooting.shape, shooting.connections + 1);
    spec.settings.crashable = true;
    let mut server = ServerLab::launch(&bench.lab, &spec)?;
    let mut client = cpus.client(bench, &mut server, shooting.connections)?;
    // A worker is to die; of its master nothing would be known here.
    let shot = client.shoot(&SHOT);
    let shot = shot.map_err(|failure| server.account().err().unwrap_or(failure))?;
    Ok(CrashLaunch { pids: [server.pid(), client.pid()], ..shot })
}
