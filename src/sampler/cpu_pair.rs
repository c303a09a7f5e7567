//! A core for the client and another for the server, so that neither takes the other's time.

use super::Bench;
use crate::lab::{Cores, LoadLab, LoadSpec, ServeSpec, ServerLab};
use crate::load;
use crate::record::{Failure, Result, Shape};
use crate::server;

/// The CPUs of client and server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CpuPair {
    pub(super) client: usize,
    pub(super) server: usize,
}

impl CpuPair {
    /// One core each.
    ///
    /// # Errors
    /// There is only one.
    pub(super) fn apart(cores: &Cores, what: &str) -> Result<Self> {
        let other = cores.other.clone();
        let server = other.map_err(|e| Failure { tried: format!("placing {what}"), ..e })?;
        Ok(CpuPair { client: cores.main, server })
    }

    /// A server of this shape that has as many connections: as many workers, where it has any. A
    /// loop for each CPU takes more than one: that shape has all, and shares the client's with it.
    pub(super) fn serve(self, cores: &Cores, shape: Shape, connections: u32) -> ServeSpec {
        ServeSpec {
            settings: server::Settings {
                shape,
                workers: connections,
                pages: 0,
                cpus: match shape {
                    Shape::EpollPerCore => cores.all.clone(),
                    _ => vec![self.server],
                },
                crashable: false,
            },
            group: None,
        }
    }

    /// A client of this server, of one thread.
    pub(super) fn client(
        self,
        bench: &Bench,
        server: &mut ServerLab,
        connections: u32,
    ) -> Result<LoadLab> {
        let settings = load::Settings {
            address: server.address(),
            connections,
            per_request: false,
            threads: 1,
            reopens: false,
        };
        let spec = LoadSpec { settings, cpu: Some(self.client) };
        LoadLab::launch(&bench.lab, &spec).map_err(|failure| server.explained(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_the_cpu_that_is_not_the_clients_and_a_loop_on_each_has_all() {
        let cores = Cores { main: 4, other: Ok(2), all: vec![2, 4, 6] };
        let cpus = CpuPair::apart(&cores, "a server").unwrap();
        assert_eq!(cpus, CpuPair { client: 4, server: 2 });
        for shape in Shape::ALL {
            let cpus = cpus.serve(&cores, shape, 1).settings.cpus;
            let all = shape == Shape::EpollPerCore;
            assert_eq!(cpus, if all { vec![2, 4, 6] } else { vec![2] }, "{shape}");
        }
    }
}
