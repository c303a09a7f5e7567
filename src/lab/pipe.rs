//! The pipe between the driver and a lab: lines of JSON both ways, deadlines, and the end.
//!
//! A lab replies with a [`Result`]: what it was asked for, or its reason why there is none.

use super::Program;
use super::actors::Actors;
use super::protocol::{Opening, Role};
use crate::machine;
use crate::proc;
use crate::record::{Failure, Result};
use crate::variables;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::io::{BufRead, Read, StdinLock, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Looks at a lab that has closed its pipe, and time between them.
const DYING_STEPS: u32 = 100;
const DYING_STEP: Duration = Duration::from_millis(10);
/// Time between two looks at a lab that is to end.
const ENDING_STEP: Duration = Duration::from_millis(1);
/// Time that a lab has to say itself what the end of one of its actors means to it.
const GRIEF: Duration = Duration::from_millis(300);
/// Time that a lab has to finish what it said while it was not asked.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long a lab that may not be killed has to leave.
const LEAVING: Duration = Duration::from_secs(5);

/// What the lab tries when it reads a request.
const LISTENING: &str = "reading a request of the driver";

/// Whose word there is.
enum Heard {
    Nothing,
    Lab,
    Actor,
}

/// The driver's end, and the lab itself, which is killed and reaped on drop.
#[derive(Debug)]
pub(super) struct Pipe {
    child: Child,
    /// `None` once it is told that there will be no more.
    asks: Option<ChildStdin>,
    answers: ChildStdout,
    unread: Vec<u8>,
    name: String,
    actors: Actors,
}

impl Pipe {
    /// Starts a lab for what has this name, with PATH and `variables` as its environment.
    pub(super) fn start(
        program: &Program,
        name: String,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let tried = || format!("starting a benchmark process for {name}");
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the driver, which ends its labs.
        command.process_group(0);
        // The environment lies on the lab's stack, and LD_ and GLIBC_ variables change what is
        // measured.
        command.env_clear().envs(variables.iter().copied());
        if let Some(path) = variables::value("PATH") {
            command.env("PATH", path);
        }
        let mut child = command
            .spawn()
            .map_err(|e| machine::advised(Failure::os(tried(), e), "vfork(2) or execve(2)"))?;
        let ends = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(answers)) = ends else {
            return Err(Failure::new(tried(), "it has no pipes"));
        };
        Ok(Pipe {
            child,
            asks: Some(asks),
            answers,
            unread: Vec::new(),
            name,
            actors: Actors::default(),
        })
    }

    pub(super) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Has the ends of these processes of the lab noticed as well: it may wait for them in vain.
    pub(super) fn watch(&mut self, processes: &[i32]) {
        self.actors = Actors::of(processes);
    }

    /// Why something failed that was done to a lab from outside: its death, if a signal has ended
    /// it, or that of one of the processes that are watched.
    pub(super) fn explained(&mut self, failure: Failure) -> Failure {
        let deadline = Instant::now() + DYING_STEP * 10;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.signal().is_some() => return self.death(),
                Ok(None) if Instant::now() < deadline => crate::sys::clock::pause(ENDING_STEP),
                _ => break,
            }
        }
        match self.actors.death() {
            Some(why) => Failure::new(format!("measuring {}", self.name), why),
            None => failure,
        }
    }

    /// Has the lab not ended yet?
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What the lab is for.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Says what the lab is for, and takes what it answers when it is ready; why it cannot be is
    /// its own reason.
    pub(super) fn open<T: DeserializeOwned>(
        &mut self,
        role: Role,
        patience: Duration,
    ) -> Result<T> {
        self.request(&Opening::of(role), patience)?
    }

    /// Asks, and takes the answer; to the lab's own reason why there is none, its name is added.
    pub(super) fn ask<T: DeserializeOwned>(
        &mut self,
        question: &impl Serialize,
        patience: Duration,
    ) -> Result<T> {
        self.request(question, patience)?.map_err(|failure: Failure| {
            let tried = format!("{}: {}", self.name, failure.tried);
            Failure { tried, ..failure }
        })
    }

    /// The answer or the lab's own reason, unless it is dead, silent or confused.
    fn request<T: DeserializeOwned>(
        &mut self,
        question: &impl Serialize,
        patience: Duration,
    ) -> Result<Result<T>> {
        self.send(question)?;
        self.answer(patience)
    }

    /// Ends the lab at once; where no signal may be sent, by the end of its input. Has it ended, or
    /// is about to?
    fn kill(&mut self) -> bool {
        if self.child.kill().is_ok() {
            return true;
        }
        self.end(LEAVING);
        !self.lives()
    }

    /// Sends a line.
    fn send(&mut self, question: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(question)
            .map_err(|e| Failure::new(format!("asking {}", self.name), e.to_string()))?;
        line.push(b'\n');
        match self.asks.as_mut().map(|asks| asks.write_all(&line)) {
            Some(Ok(())) => Ok(()),
            _ => Err(self.last_words()),
        }
    }

    /// Has the lab end in order, by the end of its input. One that has not left in time is killed
    /// on drop.
    pub(super) fn end(&mut self, patience: Duration) {
        self.asks = None;
        let deadline = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            crate::sys::clock::pause(ENDING_STEP);
        }
    }

    /// Why a lab left that takes no more questions: what it said before it did, or how it died.
    fn last_words(&mut self) -> Failure {
        match self.answer::<IgnoredAny>(LAST_WORDS) {
            Ok(Err(failure)) | Err(failure) => failure,
            Ok(Ok(_)) => self.death(),
        }
    }

    /// Waits for a line; a lab that sends none in time is killed.
    fn answer<T: DeserializeOwned>(&mut self, patience: Duration) -> Result<Result<T>> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return serde_json::from_slice(&line).map_err(|_| self.confused());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.kill();
                let why = format!("no reply within {} s; killed", patience.as_secs());
                return Err(Failure::new(format!("waiting for {}", self.name), why));
            }
            self.read_some(left)?;
        }
    }

    fn read_some(&mut self, patience: Duration) -> Result<()> {
        match self.listen(true, patience)? {
            Heard::Nothing => return Ok(()),
            Heard::Lab => {}
            Heard::Actor => match self.listen(false, GRIEF)? {
                Heard::Lab => {}
                _ => return Err(self.abandoned()),
            },
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

    /// Waits for the lab's words, or for the end of one of its actors as well.
    fn listen(&self, actors: bool, patience: Duration) -> Result<Heard> {
        let of_actors = if actors { &self.actors.ends[..] } else { &[] };
        let ends = of_actors.iter().map(|(_, end)| end.as_fd());
        let watched = std::iter::once(self.answers.as_fd()).chain(ends);
        let mut ready: Vec<_> = watched.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        let timeout = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        match poll(&mut ready, timeout) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(Heard::Nothing),
            // An end of the lab takes its actors with it, and is heard first.
            Ok(_) if ready[0].any() != Some(false) => Ok(Heard::Lab),
            Ok(_) => Ok(Heard::Actor),
            Err(e) => Err(Failure::os(format!("waiting for {}", self.name), e)),
        }
    }

    /// An actor has ended and the lab is silent: it waits in vain, and is ended.
    fn abandoned(&mut self) -> Failure {
        let why = self.actors.death().unwrap_or_else(|| "one of its processes died".to_owned());
        self.kill();
        let why = format!("{why}; the lab waited for it in vain and was killed");
        Failure::new(format!("measuring {}", self.name), why)
    }

    /// The lab closed its pipe: it is dying or dead. Says how.
    fn death(&mut self) -> Failure {
        // One that closes its pipe and lives on is ended.
        for _ in 0..DYING_STEPS {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            crate::sys::clock::pause(DYING_STEP);
        }
        let how = match self.kill().then(|| self.child.wait()) {
            Some(Ok(status)) => proc::ending(status),
            Some(Err(e)) => format!("its exit status is unknown: {e}"),
            None => "it is silent, and may not be killed".to_owned(),
        };
        Failure::new(format!("measuring {}", self.name), format!("the lab died: {how}"))
    }

    /// The reply is none to the request.
    fn confused(&self) -> Failure {
        let tried = format!("reading a reply of the benchmark process of {}", self.name);
        Failure::new(tried, "unexpected reply: its build is another one")
            .remedy("rebuild both programs")
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // It may be dead already; either way it is reaped.
        if self.kill() {
            let _ = self.child.wait();
        }
    }
}

/// The lab's end: receives the driver's next request; `None` at the end of the input.
pub(super) fn recv<T: DeserializeOwned>(driver: &mut StdinLock<'_>) -> Result<Option<T>> {
    read(&line(driver)?)
}

/// A line; empty where the input has ended.
pub(super) fn line(driver: &mut StdinLock<'_>) -> Result<String> {
    let mut line = String::new();
    driver.read_line(&mut line).map_err(|e| Failure::os(LISTENING, e))?;
    Ok(line)
}

/// What a line says; `None` where it is empty.
pub(super) fn read<T: DeserializeOwned>(line: &str) -> Result<Option<T>> {
    match line {
        "" => Ok(None),
        _ => {
            let read = serde_json::from_slice(line.as_bytes());
            read.map(Some).map_err(|e| Failure::new(LISTENING, e.to_string()))
        }
    }
}

/// The lab's end: sends a reply.
pub(super) fn send(answer: impl Serialize) -> Result<()> {
    write_reply(&Ok(answer))
}

/// The lab's end: sends the reason why there is no reply.
pub(super) fn refuse(failure: Failure) -> Result<()> {
    write_reply::<()>(&Err(failure))
}

fn write_reply<T: Serialize>(answer: &Result<T>) -> Result<()> {
    let tried = "answering the driver";
    let mut line = serde_json::to_vec(answer).map_err(|e| Failure::new(tried, e.to_string()))?;
    line.push(b'\n');
    std::io::stdout().lock().write_all(&line).map_err(|e| Failure::os(tried, e))
}
