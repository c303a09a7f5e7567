//! The pipe between the driver and a lab: lines of JSON both ways, deadlines, and the end.

use super::Program;
use super::wire::{Opening, Reply};
use crate::record::{Failure, Result};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Looks at a lab that has closed its pipe, and time between them.
const DYING_STEPS: u32 = 100;
const DYING_STEP: Duration = Duration::from_millis(10);
/// Time between two looks at a lab that is to end.
const ENDING_STEP: Duration = Duration::from_millis(1);
/// Time that a lab has to finish what it said while it was not asked.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A lab to talk to. It is killed and reaped on drop.
#[derive(Debug)]
pub(super) struct Talk {
    child: Child,
    /// `None` once it is told that there will be no more.
    asks: Option<ChildStdin>,
    answers: ChildStdout,
    unread: Vec<u8>,
    name: String,
}

impl Talk {
    /// Starts a lab for what has this name, with PATH and `variables` as its environment.
    pub(super) fn start(
        program: &Program,
        name: String,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let tried = || format!("launching a lab for {name}");
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // The environment lies on the lab's stack, and LD_ and GLIBC_ variables change what is measured.
        command.env_clear().envs(variables.iter().copied());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let mut child = command.spawn().map_err(|e| Failure::os(tried(), e))?;
        let ends = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(answers)) = ends else {
            return Err(Failure::new(tried(), "it has no pipes"));
        };
        Ok(Talk { child, asks: Some(asks), answers, unread: Vec::new(), name })
    }

    pub(super) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// What the lab is for.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Says what the lab is for, and takes what it answers when it is ready; why it cannot be is its own reason.
    pub(super) fn open<T>(
        &mut self,
        opening: &Opening,
        patience: Duration,
        expected: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T> {
        self.heard(opening, patience, expected)?
    }

    /// Asks, and takes the answer; to the lab's own reason why there is none, its name is added.
    pub(super) fn exchange<T>(
        &mut self,
        question: &impl Serialize,
        patience: Duration,
        expected: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T> {
        self.heard(question, patience, expected)?.map_err(|failure| {
            let tried = format!("{}: {}", self.name, failure.tried);
            Failure { tried, ..failure }
        })
    }

    /// The answer or the lab's own reason, unless it is dead, silent or confused.
    fn heard<T>(
        &mut self,
        question: &impl Serialize,
        patience: Duration,
        expected: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<Result<T>> {
        self.ask(question)?;
        match self.answer(patience)? {
            Reply::Failed(failure) => Ok(Err(failure)),
            reply => expected(reply).map(Ok).ok_or_else(|| self.confused()),
        }
    }

    /// Sends a line.
    fn ask(&mut self, question: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(question)
            .map_err(|e| Failure::new(format!("asking {}", self.name), e.to_string()))?;
        line.push(b'\n');
        match self.asks.as_mut().map(|asks| asks.write_all(&line)) {
            Some(Ok(())) => Ok(()),
            _ => Err(self.last_words()),
        }
    }

    /// Has the lab end in order, by the end of its input. One that has not left in time is killed on drop.
    pub(super) fn end(&mut self, patience: Duration) {
        self.asks = None;
        let deadline = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(ENDING_STEP);
        }
    }

    /// Why a lab left that takes no more questions: what it said before it did, or how it died.
    fn last_words(&mut self) -> Failure {
        match self.answer(LAST_WORDS) {
            Ok(Reply::Failed(failure)) | Err(failure) => failure,
            Ok(_) => self.death(),
        }
    }

    /// Waits for a line; a lab that sends none in time is killed.
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

    /// The lab said something else than it was asked for.
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

impl Drop for Talk {
    fn drop(&mut self) {
        // It may be dead already; either way it is reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
