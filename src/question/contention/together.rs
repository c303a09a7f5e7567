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
use crate::primitive::{Companion, Entry, Primitive, Setup};
use crate::record::{Actor, Failure, Result, Work};
use crew::{Crew, NoWork};
use std::io;
use std::sync::Arc;

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        id: "together/private-thread",
        name: "private counters, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: a load, an increment and a store of a word in a page \
             of its own",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "no call",
        start: private_threads,
    },
    Entry {
        id: "together/private-process",
        name: "private counters, processes",
        actor: Actor::Process,
        op: "as together/private-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/private-thread",
        source: "no call",
        start: private_processes,
    },
    Entry {
        id: "together/padded-thread",
        name: "atomics on lines apart, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: an atomic increment of a word, 128 bytes from the \
             next worker's",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "lock xadd and equivalents",
        start: padded_threads,
    },
    Entry {
        id: "together/padded-process",
        name: "atomics on lines apart, processes",
        actor: Actor::Process,
        op: "as together/padded-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/padded-thread",
        source: "lock xadd and equivalents",
        start: padded_processes,
    },
    Entry {
        id: "together/same-line-thread",
        name: "atomics on one line, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: an atomic increment of a word that lies in one cache \
             line with the other workers'",
        work: Work::Together,
        excluded: "starting and waking the workers; a line has sixteen words, which more workers \
                   share",
        source: "lock xadd and equivalents",
        start: same_line_threads,
    },
    Entry {
        id: "together/same-line-process",
        name: "atomics on one line, processes",
        actor: Actor::Process,
        op: "as together/same-line-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/same-line-thread",
        source: "lock xadd and equivalents",
        start: same_line_processes,
    },
    Entry {
        id: "together/same-word-thread",
        name: "atomics on one word, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: an atomic increment of one word that all share",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "lock xadd and equivalents",
        start: same_word_threads,
    },
    Entry {
        id: "together/same-word-process",
        name: "atomics on one word, processes",
        actor: Actor::Process,
        op: "as together/same-word-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/same-word-thread",
        source: "lock xadd and equivalents",
        start: same_word_processes,
    },
    Entry {
        id: "together/mutex-thread",
        name: "one process-shared mutex, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: an increment behind one process-shared mutex that all \
             share",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "pthread_mutex_lock(3), pthread_mutexattr_setpshared(3)",
        start: mutex_threads,
    },
    Entry {
        id: "together/mutex-process",
        name: "one process-shared mutex, processes",
        actor: Actor::Process,
        op: "as together/mutex-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/mutex-thread",
        source: "pthread_mutex_lock(3), pthread_mutexattr_setpshared(3)",
        start: mutex_processes,
    },
    Entry {
        id: "together/mmap-thread",
        name: "mmap + touch + munmap, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: mmap of 16 private pages, a write to each, munmap",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "mmap(2), mm/mmap.c",
        start: mmap_threads,
    },
    Entry {
        id: "together/mmap-process",
        name: "mmap + touch + munmap, processes",
        actor: Actor::Process,
        op: "as together/mmap-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/mmap-thread",
        source: "mmap(2), mm/mmap.c",
        start: mmap_processes,
    },
    Entry {
        id: "together/fault-thread",
        name: "faults + madvise(DONTNEED), threads",
        actor: Actor::Thread,
        op: "every worker at the same time: a write to each of 16 pages of a mapping of its own, \
             isolated from other mappings, and their release by madvise",
        work: Work::Together,
        excluded: "starting and waking the workers; making the mapping, once",
        source: "madvise(2), MADV_DONTNEED; mm/memory.c",
        start: fault_threads,
    },
    Entry {
        id: "together/fault-process",
        name: "faults + madvise(DONTNEED), processes",
        actor: Actor::Process,
        op: "as together/fault-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/fault-thread",
        source: "madvise(2), MADV_DONTNEED; mm/memory.c",
        start: fault_processes,
    },
    Entry {
        id: "together/read-thread",
        name: "pread of one descriptor, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: pread of one byte of a memory file through one \
             descriptor, from a page of its own",
        work: Work::Together,
        excluded: "starting and waking the workers; making and opening the file, once",
        source: "pread(2), by the system call itself; fs/file.c",
        start: read_threads,
    },
    Entry {
        id: "together/read-process",
        name: "pread of one descriptor, processes",
        actor: Actor::Process,
        op: "as together/read-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/read-thread",
        source: "pread(2), by the system call itself; fs/file.c",
        start: read_processes,
    },
    Entry {
        id: "together/open-thread",
        name: "open + close, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: open and close of a directory, a different one for \
             each worker",
        work: Work::Together,
        excluded: "starting and waking the workers",
        source: "open(2), close(2), by the system calls themselves; fs/file.c",
        start: open_threads,
    },
    Entry {
        id: "together/open-process",
        name: "open + close, processes",
        actor: Actor::Process,
        op: "as together/open-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/open-thread",
        source: "open(2), close(2), by the system calls themselves; fs/file.c",
        start: open_processes,
    },
    Entry {
        id: "together/malloc-thread",
        name: "malloc + free, threads",
        actor: Actor::Thread,
        op: "every worker at the same time: allocation of eight blocks of 64 bytes to 64 KiB, a \
             write to each, and their release",
        work: Work::Together,
        excluded: "starting and waking the workers; what the allocator does for threads is part \
                   of it: glibc skips its locks in a process of one thread (SINGLE_THREAD_P)",
        source: "malloc(3)",
        start: malloc_threads,
    },
    Entry {
        id: "together/malloc-process",
        name: "malloc + free, processes",
        actor: Actor::Process,
        op: "as together/malloc-thread, by forked processes and their creator",
        work: Work::Together,
        excluded: "as together/malloc-thread",
        source: "malloc(3)",
        start: malloc_processes,
    },
];

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

/// Task as the crew does it, and the main actor's part of it.
struct Together<W: Task> {
    shared: Arc<(Crew, W)>,
    own: W::Own,
    workers: u32,
    /// Dropped after they were told to leave.
    partners: Vec<Partner>,
}

/// One worker for each CPU of the setup, or as many as it says.
fn start<W: Task>(actor: Actor, setup: &Setup, work: io::Result<W>) -> Result<Box<dyn Primitive>> {
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
        _ if cpus == 0 => Err("it is not placed on all cores".to_owned()),
        0 => Ok(cpus),
        wanted if wanted > cpus => Err(format!("{wanted} workers need a CPU each")),
        wanted => Ok(wanted),
    }
}

/// A worker's life beside the main actor.
fn join_in<W: Task>((crew, work): &(Crew, W), number: usize) {
    let own = work.own(number);
    let mut own = match own {
        Ok(own) => own,
        Err(e) => return crew.give_up(&e),
    };
    crew.serve(|times| work.work(&mut own, times));
}

impl<W: Task> Primitive for Together<W> {
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

impl<W: Task> Drop for Together<W> {
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
