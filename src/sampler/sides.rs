//! The two sides: a client on the main core, a server on another, so that neither takes the other's time.

use super::Bench;
use crate::lab::{Cores, LoadLab, LoadSpec, ServeSpec, ServerLab};
use crate::load;
use crate::record::{Failure, Result, Shape};
use crate::server::{self, Limits};

/// The CPUs of client and server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) client: usize,
    pub(super) server: usize,
}

impl Sides {
    /// A core each.
    ///
    /// # Errors
    /// There is one only.
    pub(super) fn apart(cores: &Cores, what: &str) -> Result<Self> {
        let other = cores.other.clone();
        let server = other.map_err(|e| Failure { tried: format!("placing {what}"), ..e })?;
        Ok(Sides { client: cores.main, server })
    }

    /// A server of this shape that has as many connections: as many workers, where it has any.
    pub(super) fn serve(self, shape: Shape, connections: u32) -> ServeSpec {
        ServeSpec {
            driver_pid: std::process::id(),
            settings: server::Settings {
                shape,
                workers: connections,
                pages: 0,
                cpus: vec![self.server],
                limits: Limits::default(),
                crashable: false,
            },
            group: None,
        }
    }

    /// A client of this server, of one thread.
    pub(super) fn client(
        self,
        bench: &Bench,
        server: &ServerLab,
        connections: u32,
    ) -> Result<LoadLab> {
        let settings = load::Settings {
            address: server.address(),
            connections,
            per_request: false,
            threads: 1,
        };
        let spec = LoadSpec { driver_pid: std::process::id(), settings, cpu: Some(self.client) };
        LoadLab::launch(&bench.lab, &spec)
    }
}
