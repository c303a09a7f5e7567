//! A lab that is asked for batches.

use super::companion_server;
use super::serve::ServerLab;
use crate::lab::Program;
use crate::lab::pipe::Pipe;
use crate::lab::protocol::{Batch, BatchRequest, Ready, Role, Spec};
use crate::record::{Failure, Half, LabState, Result, Work};
use std::collections::BTreeMap;
use std::time::Duration;

/// Time that a lab has to get ready, and to do a batch of unknown length.
const PATIENCE: Duration = Duration::from_secs(30);
/// A batch may take this many times as long as the last ones lead to expect.
const SLACK: f64 = 20.0;

/// A live lab, with the server that its primitive asks, if it asks one.
#[derive(Debug)]
pub struct Lab {
    // A client goes before its server, which then has no connection left.
    pipe: Pipe,
    server: Option<ServerLab>,
    state: LabState,
    host: BTreeMap<String, f64>,
    /// What an operation of each arm took last.
    ns_per_op: Vec<f64>,
    patience: Duration,
}

impl Lab {
    /// Launches a lab, after the server that its primitive asks, and waits until it is ready.
    ///
    /// # Errors
    /// It or the server cannot be started, it cannot prepare its primitive (the reason is the
    /// lab's), or is not ready in time.
    pub fn launch(program: &Program, spec: &Spec) -> Result<Self> {
        // The actors of a ring are alike in all but their clone flags: a process would inherit the
        // C library's restartable sequences from its creator, and a thread of our own making not
        // (rseq(2)).
        let without_rseq = [("GLIBC_TUNABLES", "glibc.pthread.rseq=0")];
        let alike = spec.setup.arm.work == Work::TakesTurns;
        let variables = if alike { &without_rseq[..] } else { &[] };
        let mut server = companion_server::launch(program, spec)?;
        let mut spec = spec.clone();
        if let Some(server) = &server {
            spec.setup.server = Some(server.address());
        }
        let arms = 1 + spec.also.len();
        let mut pipe = Pipe::start(program, spec.setup.arm.to_string(), variables)?;
        let ready = pipe.open(Role::Measure(spec), PATIENCE);
        let Ready { state, actors, host } =
            ready.map_err(|e| companion_server::explained(server.as_mut(), pipe.name(), e))?;
        pipe.watch(&actors);
        Ok(Lab { pipe, server, state, host, ns_per_op: vec![0.0; arms], patience: PATIENCE })
    }

    /// The lab's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pipe.pid()
    }

    /// Process id of the master of the server that it asks, if it asks one.
    #[must_use]
    pub fn server(&self) -> Option<i32> {
        self.server.as_ref().map(ServerLab::pid)
    }

    /// What the lab was when it was ready.
    #[must_use]
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// What the host was like, as all of these labs saw it when they were ready: the mean of each
    /// figure.
    #[must_use]
    pub fn host(labs: &[&Lab]) -> BTreeMap<String, f64> {
        let Some((first, others)) = labs.split_first() else { return BTreeMap::new() };
        let mean = |(name, figure): (&String, &f64)| {
            let seen = others.iter().try_fold(*figure, |sum, lab| Some(sum + lab.host.get(name)?));
            Some((name.clone(), seen? / labs.len() as f64))
        };
        first.host.iter().filter_map(mean).collect()
    }

    /// Sets how long the lab may take for a batch, besides what its last batches lead to expect.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Has the lab do `discard` operations, and time `ops` more as one batch. Of a server the CPU
    /// time is that of the batch alone.
    ///
    /// # Errors
    /// The lab's own reason or its server's, its death or that of one of its actors, or its
    /// silence: then it is of no further use.
    pub fn batch(&mut self, discard: u64, ops: u64) -> Result<Batch> {
        self.batch_of(0, discard, ops)
    }

    /// The same of another arm that it was launched with.
    ///
    /// # Errors
    /// Those of [`Lab::batch`].
    pub(crate) fn batch_of(&mut self, arm: usize, discard: u64, ops: u64) -> Result<Batch> {
        let done = match self.server {
            Some(_) => self.served(arm, discard, ops),
            None => self.ask(arm, discard, ops),
        };
        done.map_err(|e| companion_server::explained(self.server.as_mut(), self.pipe.name(), e))
    }

    /// The operations before the batch are a request of their own: between the two the server's
    /// clocks are read.
    fn served(&mut self, arm: usize, discard: u64, ops: u64) -> Result<Batch> {
        let unwashed_ns = match discard {
            0 => 0,
            _ => self.ask(arm, discard, 0)?.half.unwashed_ns,
        };
        let before_ns = self.server_ns()?;
        let mut batch = self.ask(arm, 0, ops)?;
        let after_ns = self.server_ns()?;
        let ran_back = || {
            let why = format!("its CPU time ran from {before_ns} ns back to {after_ns} ns");
            Failure::new(format!("{}: reading its server's clocks", self.pipe.name()), why)
        };
        let server_cpu_ns = after_ns.checked_sub(before_ns).ok_or_else(ran_back)?;
        batch.half = Half { unwashed_ns, server_cpu_ns, ..batch.half };
        Ok(batch)
    }

    fn server_ns(&mut self) -> Result<u64> {
        let name = self.pipe.name();
        self.server.as_mut().map_or(Ok(0), |server| companion_server::cpu_ns(server, name))
    }

    fn ask(&mut self, arm: usize, discard: u64, ops: u64) -> Result<Batch> {
        let expected_s = self.ns_per_op[arm] * (discard + ops) as f64 / 1e9;
        let patience = self.patience + Duration::from_secs_f64(expected_s * SLACK);
        let batch: Batch = self.pipe.ask(&BatchRequest { arm, discard, ops }, patience)?;
        if batch.half.ops > 0 {
            self.ns_per_op[arm] = batch.half.ns_per_op();
        }
        Ok(batch)
    }
}
