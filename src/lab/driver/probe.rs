//! One run of a probe.

use crate::cgroup::{CgroupReaper, Group};
use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{Opening, Role};
use crate::probe::{Entry, Mechanism};
use crate::record::{ProbeRun, Result};
use std::time::Duration;

/// Time that a run has.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes one run of a probe, in a lab of its own.
///
/// # Errors
/// No control group can be had for a probe that needs one; the lab cannot be started, its own
/// reason, its death, or its silence.
pub fn probe(
    program: &Program,
    reaper: &CgroupReaper,
    entry: &Entry,
    mechanism: Mechanism,
) -> Result<ProbeRun> {
    // It is removed when the lab has ended.
    let group = if entry.needs_group() { Some(Group::make(reaper)?) } else { None };
    let folder = group.as_ref().map(|group| group.folder().to_owned());
    let mut pipe = Pipe::start(program, entry.id().to_string(), &[])?;
    let role = Role::Probe { id: entry.id(), mechanism, group: folder };
    pipe.ask(&Opening::of(role), PATIENCE)
}
