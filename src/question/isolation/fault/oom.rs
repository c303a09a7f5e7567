//! Running out of the memory of a control group: the kernel kills who has most of it.

use super::shared_status::LIMIT_BYTES;
use super::workers::Workers;
use super::{Fault, Who, found};
use crate::cgroup;
use crate::probe::Mechanism;
use crate::probe::smaps::seen;
use crate::record::{ProbeRun, Result};
use std::path::Path;

/// Whether a group is killed as a whole; those above it have no say, as it is this one's limit that
/// is reached.
const AS_A_WHOLE: &str = "memory.oom.group";

/// As [`super::run`], in a group with a limit. A bystander in it shows whether the group is killed
/// as a whole, which version 2 does where it is told to.
pub(crate) fn oom(who: Who, mechanism: Mechanism, folder: &Path) -> Result<ProbeRun> {
    cgroup::limit_memory(folder, LIMIT_BYTES)?;
    let mut bystander = Workers::start(Who::Process, 1, None, Some(folder))?;
    let found = found(Fault::Oom, who, mechanism, Some(folder))?;
    let spared = bystander.survivors()?;
    let mut all = found.seen();
    all.push(seen("bystanders that survive", spared, "processes"));
    all.push(seen("limit", LIMIT_BYTES, "bytes"));
    // Version 1 has no such setting.
    let whole = std::fs::read_to_string(folder.join(AS_A_WHOLE)).ok();
    all.extend(whole.and_then(|text| Some(seen(AS_A_WHOLE, text.trim().parse().ok()?, ""))));
    Ok(ProbeRun { holds: found.holds(Fault::Oom, who), seen: all })
}
