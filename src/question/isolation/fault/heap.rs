//! What one writes over, who sees it?

use crate::probe::Mechanism;
use crate::probe::smaps::seen;
use crate::record::{Failure, ProbeRun, Result};
use crate::sys::memory::Mapping;
use crate::workers::Workers;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Who writes is the first of them.
const WORKERS: usize = 4;
const OTHERS: u64 = WORKERS as u64 - 1;

/// What stands there at first, and what it is written over with.
const ORIGINAL: u32 = 1;
const CHANGED: u32 = 2;

/// Turns of a worker: before the first it looks.
const WRITE: u32 = 1;

/// Without the mechanism the thread that writes has an object of its own in the heap.
pub(crate) fn heap_of_threads(mechanism: Mechanism) -> Result<ProbeRun> {
    let canary = Arc::new(AtomicU32::new(ORIGINAL));
    let written = match mechanism {
        Mechanism::On => Arc::clone(&canary),
        Mechanism::Off => Arc::new(AtomicU32::new(ORIGINAL)),
    };
    let refused = |e| Failure::os("starting a thread", e);
    let ended = |_| Failure::new("joining a thread", "it panicked");
    let writer =
        std::thread::Builder::new().spawn(move || written.store(CHANGED, Ordering::Relaxed));
    writer.map_err(refused)?.join().map_err(ended)?;
    let mut sighted = 0;
    for _ in 0..OTHERS {
        let canary = Arc::clone(&canary);
        let reader = std::thread::Builder::new().spawn(move || canary.load(Ordering::Relaxed));
        sighted += u64::from(reader.map_err(refused)?.join().map_err(ended)? == CHANGED);
    }
    let all = vec![seen("see it", sighted, "threads"), seen("of", OTHERS, "threads")];
    Ok(ProbeRun { holds: sighted == OTHERS, seen: all })
}

/// Without the mechanism it lies in memory that they share.
pub(crate) fn heap_of_processes(mechanism: Mechanism) -> Result<ProbeRun> {
    let sighted = sighted_by_processes(mechanism == Mechanism::Off)?;
    Ok(run(sighted, sighted == 0))
}

/// Without the mechanism it lies in the heap.
pub(crate) fn heap_shared(mechanism: Mechanism) -> Result<ProbeRun> {
    let sighted = sighted_by_processes(mechanism == Mechanism::On)?;
    Ok(run(sighted, sighted == OTHERS))
}

fn run(sighted: u64, holds: bool) -> ProbeRun {
    let all = vec![seen("see it", sighted, "processes"), seen("of", OTHERS, "processes")];
    ProbeRun { holds, seen: all }
}

/// How many other processes see what one writes over, in shared memory or in its heap.
fn sighted_by_processes(shared: bool) -> Result<u64> {
    let refused = |e| Failure::os("sharing memory with workers", e);
    let desk = Mapping::shared(3 * size_of::<u32>()).map_err(refused)?;
    let [turn, sighted, in_shared] = [0, 1, 2].map(|word: usize| &desk.words()[word]);
    let in_heap = Box::new(AtomicU32::new(ORIGINAL));
    let canary = if shared { in_shared } else { &*in_heap };
    canary.store(ORIGINAL, Ordering::Relaxed);
    let mut workers = Workers::fork(WORKERS, || {
        match turn.load(Ordering::Acquire) {
            WRITE => canary.store(CHANGED, Ordering::Release),
            _ => {
                let sees = canary.load(Ordering::Acquire) == CHANGED;
                sighted.fetch_add(sees.into(), Ordering::AcqRel);
            }
        }
        Ok(())
    })?;
    turn.store(WRITE, Ordering::Release);
    workers.work(0)?;
    turn.store(0, Ordering::Release);
    (1..WORKERS).try_for_each(|worker| workers.work(worker).map(drop))?;
    workers.end()?;
    Ok(sighted.load(Ordering::Acquire).into())
}
