//! A pool of threads made from scratch, until all have checked in and again until all have left.

use crate::primitive::{Entry, Moments, Primitive, Setup};
use crate::record::{Actor, Failure, Result, Work};
use crate::sys::clock::monotonic_ns;
use crate::sys::pool::Pool;
use nix::unistd::{SysconfVar, sysconf};
use std::io;

pub(in crate::question) const ENTRIES: &[Entry] = &[Entry {
    id: "thread/pool",
    name: "pool of threads from scratch",
    actor: Actor::Thread,
    op: "pthread_create of one thread per actor, until all have reported; their exit, and all \
         joins",
    work: Work::Creates,
    excluded: "the mapping of stacks in the C library's cache (40 MiB)",
    source: "pthread_create(3)",
    start: fresh,
}];

/// More threads for each CPU say nothing about pools that anybody makes.
const THREADS_PER_CPU: u32 = 16;

/// Its moments are its purpose, so they are stamped always: the call is the last pthread_create,
/// and the first moment is when the last thread has checked in, by its own clock, as a child stamps
/// by its own.
struct Fresh {
    pool: Pool,
    total: Moments,
}

impl Primitive for Fresh {
    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let mut done = 0;
        while done < ops {
            let called_ns = monotonic_ns();
            self.pool.fill()?;
            let returned_ns = monotonic_ns();
            let ready_ns = self.pool.await_all();
            self.pool.empty()?;
            self.total.call_ns += returned_ns - called_ns;
            self.total.first_ns += ready_ns - called_ns;
            done += 1;
        }
        Ok(done)
    }

    fn moments(&self) -> Moments {
        self.total
    }
}

pub(crate) fn fresh(setup: &Setup) -> Result<Box<dyn Primitive>> {
    let tried = || format!("preparing a pool of {} threads", setup.arm.actors);
    if setup.arm.actors == 0 {
        return Err(Failure::new(tried(), "the number of actors is missing"));
    }
    // The lab is pinned to fewer.
    let cpus = sysconf(SysconfVar::_NPROCESSORS_ONLN).map_err(|e| Failure::os(tried(), e))?;
    let cpus = cpus.unwrap_or(1) as u32;
    if setup.arm.actors > THREADS_PER_CPU * cpus {
        let why = format!("{THREADS_PER_CPU} threads for each of {cpus} CPUs at most");
        return Err(Failure::skipped(tried(), why));
    }
    Ok(Box::new(Fresh { pool: Pool::of(setup.arm.actors), total: Moments::default() }))
}
