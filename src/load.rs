//! Clients that load a server: each connection sends its next request when the last is answered (a
//! closed loop), or requests are due at a fixed rate whatever the server does (an open loop), or
//! one request crashes a worker.
//!
//! In a closed loop a server that stalls is asked less meanwhile, so that few requests see the
//! stall: its latencies are those of a server that is never waited for (coordinated omission). The
//! open loop counts from when a request was due.

mod answer;
mod chunks;
mod closed;
mod connection;
mod crash;
mod idle;
mod open;
mod pool;
mod request;
mod stretch;

pub use crash::Shot;
pub use idle::Idle;

use crate::machine;
use crate::record::{CrashLaunch, Failure, LoadRun, Result};
use crate::sys::clock;
use open::Schedule;
use pool::ClientPool;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;
use stretch::Stretch;

/// What a client is to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// Where the server listens.
    pub address: SocketAddr,
    /// Connections at a time.
    pub connections: u32,
    /// Each request has a connection of its own.
    pub per_request: bool,
    /// Threads that divide the connections among them.
    pub threads: u32,
    /// A connection that the server ends between two answers is opened again, and counted. A server
    /// that is measured ends none: elsewhere that is an error.
    pub reopens: bool,
}

/// A client. Its connections are reset on drop, so that the kernel keeps none of them (no
/// TIME_WAIT).
///
/// It does nothing per request but to send the bytes and to read the answer: it is to be leaner
/// than any server, so that the server is the limit. An answer that begins with 200 and is as long
/// as the last one is not parsed again.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    /// One for each thread.
    pools: Vec<ClientPool>,
    /// CPU time of the busiest thread of each call of [`Self::requests`], nanoseconds.
    busiest_ns: u64,
}

impl Client {
    /// Connects, and sees one request answered on every connection. With a connection for each
    /// request, sees one.
    ///
    /// # Errors
    /// The server refuses, answers otherwise than with 200 or not at all, or a limit on descriptors
    /// is reached.
    pub fn connect(settings: &Settings) -> Result<Self> {
        machine::raise_descriptor_limit()
            .map_err(|e| Failure::os("raising the limit on descriptors", e))?;
        let connections = settings.connections.max(1);
        let threads = settings.threads.clamp(1, connections);
        let settings = Settings { connections, threads, ..settings.clone() };
        let pools = (0..threads).map(|thread| {
            let first = share(connections.into(), thread, threads);
            let next = share(connections.into(), thread + 1, threads);
            ClientPool::new(&settings, (next - first) as usize)
        });
        let mut pools = pools
            .collect::<io::Result<Vec<ClientPool>>>()
            .map_err(|e| connection::refused("making an epoll set", e))?;
        // A connection for each request shows with one whether there is a server.
        let greeters = if settings.per_request { 1 } else { pools.len() };
        pools[..greeters].iter_mut().try_for_each(ClientPool::greet)?;
        Ok(Client { settings, pools, busiest_ns: 0 })
    }

    /// Has exactly `count` requests answered in a closed loop, without keeping latencies. Nothing
    /// is under way when it returns.
    ///
    /// # Errors
    /// A connection that ends, an answer other than 200, or none for five seconds: a server that is
    /// measured fails no request. All connections are reset then, and opened again by the next
    /// call.
    pub fn requests(&mut self, count: u64) -> io::Result<u64> {
        self.greet().map_err(|failure| match failure.errno {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::other(failure.to_string()),
        })?;
        let Settings { connections, threads, .. } = self.settings;
        let parts = self.each(|pool, thread| {
            // Each thread's part is that of its connections.
            let until = |thread| {
                count * share(connections.into(), thread, threads) / u64::from(connections)
            };
            closed::requests(pool, until(thread + 1) - until(thread))
        })?;
        self.busiest_ns += busiest(&parts);
        Ok(parts.iter().map(|(answered, _)| answered).sum())
    }

    /// CPU time of the busiest thread within [`Self::requests`], nanoseconds: of each call that of
    /// the thread that was busiest in it, so that the difference between two looks is right
    /// whichever thread that was.
    #[must_use]
    pub fn busiest_ns(&self) -> u64 {
        self.busiest_ns
    }

    /// Loads the server in a closed loop for this long, with latencies. What is under way then is
    /// waited for: it has latencies too, and is not `answered` in the time.
    ///
    /// # Errors
    /// As [`Self::requests`].
    pub fn closed(&mut self, time: Duration) -> Result<LoadRun> {
        self.greet()?;
        let (start_ns, for_ns) = (clock::monotonic_ns(), time.as_nanos() as u64);
        let parts = self.each(|pool, _| closed::stretch(pool, start_ns, for_ns));
        self.joined(parts, 0.0)
    }

    /// Loads it at a fixed rate for this long. A request that is due while all connections wait for
    /// an answer is sent when one is free, and counted from when it was due: the client's own
    /// lateness is in its latency too. Afterwards as much time again is left to answer what was
    /// due; what is not sent then is `unsent`, what is not answered `failed`. Several threads send
    /// by turns, each at its share of the rate.
    ///
    /// The client looks for what comes next and does not sleep shortly before a request is due: its
    /// CPU time says nothing of what it can do.
    ///
    /// # Errors
    /// As [`Self::requests`]; a rate that is not above zero.
    pub fn open(&mut self, due_per_s: f64, time: Duration) -> Result<LoadRun> {
        if !(due_per_s > 0.0 && due_per_s.is_finite()) {
            let why = format!("{due_per_s} requests per second cannot be sent");
            return Err(Failure::new(format!("loading {}", self.settings.address), why));
        }
        self.greet()?;
        let (start_ns, for_ns) = (clock::monotonic_ns(), time.as_nanos() as u64);
        let threads = self.settings.threads.into();
        let parts = self.each(|pool, thread| {
            let first = thread.into();
            open::stretch(pool, Schedule { start_ns, for_ns, due_per_s, first, threads })
        });
        self.joined(parts, due_per_s)
    }

    /// Loads it in a closed loop, has one more connection send a request that kills what serves it,
    /// and goes on, with new connections for those that end. The process id in the result is this
    /// process's; the master's is not known here.
    ///
    /// # Errors
    /// The server does not come back, or does not know the request. The client has several threads,
    /// or a connection for each request.
    pub fn shoot(&mut self, shot: &Shot) -> Result<CrashLaunch> {
        let [pool] = &mut self.pools[..] else {
            return Err(Failure::new("crashing a worker", "the client has several threads"));
        };
        if self.settings.per_request {
            let why = "it needs persistent connections, to count those that end";
            return Err(Failure::new("crashing a worker", why));
        }
        crash::under_load(pool, shot).inspect_err(|_| pool.close_all())
    }

    /// Opens again what an error or the end of a stretch has closed.
    fn greet(&mut self) -> Result<()> {
        if self.settings.per_request {
            return Ok(());
        }
        let greet = |pool: &mut ClientPool| pool.greet().inspect_err(|_| pool.close_all());
        self.pools.iter_mut().try_for_each(greet)
    }

    /// Has each thread do its part, which is told the thread's number; with the CPU time it took.
    fn each<T: Send>(
        &mut self,
        part: impl Fn(&mut ClientPool, u32) -> io::Result<T> + Sync,
    ) -> io::Result<Vec<(T, u64)>> {
        let part = |pool: &mut ClientPool, thread| {
            let before_ns = clock::thread_cpu_ns()?;
            let done = part(pool, thread).inspect_err(|_| pool.close_all())?;
            Ok((done, clock::thread_cpu_ns()? - before_ns))
        };
        if let [pool] = &mut self.pools[..] {
            return Ok(vec![part(pool, 0)?]);
        }
        thread::scope(|scope| {
            let part = &part;
            let started: Vec<_> = (0..)
                .zip(self.pools.iter_mut())
                .map(|(number, pool)| {
                    thread::Builder::new().spawn_scoped(scope, move || part(pool, number))
                })
                .collect();
            let ended = started.into_iter().map(|thread| match thread?.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            ended.collect()
        })
    }

    fn joined(&self, parts: io::Result<Vec<(Stretch, u64)>>, due_per_s: f64) -> Result<LoadRun> {
        let tried = || format!("loading {}", self.settings.address);
        let parts = parts.map_err(|e| Failure::os(tried(), e))?;
        let busiest_ns = busiest(&parts);
        let whole = parts.into_iter().map(|(stretch, _)| stretch).reduce(|mut all, other| {
            all.join(&other);
            all
        });
        match whole {
            Some(stretch) if stretch.is_silent() => {
                let (failed, unsent) = (stretch.failed, stretch.unsent);
                let why = format!(
                    "nothing was answered: {failed} requests were given up, {unsent} never sent"
                );
                Err(Failure::new(tried(), why).remedy("see whether the server still runs"))
            }
            Some(stretch) => Ok(stretch.run(due_per_s, busiest_ns)),
            None => Err(Failure::new(tried(), "it has no thread")),
        }
    }
}

/// Where the part of this number begins of as many equal ones.
fn share(all: u64, number: u32, of: u32) -> u64 {
    all * u64::from(number) / u64::from(of)
}

/// CPU time of the thread that took most for its part, nanoseconds.
fn busiest<T>(parts: &[(T, u64)]) -> u64 {
    parts.iter().map(|(_, cpu_ns)| *cpu_ns).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_threads_make_the_whole() {
        for (all, of) in [(100, 3), (2, 3), (7, 7), (0, 2)] {
            let parts: Vec<u64> =
                (0..of).map(|n| share(all, n + 1, of) - share(all, n, of)).collect();
            assert_eq!(parts.iter().sum::<u64>(), all);
            assert!(parts.iter().all(|part| part.abs_diff(all / u64::from(of)) <= 1), "{parts:?}");
        }
    }

    #[test]
    fn of_several_threads_the_busiest_counts() {
        assert_eq!(busiest(&[((), 5), ((), 9), ((), 7)]), 9);
    }
}
