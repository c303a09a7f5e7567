//! The driver's end: launch a lab, ask it for batches, bury it.

use super::Program;
use super::wire::{Batch, Reply, Request, Spec};
use crate::record::{Failure, LabState, Result};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Time that a lab has to get ready, and to do a batch of unknown length.
const PATIENCE: Duration = Duration::from_secs(30);
/// Looks at a lab that has closed its pipe, and time between them.
const DYING_STEPS: u32 = 100;
const DYING_STEP: Duration = Duration::from_millis(10);
/// A batch may take this many times as long as the last ones lead to expect.
const SLACK: f64 = 20.0;

/// A live lab. It is killed and reaped on drop.
///
/// Launch labs from a thread that outlives them: the parent-death signal fires when the creating *thread* ends
/// (prctl(2), PR_SET_PDEATHSIG).
#[derive(Debug)]
pub struct Lab {
    child: Child,
    asks: ChildStdin,
    answers: ChildStdout,
    unread: Vec<u8>,
    name: String,
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
        let name = spec.arm.to_string();
        let tried = || format!("launching a lab for {name}");
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // The environment lies on the lab's stack, and LD_ and GLIBC_ variables change what is measured.
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // The actors of a ring are alike in all but their clone flags: a process would inherit the C library's
        // restartable sequences from its creator, and a thread of our own making not (rseq(2)).
        if spec.arm.primitive.starts_with("ring/") {
            command.env("GLIBC_TUNABLES", "glibc.pthread.rseq=0");
        }
        let mut child = command.spawn().map_err(|e| Failure::os(tried(), e))?;
        let ends = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(answers)) = ends else {
            return Err(Failure::new(tried(), "it has no pipes"));
        };
        let state = LabState::default();
        let (unread, ns_per_op, patience) = (Vec::new(), None, PATIENCE);
        let mut lab = Lab { child, asks, answers, unread, name, state, ns_per_op, patience };
        lab.ask(spec)?;
        match lab.answer(PATIENCE)? {
            Reply::Ready(state) => lab.state = state,
            Reply::Failed(failure) => return Err(failure),
            Reply::Done(_) => return Err(lab.confused()),
        }
        Ok(lab)
    }

    /// The lab's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
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
        self.ask(&Request { discard, ops })?;
        let expected_s = self.ns_per_op.unwrap_or(0.0) * (discard + ops) as f64 / 1e9;
        match self.answer(self.patience + Duration::from_secs_f64(expected_s * SLACK))? {
            Reply::Done(batch) => {
                self.ns_per_op = (batch.half.ops > 0).then(|| batch.half.ns_per_op());
                Ok(batch)
            }
            Reply::Failed(failure) => {
                Err(Failure { tried: format!("{}: {}", self.name, failure.tried), ..failure })
            }
            Reply::Ready(_) => Err(self.confused()),
        }
    }

    fn ask(&mut self, question: &impl serde::Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(question)
            .map_err(|e| Failure::new(format!("asking {}", self.name), e.to_string()))?;
        line.push(b'\n');
        match self.asks.write_all(&line) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.death()),
        }
    }

    fn answer(&mut self, patience: Duration) -> Result<Reply> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return serde_json::from_slice(&line).map_err(|_| self.confused());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let _ = self.child.kill();
                let why =
                    format!("it gave no answer within {} s and was killed", patience.as_secs());
                return Err(Failure::new(format!("waiting for {}", self.name), why));
            }
            self.read_some(left)?;
        }
    }

    fn read_some(&mut self, patience: Duration) -> Result<()> {
        let mut ready = [PollFd::new(self.answers.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        match poll(&mut ready, timeout) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => return Ok(()),
            Ok(_) => {}
            Err(e) => return Err(Failure::os(format!("waiting for {}", self.name), e)),
        }
        let mut some = [0; 4096];
        match self.answers.read(&mut some) {
            Ok(0) => Err(self.death()),
            Ok(count) => {
                self.unread.extend_from_slice(&some[..count]);
                Ok(())
            }
            Err(e) => Err(Failure::os(format!("reading from {}", self.name), e)),
        }
    }

    /// The lab closed its pipe: it is dying or dead. Says how.
    fn death(&mut self) -> Failure {
        // One that closes its pipe and lives on is ended.
        for _ in 0..DYING_STEPS {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(DYING_STEP);
        }
        let _ = self.child.kill();
        let how = match self.child.wait() {
            Ok(status) => describe(status),
            Err(e) => format!("and nobody knows how: {e}"),
        };
        Failure::new(format!("measuring {}", self.name), format!("the lab died, {how}"))
    }

    fn confused(&self) -> Failure {
        let tried = format!("talking to the lab of {}", self.name);
        Failure::new(tried, "it answered what was not asked").remedy("rebuild both programs")
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(number), _) => match nix::sys::signal::Signal::try_from(number) {
            Ok(signal) => format!("killed by {signal}"),
            Err(_) => format!("killed by signal {number}"),
        },
        (None, Some(code)) => format!("with exit status {code}"),
        (None, None) => status.to_string(),
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // It may be dead already; either way it is reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
