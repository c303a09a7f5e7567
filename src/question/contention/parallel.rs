//! Workers that run the same task in parallel, one on each CPU, as threads or as processes.
//!
//! Everything but the kind of worker is the same: the main actor is the first worker in either
//! case, and what they share by intent lies in memory that forked children share. What only threads
//! share (an address space, a table of files, an allocator) is then the difference.

mod entries;
mod kinds;
mod start_barrier;

pub(in crate::question) use entries::ENTRIES;

use crate::primitive::{Companion, Primitive, Setup};
use crate::record::{Actor, Failure, Result};
use crate::workers::Worker;
use start_barrier::StartBarrier;
use std::io;
use std::sync::Arc;

/// What each worker does over and over.
trait Task: Send + Sync + 'static {
    /// What a worker has to itself, prepared by itself: a process's is that process's.
    type Own;

    /// Prepares it for worker `number`; the main actor is number 0.
    fn own(&self, number: usize) -> io::Result<Self::Own>;

    /// Does it `times` over.
    fn work(&self, own: &mut Self::Own, times: u64) -> io::Result<()>;

    /// How often all workers have done it, modulo 2^32, where memory that they share tells.
    fn tally(&self) -> Option<u32> {
        None
    }
}

/// A task that all workers do at the same time, and the main actor's part of it.
struct Parallel<W: Task> {
    shared: Arc<(StartBarrier, W)>,
    own: W::Own,
    workers: u32,
    /// Dropped after they were told to end.
    others: Vec<Worker>,
}

/// One worker for each CPU of the setup, or as many as it says.
fn start<W: Task>(actor: Actor, setup: &Setup, work: io::Result<W>) -> Result<Box<dyn Primitive>> {
    let tried = || format!("preparing workers on {} CPUs", setup.cpus.len());
    let workers = workers(setup).map_err(|why| Failure::new(tried(), why))?;
    let work = work.map_err(|e| Failure::os(tried(), e))?;
    let barrier = StartBarrier::of(workers - 1).map_err(|e| Failure::os(tried(), e))?;
    let shared = Arc::new((barrier, work));
    let own = shared.1.own(0).map_err(|e| Failure::os(tried(), e))?;
    let others = Vec::with_capacity(workers as usize - 1);
    let mut parallel = Parallel { shared, own, workers, others };
    for (number, cpu) in setup.cpus.iter().enumerate().take(workers as usize).skip(1) {
        let (preparing, working) = (Arc::clone(&parallel.shared), Arc::clone(&parallel.shared));
        let own = move || preparing.1.own(number);
        let join_in = move |mut own| working.0.serve(|times| working.1.work(&mut own, times));
        parallel.others.push(Worker::start(actor, Some(*cpu), own, join_in)?);
    }
    Ok(Box::new(parallel))
}

/// How many workers the setup asks for. They wait for each other without sleeping, so each needs a
/// CPU of its own.
fn workers(setup: &Setup) -> std::result::Result<u32, String> {
    let cpus = setup.cpus.len() as u32;
    match setup.arm.actors {
        _ if cpus == 0 => Err("its arm is not placed on all cores".to_owned()),
        0 => Ok(cpus),
        wanted if wanted > cpus => Err(format!("{wanted} workers need a CPU each")),
        wanted => Ok(wanted),
    }
}

impl<W: Task> Primitive for Parallel<W> {
    fn ready(&mut self) -> io::Result<()> {
        self.shared.0.gather()
    }

    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let (barrier, work) = &*self.shared;
        let before = work.tally();
        let mut done = 0;
        while done < ops {
            let part = barrier.begin(ops - done)?;
            work.work(&mut self.own, part)?;
            barrier.finish()?;
            done += part;
        }
        let expected = (ops as u32).wrapping_mul(self.workers);
        match before.zip(work.tally()) {
            Some((before, after)) if after.wrapping_sub(before) != expected => {
                Err(io::Error::other("the workers did not do all of the work"))
            }
            _ => Ok(done),
        }
    }

    fn companions(&self) -> Vec<Companion> {
        self.others.iter().map(Worker::companion).collect()
    }
}

impl<W: Task> Drop for Parallel<W> {
    fn drop(&mut self) {
        self.shared.0.dismiss();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{self, Arm};
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn each_worker_needs_a_cpu() {
        let setup = |actors, cpus: &[usize]| Setup {
            cpus: cpus.to_vec(),
            ..Setup::of(Arm::new("", record::Work::Together).among(actors))
        };
        assert_eq!(workers(&setup(0, &[1, 0])), Ok(2));
        assert_eq!(workers(&setup(1, &[1, 0])), Ok(1));
        assert_eq!(workers(&setup(3, &[1, 0])), Err("3 workers need a CPU each".to_owned()));
        assert!(workers(&setup(0, &[])).is_err());
    }

    /// Counts what its workers do, and how many of them there are; all but the main actor may lose
    /// one.
    struct Counted {
        done: AtomicU32,
        lossy: bool,
    }

    impl Task for Counted {
        type Own = usize;

        fn own(&self, number: usize) -> io::Result<usize> {
            Ok(number)
        }

        fn work(&self, number: &mut usize, times: u64) -> io::Result<()> {
            let lost = u64::from(self.lossy && *number > 0);
            self.done.fetch_add((times - lost) as u32, Ordering::Relaxed);
            Ok(())
        }

        fn tally(&self) -> Option<u32> {
            Some(self.done.load(Ordering::Relaxed))
        }
    }

    fn counted(lossy: bool) -> Result<Box<dyn Primitive>> {
        let cpus: Vec<usize> =
            core_affinity::get_core_ids().unwrap_or_default().iter().map(|core| core.id).collect();
        let setup = Setup { cpus, ..Setup::of(Arm::new("", record::Work::Together)) };
        let done = AtomicU32::new(0);
        start(Actor::Thread, &setup, Ok(Counted { done, lossy }))
    }

    #[test]
    fn all_do_all_of_it_and_what_one_loses_voids_the_batch() {
        let mut workers = counted(false).unwrap();
        for ops in [1, 7, 1_000] {
            workers.ready().unwrap();
            assert_eq!(workers.run(ops).unwrap(), ops);
        }
        // A batch without a call of `ready` gathers the workers itself.
        assert_eq!(workers.run(3).unwrap(), 3);
        let mut workers = counted(true).unwrap();
        if !workers.companions().is_empty() {
            let lost = workers.run(5).unwrap_err();
            assert_eq!(lost.to_string(), "the workers did not do all of the work");
        }
    }
}
