//! The companion server of a lab whose primitive is a client.

use super::serve::ServerLab;
use crate::lab::Program;
use crate::lab::protocol::{ServeSpec, Spec};
use crate::record::{Failure, Result};
use crate::server::Settings;

/// Launches the server that the arm's primitive needs; `None` where it needs none.
///
/// # Errors
/// It cannot be started; the reason is the server's.
pub(super) fn launch(program: &Program, spec: &Spec) -> Result<Option<ServerLab>> {
    let arm = &spec.setup.arm;
    let Some(shape) = arm.work.server() else { return Ok(None) };
    let settings = Settings {
        shape,
        workers: arm.actors.max(1),
        pages: arm.pages,
        cpus: spec.setup.partner_cpu.into_iter().collect(),
        crashable: false,
    };
    let launched = ServerLab::launch(program, &ServeSpec { settings, group: None });
    launched.map(Some).map_err(|failure| its(&arm.to_string(), failure))
}

/// CPU time of the processes of an arm's server so far, nanoseconds.
///
/// # Errors
/// It is dead or does not reply, or one of its processes was restarted: then its figures are no
/// measurement.
pub(super) fn cpu_ns(server: &mut ServerLab, arm: &str) -> Result<u64> {
    let account = server.whole_account().map_err(|failure| its(arm, failure))?;
    Ok(account.cpu_ns)
}

/// Why a client failed: the server's reason, if it has one. A client whose server is dead only sees
/// that its connections have ended.
pub(super) fn explained(server: Option<&mut ServerLab>, arm: &str, failure: Failure) -> Failure {
    server.and_then(|server| cpu_ns(server, arm).err()).unwrap_or(failure)
}

fn its(arm: &str, failure: Failure) -> Failure {
    Failure { tried: format!("{arm}: its server: {}", failure.tried), ..failure }
}
