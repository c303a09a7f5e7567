//! A signal to one thread whose default is to end: who is left.

use crate::probe::Mechanism;
use crate::probe::look::look_until;
use crate::proc;
use crate::record::{Failure, ProbeRun, Result, Seen};
use crate::sys::clock::pause;
use crate::sys::fork::exit;
use crate::sys::memory::Mapping;
use crate::sys::signal::{count_signal, pthread_kill};
use crate::workers::fork;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Its default action ends the process, without a core (signal(7)).
const FATAL: Signal = Signal::SIGTERM;

/// Threads of the child besides its main one; the second gets the signal.
const THREADS: usize = 3;
const STRUCK: usize = 1;

/// Words of the shared memory: how often each thread has come round, and how many there were before
/// the signal.
const BEFORE: usize = THREADS;
const WORDS: usize = THREADS + 1;

/// Time for all threads to be there, and time that the child waits for its end.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time between two rounds of a thread.
const STEP: Duration = Duration::from_micros(200);
/// Time in which a thread that is left would come round.
const LEFT: Duration = Duration::from_millis(10);
/// How long the child lives on where the signal does not end it.
const LIVES_ON: Duration = Duration::from_millis(100);

/// Without the mechanism the process handles the signal.
pub(crate) fn fatal(mechanism: Mechanism) -> Result<ProbeRun> {
    let tried = "sending a fatal signal to a thread";
    let memory = Mapping::shared(WORDS * size_of::<AtomicU32>());
    let memory = Arc::new(memory.map_err(|e| Failure::os(tried, e))?);
    let words = memory.words();
    let strike = |threads: Vec<_>| match pthread_kill(&threads[STRUCK], FATAL) {
        Ok(()) => pause(if mechanism == Mechanism::On { PATIENCE } else { LIVES_ON }),
        Err(e) => exit(e.raw_os_error().unwrap_or(Errno::EIO as i32)),
    };
    let mut child = fork(tried, || start_threads(mechanism, &memory), strike)?;
    let by = match child.wait().map_err(|e| Failure::os(tried, e))? {
        WaitStatus::Signaled(_, signal, _) => signal as i32,
        WaitStatus::Exited(_, 0) => 0,
        ended => return Err(Failure::new(tried, format!("the process ended: {ended:?}"))),
    };
    let rounds = || -> Vec<u32> {
        words[..THREADS].iter().map(|word| word.load(Ordering::Acquire)).collect()
    };
    let then = rounds();
    pause(LEFT);
    let left = then.iter().zip(rounds()).filter(|(then, now)| **then != *now).count();
    let before = words[BEFORE].load(Ordering::Acquire) as usize;
    let seen = |what: &str, figure: f64, unit: &str| Seen {
        what: what.to_owned(),
        figure,
        unit: unit.to_owned(),
    };
    Ok(ProbeRun {
        holds: by == FATAL as i32 && before == THREADS + 1 && left == 0,
        seen: vec![
            seen("before", before as f64, "threads"),
            seen("number of the signal sent to one thread", f64::from(FATAL as i32), ""),
            seen("number of the signal that ended the process", f64::from(by), ""),
            seen("left after it", left as f64, "threads"),
        ],
    })
}

/// The child's threads, once all come round and round.
fn start_threads(mechanism: Mechanism, memory: &Arc<Mapping>) -> io::Result<Vec<JoinHandle<()>>> {
    if mechanism == Mechanism::Off {
        count_signal(FATAL)?;
    }
    let mut threads = Vec::with_capacity(THREADS);
    for thread in 0..THREADS {
        let memory = Arc::clone(memory);
        threads.push(Builder::new().spawn(move || come_round(&memory.words()[thread]))?);
    }
    let words = memory.words();
    let all_came = || words[..THREADS].iter().all(|word| word.load(Ordering::Acquire) != 0);
    look_until("starting threads", PATIENCE, STEP, || Ok(all_came().then_some(())))
        .map_err(|_| Errno::ETIMEDOUT)?;
    words[BEFORE].store(proc::entries("/proc/self/task")? as u32, Ordering::Release);
    Ok(threads)
}

/// A thread's life; the process ends it.
fn come_round(word: &AtomicU32) {
    loop {
        word.fetch_add(1, Ordering::Release);
        pause(STEP);
    }
}
