//! A lab that serves.

use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{Role, ServeSpec};
use crate::record::{Failure, Result};
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

    /// The same of a server that is measured, of which no process may have died.
    ///
    /// # Errors
    /// As of [`Self::account`]; one has died and was started again.
    pub fn whole_account(&mut self) -> Result<Account> {
        let account = self.account()?;
        let Some(died) = &account.died else { return Ok(account) };
        let others = match account.restarted {
            0 | 1 => String::new(),
            more => format!(", and {} more", more - 1),
        };
        let why = format!("{died}{others}, and was started again");
        Err(Failure::new(format!("measuring {}", self.pipe.name()), why))
    }

    /// Why a client failed: the server's reason, if it has one. A client whose server is dead only
    /// sees that its connections have ended.
    #[must_use]
    pub fn explained(&mut self, failure: Failure) -> Failure {
        self.whole_account().err().unwrap_or(failure)
    }
}

impl Drop for ServerLab {
    fn drop(&mut self) {
        // Killed, it would leave its processes to a parent that may never reap them.
        self.pipe.end(ENDING);
    }
}
