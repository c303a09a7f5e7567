//! Workers that do the same at the same time, one on each CPU, as threads or as processes.
//!
//! Everything but the kind of worker is the same: the main actor is the first worker in either
//! case, and what they share by intent lies in memory that forked children share. What only threads
//! share (an address space, a table of files, an allocator) is then the difference.

mod crew;
mod kinds;

pub(crate) use kinds::{
    fault_processes, fault_threads, malloc_processes, malloc_threads, mmap_processes, mmap_threads,
    mutex_processes, mutex_threads, open_processes, open_threads, padded_processes, padded_threads,
    private_processes, private_threads, read_processes, read_threads, same_line_processes,
    same_line_threads, same_word_processes, same_word_threads,
};

use crate::primitive::partner::Partner;
use crate::primitive::{Companion, Primitive, Setup};
use crate::record::{Actor, Failure, Result};
use crew::{Crew, NoWork};
use std::io;
use std::sync::Arc;

/// What each worker does over and over.
trait Work: Send + Sync + 'static {
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

/// Work as the crew does it, and the main actor's part of it.
struct Together<W: Work> {
    shared: Arc<(Crew, W)>,
    own: W::Own,
    workers: u32,
    /// Dropped after they were told to leave.
    partners: Vec<Partner>,
}

/// One worker for each CPU of the setup, or as many as it says.
fn start<W: Work>(actor: Actor, setup: &Setup, work: io::Result<W>) -> Result<Box<dyn Primitive>> {
    let tried = || format!("preparing workers on {} CPUs", setup.cpus.len());
    let workers = workers(setup).map_err(|why| Failure::new(tried(), why))?;
    let work = work.map_err(|e| Failure::os(tried(), e))?;
    let crew = Crew::of(workers - 1).map_err(|e| Failure::os(tried(), e))?;
    let shared = Arc::new((crew, work));
    let own = shared.1.own(0).map_err(|e| Failure::os(tried(), e))?;
    let partners = Vec::with_capacity(workers as usize - 1);
    let mut together = Together { shared, own, workers, partners };
    for (number, cpu) in setup.cpus.iter().enumerate().take(workers as usize).skip(1) {
        let theirs = Arc::clone(&together.shared);
        let partner = Partner::start(actor, Some(*cpu), move || join_in(&theirs, number))?;
        together.partners.push(partner);
    }
    Ok(Box::new(together))
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

/// A worker's life beside the main actor.
fn join_in<W: Work>((crew, work): &(Crew, W), number: usize) {
    let own = work.own(number);
    let mut own = match own {
        Ok(own) => own,
        Err(e) => return crew.give_up(&e),
    };
    crew.serve(|times| work.work(&mut own, times));
}

impl<W: Work> Primitive for Together<W> {
    fn ready(&mut self) -> io::Result<()> {
        self.shared.0.gather()
    }

    fn run(&mut self, ops: u64) -> io::Result<u64> {
        let (crew, work) = &*self.shared;
        let before = work.tally();
        let mut done = 0;
        while done < ops {
            let part = crew.begin(ops - done)?;
            work.work(&mut self.own, part)?;
            crew.finish()?;
            done += part;
        }
        let expected = (ops as u32).wrapping_mul(self.workers);
        match before.zip(work.tally()) {
            Some((before, after)) if after.wrapping_sub(before) != expected => {
                Err(NoWork::Lost.into())
            }
            _ => Ok(done),
        }
    }

    fn companions(&self) -> Vec<Companion> {
        self.partners.iter().map(Partner::companion).collect()
    }
}

impl<W: Work> Drop for Together<W> {
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

    impl Work for Counted {
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
        let mut crew = counted(false).unwrap();
        for ops in [1, 7, 1_000] {
            crew.ready().unwrap();
            assert_eq!(crew.run(ops).unwrap(), ops);
        }
        // Whoever does not ask for readiness gets it within the batch.
        assert_eq!(crew.run(3).unwrap(), 3);
        let mut crew = counted(true).unwrap();
        if !crew.companions().is_empty() {
            let lost = crew.run(5).unwrap_err();
            assert_eq!(lost.to_string(), "the workers did not do all of the work");
        }
    }
}
