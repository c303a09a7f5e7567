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

/// Loads the server, shoots, and goes on. The connection that shoots takes part in the load until
/// it does, so that its worker has counted as much as the others. Its answers are in what the
/// processes have counted and not in the bins: those before the shot and after it are of the same
/// connections.
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
    /// From when on the shooter's next request is the shot, and when the load ends.
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
        for number in 0..=self.shooter {
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
            return Err(self.failure("the server did not recover"));
        }
        while self.again.front().is_some_and(|(at_ns, _)| *at_ns <= now_ns) {
            if let Some((_, number)) = self.again.pop_front() {
                self.ask(number)?;
            }
        }
        let tried = tried(self.crew);
        let next_ns = self.next_ns(now_ns);
        let waited = self.crew.alarm_at(next_ns).and_then(|()| self.crew.wait());
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
        let again_ns = self.again.front().map_or(last_ns, |(at_ns, _)| *at_ns);
        again_ns.min(last_ns).max(now_ns)
    }

    fn pull(&mut self, now_ns: u64) -> Result<()> {
        if now_ns >= self.end_ns {
            return Err(self.failure("the crash request was not answered in time"));
        }
        let crash = request::get(request::CRASH, self.crew.address, false);
        let sent = self.crew.send(self.shooter, &crash);
        sent.map_err(|e| Failure::os(tried(self.crew), e))?;
        self.fired = true;
        self.launch.shot_ns = now_ns - self.start_ns;
        self.last_answer_ns = now_ns;
        Ok(())
    }

    /// The shot is answered by the end of the shooter's connection, or not as it wished.
    fn hear_shooter(&mut self) -> Result<()> {
        match self.crew.receive(self.shooter) {
            Ok(false) => return Ok(()),
            Ok(true) if !self.fired => return self.ready(),
            Ok(true) => return Err(self.unknown("the answer is 200")),
            Err(e) if ended(&e) && self.fired => {}
            Err(e) if ended(&e) => return Err(self.failure("the server ended it too early")),
            Err(e) if self.fired => return Err(self.unknown(&e.to_string())),
            Err(e) => return Err(Failure::os(tried(self.crew), e)),
        }
        self.hit = true;
        self.crew.connections[self.shooter].close();
        Ok(())
    }

    /// The shooter was answered as any other connection: it sends its next request, or shoots.
    fn ready(&mut self) -> Result<()> {
        self.answered_before[self.shooter] += 1;
        let now_ns = clock::monotonic_ns();
        if now_ns < self.fire_ns { self.ask(self.shooter) } else { self.pull(now_ns) }
    }

    fn unknown(&self, why: &str) -> Failure {
        self.failure(&format!("{} crashed no process: {why}", request::CRASH))
            .remedy("start the server with --crashable")
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
        self.fresh[number] = false;
        match self.fired {
            // Then nothing more is asked.
            true => self.note_gap(now_ns.min(self.end_ns)),
            false => self.answered_before[number] += 1,
        }
        if now_ns >= self.end_ns {
            self.done += 1;
            return Ok(());
        }
        let bin = ((now_ns - self.start_ns) / self.launch.bin_ns) as usize;
        self.launch.answered[bin] += 1;
        self.ask(number)
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

    /// A connection ended. One that had been answered before is replaced at once, a new one a
    /// little later.
    fn lost(&mut self, number: usize) -> Result<()> {
        if !self.fired {
            return Err(self.failure("the server closed a connection before the crash"));
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
    format!("crashing a worker of {}", crew.address)
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
