//! The server beside a lab whose primitive asks one.

use super::serve::ServerLab;
use crate::lab::Program;
use crate::lab::protocol::{ServeSpec, Spec};
use crate::plan::servers;
use crate::record::{Failure, Result};
use crate::server::{Limits, Settings};
use std::net::SocketAddr;

/// The server of one lab; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Beside {
    lab: ServerLab,
    arm: String,
}

impl Beside {
    /// Launches the server that the arm's primitive asks; `None` where it asks none.
    ///
    /// # Errors
    /// It cannot be started; the reason is the server's.
    pub(super) fn launch(program: &Program, spec: &Spec) -> Result<Option<Self>> {
        let arm = &spec.setup.arm;
        let Some(shape) = servers::served(arm) else { return Ok(None) };
        let settings = Settings {
            shape,
            workers: arm.actors.max(1),
            pages: arm.pages,
            cpus: spec.setup.partner_cpu.into_iter().collect(),
            limits: Limits::default(),
            crashable: false,
        };
        let arm = arm.to_string();
        let spec = ServeSpec { settings, group: None };
        match ServerLab::launch(program, &spec) {
            Ok(lab) => Ok(Some(Beside { lab, arm })),
            Err(failure) => Err(its(&arm, failure)),
        }
    }

    /// Process id of its master.
    pub(super) fn pid(&self) -> i32 {
        self.lab.pid()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.lab.address()
    }

    /// CPU time of its processes so far, nanoseconds.
    ///
    /// # Errors
    /// It is dead or silent, or one of its processes was started again: then what it has answered is no measurement.
    pub(super) fn cpu_ns(&mut self) -> Result<u64> {
        let account = self.lab.account().map_err(|failure| its(&self.arm, failure))?;
        match account.restarted {
            0 => Ok(account.cpu_ns),
            died => {
                let why = format!("{died} of its processes have died and were started again");
                Err(its(&self.arm, Failure::new("serving", why)))
            }
        }
    }

    /// Why the client failed: by the server, if that has something to say.
    pub(super) fn explain(&mut self, failure: Failure) -> Failure {
        self.cpu_ns().err().unwrap_or(failure)
    }
}

fn its(arm: &str, failure: Failure) -> Failure {
    Failure { tried: format!("{arm}: its server: {}", failure.tried), ..failure }
}
