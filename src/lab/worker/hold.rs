//! Holds idle units: as many as the driver asks for.
//!
//! The driver reads the memory from outside: what the reading itself takes is charged to the
//! reader.

use super::parent::ParentState;
use super::pin;
use super::small::Padding;
use super::state;
use super::units::{self, Units};
use crate::cgroup;
use crate::lab::pipe::{recv, send};
use crate::lab::protocol::{HoldSpec, Holding};
use crate::record::{Failure, Result};
use nix::sys::resource::{UsageWho, getrusage};
use std::io::StdinLock;

pub(super) fn units(driver: &mut StdinLock<'_>, spec: &HoldSpec) -> Result<()> {
    if let Some(folder) = &spec.group {
        cgroup::enter(folder)?;
    }
    pin(Some(spec.cpu))?;
    let _padding = Padding::add()?;
    let _held = ParentState::by(&spec.parent)?;
    let kind = units::kind(&spec.kind)?;
    let mut units: Option<Box<dyn Units>> = None;
    send(state::read()?)?;
    while let Some(wanted) = recv(driver)? {
        if wanted == 0 {
            units = None;
        } else {
            let living = match &mut units {
                Some(living) => living,
                none => none.insert(kind.none_yet()?),
            };
            living.grow(wanted)?;
        }
        send(Holding {
            units: wanted,
            processes: units.as_ref().map_or(Vec::new(), |living| living.processes()),
            max_rss_self_bytes: max_rss_bytes(UsageWho::RUSAGE_SELF)?,
            max_rss_children_bytes: max_rss_bytes(UsageWho::RUSAGE_CHILDREN)?,
        })?;
    }
    Ok(())
}

fn max_rss_bytes(who: UsageWho) -> Result<u64> {
    let usage = getrusage(who).map_err(|e| Failure::os("reading ru_maxrss", e))?;
    // In KiB on Linux.
    Ok((usage.max_rss() as u64) << 10)
}
