//! Probes: experiments whose answer is yes or no, such as whether a page is shared.
//!
//! A probe runs in a lab of its own, which has one thread and so may fork. It is run several times,
//! and the answer counts if all runs agree ([`crate::record::Probe::agreed`]).

pub(crate) mod look;
pub(crate) mod smaps;

use crate::primitive::Catalogue;
use crate::record::{Failure, Family, Id, ProbeRun, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Whether the mechanism that a probe's statement is about is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mechanism {
    /// It is: the experiment.
    On,
    /// It is not: the probe's own control, which has to find the statement false.
    Off,
}

/// A probe.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// What it belongs to.
    pub family: Family,
    /// Its name there.
    pub name: &'static str,
    /// The sentence that each run finds true or false.
    pub statement: &'static str,
    pub(crate) run: Run,
}

/// How a probe is run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// As it is.
    Plain(fn(Mechanism) -> Result<ProbeRun>),
    /// With a control group of its own, in whose folder it may set limits and put processes.
    InGroup(fn(Mechanism, &Path) -> Result<ProbeRun>),
}

impl Entry {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.family.named(self.name)
    }

    /// Does a run need a control group of its own?
    #[must_use]
    pub fn needs_group(&self) -> bool {
        matches!(self.run, Run::InGroup(_))
    }

    /// Makes one run, in the calling process: it forks.
    ///
    /// # Errors
    /// What could not be done or seen, and why: the process has more than one thread, or the kernel
    /// hides it.
    pub fn run(&self, mechanism: Mechanism, group: Option<&Path>) -> Result<ProbeRun> {
        match (self.run, group) {
            (Run::Plain(run), _) => run(mechanism),
            (Run::InGroup(run), Some(folder)) => run(mechanism, folder),
            (Run::InGroup(_), None) => {
                Err(Failure::new(format!("running {}", self.id()), "it has no control group"))
            }
        }
    }
}

/// The probe with this id.
///
/// # Errors
/// There is none.
pub fn find(all: Catalogue<Entry>, id: &Id) -> Result<&'static Entry> {
    all.iter().copied().flatten().find(|entry| entry.id() == *id).ok_or_else(|| {
        Failure::new(format!("preparing the probe {id}"), "there is no such probe")
            .remedy("`process-vs-thread list` shows all names")
    })
}
