//! The driver's end: launch a lab and ask it for batches, or for one run of a probe.

use super::Program;
use super::talk::Talk;
use super::wire::{Batch, Opening, ProbeRequest, Reply, Request, Spec};
use crate::group::Group;
use crate::probe::{Entry, Mechanism};
use crate::record::{Failure, LabState, ProbeRun, Result};
use std::time::Duration;

/// Time that a lab has to get ready, to do a batch of unknown length, and to run a probe.
const PATIENCE: Duration = Duration::from_secs(30);
/// A batch may take this many times as long as the last ones lead to expect.
const SLACK: f64 = 20.0;

/// A live lab. It is killed and reaped on drop.
///
/// Launch labs from a thread that outlives them: the parent-death signal fires when the creating *thread* ends
/// (prctl(2), PR_SET_PDEATHSIG).
#[derive(Debug)]
pub struct Lab {
    talk: Talk,
    state: LabState,
    ns_per_op: Option<f64>,
    patience: Duration,
}

impl Lab {
    /// Launches a lab and waits until it is ready.
    ///
    /// # Errors
    /// It cannot be started, cannot prepare its primitive (the reason is the lab's), or is not ready in time.
    pub fn launch(program: &Program, spec: &Spec) -> Result<Self> {
        // The actors of a ring are alike in all but their clone flags: a process would inherit the C library's
        // restartable sequences from its creator, and a thread of our own making not (rseq(2)).
        let without_rseq = [("GLIBC_TUNABLES", "glibc.pthread.rseq=0")];
        let ring = spec.arm.primitive.starts_with("ring/");
        let variables = if ring { &without_rseq[..] } else { &[] };
        let mut talk = Talk::start(program, spec.arm.to_string(), variables)?;
        talk.ask(&Opening::Measure(spec.clone()))?;
        match talk.answer(PATIENCE)? {
            Reply::Ready(state) => Ok(Lab { talk, state, ns_per_op: None, patience: PATIENCE }),
            Reply::Failed(failure) => Err(failure),
            _ => Err(talk.confused()),
        }
    }

    /// The lab's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.talk.pid()
    }

    /// What the lab was when it was ready.
    #[must_use]
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// Sets how long the lab may take for a batch, besides what its last batches lead to expect.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Has the lab do `discard` operations, and time `ops` more as one batch.
    ///
    /// # Errors
    /// The lab's own reason, its death, or its silence: then it is of no further use.
    pub fn batch(&mut self, discard: u64, ops: u64) -> Result<Batch> {
        self.talk.ask(&Request { discard, ops })?;
        let expected_s = self.ns_per_op.unwrap_or(0.0) * (discard + ops) as f64 / 1e9;
        match self.talk.answer(self.patience + Duration::from_secs_f64(expected_s * SLACK))? {
            Reply::Done(batch) => {
                self.ns_per_op = (batch.half.ops > 0).then(|| batch.half.ns_per_op());
                Ok(batch)
            }
            Reply::Failed(failure) => {
                let tried = format!("{}: {}", self.talk.name(), failure.tried);
                Err(Failure { tried, ..failure })
            }
            _ => Err(self.talk.confused()),
        }
    }
}

/// Makes one run of a probe, in a lab of its own. As for [`Lab`], from a thread that outlives it.
///
/// # Errors
/// No control group can be had for a probe that needs one; the lab cannot be started, its own reason, its death, or
/// its silence.
pub fn probe(program: &Program, entry: &Entry, mechanism: Mechanism) -> Result<ProbeRun> {
    // It is removed when the lab is gone.
    let group = if entry.needs_group() { Some(Group::make(program)?) } else { None };
    let folder = group.as_ref().map(|group| group.folder().to_owned());
    let mut talk = Talk::start(program, entry.name(), &[])?;
    let (driver_pid, id) = (std::process::id(), entry.id.to_owned());
    talk.ask(&Opening::Probe(ProbeRequest { driver_pid, id, mechanism, group: folder }))?;
    match talk.answer(PATIENCE)? {
        Reply::Probed(run) => Ok(run),
        Reply::Failed(failure) => {
            Err(Failure { tried: format!("{}: {}", entry.name(), failure.tried), ..failure })
        }
        _ => Err(talk.confused()),
    }
}
