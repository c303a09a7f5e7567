//! A crash under load: one request kills what serves it; what becomes of the others is noted.

mod census;

use super::connection::Connection;
use super::pool::{ClientPool, PATIENCE_NS};
use super::request;
use crate::record::{CrashLaunch, Failure, Result};
use crate::sys::clock;
use census::{Census, census};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Time between two attempts to connect again.
const AGAIN_NS: u64 = 1_000_000;

/// When the request that crashes a worker is sent, and how closely is looked at what follows.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Shot {
    /// Load before it, nanoseconds.
    pub before_ns: u64,
    /// Load after it, nanoseconds.
    pub after_ns: u64,
    /// Width of a bin, nanoseconds.
    pub bin_ns: u64,
}

/// Loads the server, crashes a worker, and goes on. The connection that sends the crash takes part
/// in the load until it does, so that its worker has counted as much as the others. Its answers are
/// in what the processes have counted and not in the bins: those before the crash and after it are
/// of the same connections.
pub(super) fn under_load(pool: &mut ClientPool, shot: &Shot) -> Result<CrashLaunch> {
    let crasher = pool.connections.len();
    pool.connections.push(Connection::new(crasher));
    let launch = pool.greet().and_then(|()| {
        let before = census(pool, 0..=crasher)?;
        let mut injection = Injection::new(pool, shot, crasher);
        injection.run()?;
        let Injection { launch, answered_before, .. } = injection;
        let after = census(pool, 0..=crasher - 1)?;
        Ok(counted(launch, &before, &answered_before, &after))
    });
    pool.connections.truncate(crasher);
    launch
}

/// What the processes had counted, and which of them have died.
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

/// What goes on around the crash.
struct Injection<'c> {
    pool: &'c mut ClientPool,
    crasher: usize,
    /// From when on the crasher's next request is the crash, and when the load ends.
    crash_ns: u64,
    end_ns: u64,
    start_ns: u64,
    crash_sent: bool,
    crashed: bool,
    /// Connections that replace others and have not been answered anything.
    fresh: Vec<bool>,
    /// Those that are to be tried again, and when.
    again: VecDeque<(u64, usize)>,
    /// Connections that have had their last answer.
    done: usize,
    last_answer_ns: u64,
    /// Requests answered on each connection before the crash.
    answered_before: Vec<u64>,
    launch: CrashLaunch,
}

impl<'c> Injection<'c> {
    fn new(pool: &'c mut ClientPool, shot: &Shot, crasher: usize) -> Self {
        let start_ns = clock::monotonic_ns();
        let crash_ns = start_ns + shot.before_ns;
        let bins = (shot.before_ns + shot.after_ns).div_ceil(shot.bin_ns.max(1));
        Injection {
            pool,
            crasher,
            start_ns,
            crash_ns,
            end_ns: crash_ns + shot.after_ns,
            crash_sent: false,
            crashed: false,
            fresh: vec![false; crasher],
            again: VecDeque::new(),
            done: 0,
            last_answer_ns: start_ns,
            answered_before: vec![0; crasher + 1],
            launch: CrashLaunch {
                bin_ns: shot.bin_ns.max(1),
                answered: vec![0; bins as usize],
                pids: [0, std::process::id() as i32],
                ..CrashLaunch::default()
            },
        }
    }

    fn run(&mut self) -> Result<()> {
        for number in 0..=self.crasher {
            self.ask(number)?;
        }
        while self.done < self.crasher || !self.crashed {
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
        let tried = tried(self.pool);
        let next_ns = self.next_ns(now_ns);
        let waited = self.pool.alarm_at(next_ns).and_then(|()| self.pool.wait());
        for event in 0..waited.map_err(|e| Failure::os(tried, e))? {
            match self.pool.heard(event) {
                Some(number) if number == self.crasher => self.hear_crasher()?,
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

    fn send_crash(&mut self, now_ns: u64) -> Result<()> {
        if now_ns >= self.end_ns {
            return Err(self.failure("the crash request was not answered in time"));
        }
        let crash = request::get(request::CRASH, self.pool.address, false);
        let sent = self.pool.send(self.crasher, &crash);
        sent.map_err(|e| Failure::os(tried(self.pool), e))?;
        self.crash_sent = true;
        self.launch.shot_ns = now_ns - self.start_ns;
        self.last_answer_ns = now_ns;
        Ok(())
    }

    /// The crash is answered by the end of the crasher's connection, or not as it wished.
    fn hear_crasher(&mut self) -> Result<()> {
        match self.pool.receive(self.crasher) {
            Ok(false) => return Ok(()),
            Ok(true) if !self.crash_sent => return self.ready(),
            Ok(true) => return Err(self.unknown("the answer is 200")),
            Err(e) if ended(&e) && self.crash_sent => {}
            Err(e) if ended(&e) => return Err(self.failure("the server ended it too early")),
            Err(e) if self.crash_sent => return Err(self.unknown(&e.to_string())),
            Err(e) => return Err(Failure::os(tried(self.pool), e)),
        }
        self.crashed = true;
        self.pool.connections[self.crasher].close();
        Ok(())
    }

    /// The crasher was answered as any other connection: it sends its next request, or the crash.
    fn ready(&mut self) -> Result<()> {
        self.answered_before[self.crasher] += 1;
        let now_ns = clock::monotonic_ns();
        if now_ns < self.crash_ns { self.ask(self.crasher) } else { self.send_crash(now_ns) }
    }

    fn unknown(&self, why: &str) -> Failure {
        self.failure(&format!("{} crashed no process: {why}", request::CRASH))
            .remedy("start the server with --crashable")
    }

    fn hear(&mut self, number: usize) -> Result<()> {
        match self.pool.receive(number) {
            Ok(false) => Ok(()),
            Ok(true) => self.answered(number),
            Err(e) if ended(&e) => self.lost(number),
            Err(e) => Err(Failure::os(tried(self.pool), e)),
        }
    }

    fn answered(&mut self, number: usize) -> Result<()> {
        let now_ns = clock::monotonic_ns();
        self.fresh[number] = false;
        match self.crash_sent {
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
        match self.pool.ask(number, 0) {
            Ok(()) => Ok(()),
            Err(e) if ended(&e) => self.lost(number),
            Err(e) => Err(Failure::os(tried(self.pool), e)),
        }
    }

    /// A connection ended. One that had been answered before is replaced at once, a new one a
    /// little later.
    fn lost(&mut self, number: usize) -> Result<()> {
        if !self.crash_sent {
            return Err(self.failure("the server closed a connection before the crash"));
        }
        let connection = &mut self.pool.connections[number];
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
        Failure::new(tried(self.pool), why)
    }
}

fn tried(pool: &ClientPool) -> String {
    format!("crashing a worker of {}", pool.address)
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
