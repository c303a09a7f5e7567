//! A lab that serves.

use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{Role, ServeSpec};
use crate::record::Result;
use crate::server::Account;
use std::net::SocketAddr;
use std::time::Duration;

/// Time that a server has to listen, and to say what it has come to.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time that it has to reap its processes: a thousand take a fraction of it.
const ENDING: Duration = Duration::from_secs(10);

/// A live server. On drop it ends, which is when it has killed and reaped its processes; where that
/// takes too long it is killed, and they die with it.
#[derive(Debug)]
pub struct ServerLab {
    pipe: Pipe,
    address: SocketAddr,
}

impl ServerLab {
    /// Launches a server and waits until it listens and all that is started beforehand is there.
    ///
    /// # Errors
    /// It cannot be started, or not in time; the reason is the lab's.
    pub fn launch(program: &Program, spec: &ServeSpec) -> Result<Self> {
        let mut pipe = Pipe::start(program, format!("a server: {}", spec.settings.shape), &[])?;
        let address = pipe.open(Role::Serve(spec.clone()), PATIENCE)?;
        Ok(ServerLab { pipe, address })
    }

    /// Process id of its master.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pipe.pid()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has come to so far.
    ///
    /// # Errors
    /// The lab's own reason, its death, or its silence: then it is of no further use.
    pub fn account(&mut self) -> Result<Account> {
        self.pipe.ask(&(), PATIENCE)
    }
}

impl Drop for ServerLab {
    fn drop(&mut self) {
        // Killed, it would leave its processes to a parent that may never reap them.
        self.pipe.end(ENDING);
    }
}
