//! The shot: load, one request that kills what serves it, and what becomes of the others.

mod census;

use super::connection::Connection;
use super::crew::{Crew, PATIENCE_NS};
use super::request;
use crate::record::{CrashLaunch, Failure, Result};
use crate::sys::clock;
use census::{Census, census};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Time between two attempts to connect again.
const AGAIN_NS: u64 = 1_000_000;

/// When the shot falls and how closely is looked at what follows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Shot {
    /// Load before it, nanoseconds.
    pub before_ns: u64,
    /// Load after it, nanoseconds.
    pub after_ns: u64,
    /// Width of a bin, nanoseconds.
    pub bin_ns: u64,
}

/// Loads the server, shoots, and goes on. The connection that shoots is opened before anything is counted: a worker waits
/// for it as for the others.
pub(super) fn shoot(crew: &mut Crew, shot: &Shot) -> Result<CrashLaunch> {
    let shooter = crew.connections.len();
    crew.connections.push(Connection::new(shooter));
    let shoot = crew.greet().and_then(|()| {
        let before = census(crew, 0..=shooter)?;
        let mut aim = Aim::take(crew, shot, shooter);
        aim.fire()?;
        let Aim { launch, answered_before, .. } = aim;
        let after = census(crew, 0..=shooter - 1)?;
        Ok(counted(launch, &before, &answered_before, &after))
    });
    crew.connections.truncate(shooter);
    shoot
}

/// What the processes had counted, and which of them are gone.
fn counted(
    mut launch: CrashLaunch,
    before: &Census,
    answered_before: &[u64],
    after: &Census,
) -> CrashLaunch {
    for process in before.processes() {
        let own = before.counted(process, answered_before);
        launch.counted += own;
        if !after.knows(process) {
            launch.died += 1;
            launch.forgotten += own;
        }
    }
    launch.shared = [before.shared(), after.shared()];
    launch
}

/// What goes on around the shot.
struct Aim<'c> {
    crew: &'c mut Crew,
    shooter: usize,
    /// When it is to be fired, and when the load ends.
    fire_ns: u64,
    end_ns: u64,
    start_ns: u64,
    fired: bool,
    hit: bool,
    /// Connections that replace others and have not been answered anything.
    fresh: Vec<bool>,
    /// Those that are to be tried again, and when.
    again: VecDeque<(u64, usize)>,
    /// Connections that have had their last answer.
    done: usize,
    last_answer_ns: u64,
    /// Requests answered on each connection before the shot.
    answered_before: Vec<u64>,
    launch: CrashLaunch,
}

impl<'c> Aim<'c> {
    fn take(crew: &'c mut Crew, shot: &Shot, shooter: usize) -> Self {
        let start_ns = clock::monotonic_ns();
        let fire_ns = start_ns + shot.before_ns;
        let bins = (shot.before_ns + shot.after_ns).div_ceil(shot.bin_ns.max(1));
        Aim {
            crew,
            shooter,
            start_ns,
            fire_ns,
            end_ns: fire_ns + shot.after_ns,
            fired: false,
            hit: false,
            fresh: vec![false; shooter],
            again: VecDeque::new(),
            done: 0,
            last_answer_ns: start_ns,
            answered_before: vec![0; shooter + 1],
            launch: CrashLaunch {
                bin_ns: shot.bin_ns.max(1),
                answered: vec![0; bins as usize],
                pids: [0, std::process::id() as i32],
                ..CrashLaunch::default()
            },
        }
    }

    fn fire(&mut self) -> Result<()> {
        for number in 0..self.shooter {
            self.ask(number)?;
        }
        while self.done < self.shooter || !self.hit {
            self.look()?;
        }
        self.note_gap(self.end_ns);
        Ok(())
    }

    /// Does what is due, then waits for what comes.
    fn look(&mut self) -> Result<()> {
        let now_ns = clock::monotonic_ns();
        if now_ns >= self.end_ns + PATIENCE_NS {
            return Err(self.failure("the server did not come back"));
        }
        if !self.fired && now_ns >= self.fire_ns {
            self.pull(now_ns)?;
        }
        while self.again.front().is_some_and(|(at_ns, _)| *at_ns <= now_ns) {
            if let Some((_, number)) = self.again.pop_front() {
                self.ask(number)?;
            }
        }
        let tried = tried(self.crew);
        let waited = self.crew.alarm_at(self.next_ns(now_ns)).and_then(|()| self.crew.wait());
        for event in 0..waited.map_err(|e| Failure::os(tried, e))? {
            match self.crew.heard(event) {
                Some(number) if number == self.shooter => self.hear_shooter()?,
                Some(number) => self.hear(number)?,
                None => {}
            }
        }
        Ok(())
    }

    /// When there is something to do though nothing is heard.
    fn next_ns(&self, now_ns: u64) -> u64 {
        let last_ns = self.end_ns + PATIENCE_NS;
        let fire_ns = if self.fired { last_ns } else { self.fire_ns };
        let again_ns = self.again.front().map_or(last_ns, |(at_ns, _)| *at_ns);
        fire_ns.min(again_ns).max(now_ns)
    }

    fn pull(&mut self, now_ns: u64) -> Result<()> {
        let crash = request::get(request::CRASH, self.crew.address, false);
        let sent = self.crew.send(self.shooter, &crash);
        sent.map_err(|e| Failure::os(tried(self.crew), e))?;
        self.fired = true;
        self.launch.shot_ns = now_ns - self.start_ns;
        self.last_answer_ns = now_ns;
        Ok(())
    }

    /// The shooter is answered by the end of its connection, or not as it wished.
    fn hear_shooter(&mut self) -> Result<()> {
        match self.crew.receive(self.shooter) {
            Ok(false) => return Ok(()),
            Err(e) if ended(&e) && self.fired => {}
            Err(e) if ended(&e) => return Err(self.failure("the server ended it too early")),
            Err(e) => return Err(self.unknown(&e.to_string())),
            Ok(true) => return Err(self.unknown("the answer is 200")),
        }
        self.hit = true;
        self.crew.connections[self.shooter].close();
        Ok(())
    }

    fn unknown(&self, why: &str) -> Failure {
        self.failure(&format!("{} kills nobody: {why}", request::CRASH))
            .remedy("have the server crashable")
    }

    fn hear(&mut self, number: usize) -> Result<()> {
        match self.crew.receive(number) {
            Ok(false) => Ok(()),
            Ok(true) => self.answered(number),
            Err(e) if ended(&e) => self.lost(number),
            Err(e) => Err(Failure::os(tried(self.crew), e)),
        }
    }

    fn answered(&mut self, number: usize) -> Result<()> {
        let now_ns = clock::monotonic_ns();
        let bin = ((now_ns - self.start_ns) / self.launch.bin_ns) as usize;
        if bin >= self.launch.answered.len() {
            // The last answers come after the end of the load.
            self.launch.answered.resize(bin + 1, 0);
        }
        self.launch.answered[bin] += 1;
        self.fresh[number] = false;
        match self.fired {
            true => self.note_gap(now_ns),
            false => self.answered_before[number] += 1,
        }
        if now_ns < self.end_ns {
            return self.ask(number);
        }
        self.done += 1;
        Ok(())
    }

    fn note_gap(&mut self, now_ns: u64) {
        let gap_ns = now_ns.saturating_sub(self.last_answer_ns);
        self.launch.gap_ns = self.launch.gap_ns.max(gap_ns);
        self.last_answer_ns = now_ns;
    }

    fn ask(&mut self, number: usize) -> Result<()> {
        match self.crew.ask(number, 0) {
            Ok(()) => Ok(()),
            Err(e) if ended(&e) => self.lost(number),
            Err(e) => Err(Failure::os(tried(self.crew), e)),
        }
    }

    /// A connection ended. One that had been answered before is replaced at once, a new one a little later.
    fn lost(&mut self, number: usize) -> Result<()> {
        if !self.fired {
            return Err(self.failure("the server ended a connection before the shot"));
        }
        let connection = &mut self.crew.connections[number];
        let asked = connection.asked;
        connection.close();
        let again_ns = if self.fresh[number] {
            self.launch.refused += 1;
            AGAIN_NS
        } else {
            self.launch.dropped += 1;
            self.launch.failed += u64::from(asked);
            self.fresh[number] = true;
            0
        };
        self.again.push_back((clock::monotonic_ns() + again_ns, number));
        Ok(())
    }

    fn failure(&self, why: &str) -> Failure {
        Failure::new(tried(self.crew), why)
    }
}

fn tried(crew: &Crew) -> String {
    format!("shooting at {}", crew.address)
}

/// Is this how a connection ends, or is refused?
fn ended(e: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        e.kind(),
        ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionRefused
            | ErrorKind::BrokenPipe
    )
}
