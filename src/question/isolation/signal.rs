//! Who gets a signal: the process or a thread of it, counted thread by thread.

mod fatal;
mod threads;

use super::plan::SIGNAL as FAMILY;
use crate::probe::{Entry, Mechanism, Run};
pub(crate) use fatal::fatal;

use crate::record::{Failure, ProbeRun, Result, Seen};
use nix::sys::signal::kill;
use nix::unistd::getpid;
use std::time::Duration;
use threads::{SIGNAL, SignalThreads, THREADS, total};

pub(in crate::question) const ENTRIES: &[Entry] = &[
    Entry {
        family: FAMILY,
        name: "process",
        statement: "A signal sent to a process by kill is handled once, by a thread that does not \
                    block it",
        run: Run::Plain(process),
    },
    Entry {
        family: FAMILY,
        name: "thread",
        statement: "A signal sent to a thread by pthread_kill is handled by that thread only",
        run: Run::Plain(thread),
    },
    Entry {
        family: FAMILY,
        name: "blocked",
        statement: "A signal that all threads block waits, and the first to unblock it handles it \
                    once",
        run: Run::Plain(blocked),
    },
    Entry {
        family: FAMILY,
        name: "fatal",
        statement: "A fatal signal sent to one thread ends all threads of its process",
        run: Run::Plain(fatal),
    },
];

/// Signals that are sent.
const SENT: u32 = 100;

/// The first threads do not block the signal; the others and the main thread do.
const OPEN: usize = 2;

/// Time in which a blocked signal might wrongly be handled.
const WHILE_BLOCKED: Duration = Duration::from_millis(2);

/// Signals to the process, one after the other. Without the mechanism no thread blocks them.
pub(crate) fn process(mechanism: Mechanism) -> Result<ProbeRun> {
    let blocks = |place: usize| mechanism == Mechanism::On && !(1..=OPEN).contains(&place);
    let threads = SignalThreads::start(blocks)?;
    for sent in 1..=SENT {
        kill(getpid(), SIGNAL).map_err(|e| Failure::os("sending a signal to the process", e))?;
        threads.wait_for(sent)?;
    }
    let counts = threads.counts();
    let open: u32 = counts[1..=OPEN].iter().sum();
    let mut seen = vec![signals("sent to the process", SENT)];
    seen.push(signals("main thread, which blocks it", counts[0]));
    for (thread, count) in counts.iter().enumerate().skip(1) {
        let how = if thread <= OPEN { "open to it" } else { "which blocks it" };
        seen.push(signals(&format!("thread {thread}, {how}"), *count));
    }
    Ok(ProbeRun { holds: open == SENT && total(&counts) == SENT, seen })
}

/// Signals to each thread in turn. Without the mechanism they go to the process.
pub(crate) fn thread(mechanism: Mechanism) -> Result<ProbeRun> {
    let threads = SignalThreads::start(|_| false)?;
    for sent in 0..SENT {
        match mechanism {
            Mechanism::On => threads.pthread_kill(sent as usize % THREADS)?,
            Mechanism::Off => kill(getpid(), SIGNAL)
                .map_err(|e| Failure::os("sending a signal to the process", e))?,
        }
        threads.wait_for(sent + 1)?;
    }
    let counts = threads.counts();
    let each = SENT / THREADS as u32;
    let mut seen = vec![signals("sent to each thread", each)];
    seen.push(signals("main thread", counts[0]));
    for (thread, count) in counts.iter().enumerate().skip(1) {
        seen.push(signals(&format!("thread {thread}"), *count));
    }
    let holds = counts[0] == 0 && counts[1..].iter().all(|count| *count == each);
    Ok(ProbeRun { holds, seen })
}

/// Signals to a process all of whose threads block them, twice for each thread, which then unblocks
/// them. Without the mechanism no thread blocks them.
pub(crate) fn blocked(mechanism: Mechanism) -> Result<ProbeRun> {
    let threads = SignalThreads::start(|_| mechanism == Mechanism::On)?;
    let (mut early, mut by_it, mut by_others) = (0, 0, 0);
    for place in 1..=THREADS {
        let before = threads.counts();
        for _ in 0..2 {
            kill(getpid(), SIGNAL)
                .map_err(|e| Failure::os("sending a signal to the process", e))?;
        }
        crate::sys::clock::pause(WHILE_BLOCKED);
        let waiting = threads.counts();
        threads.unblock(place)?;
        let after = threads.counts();
        early += total(&waiting) - total(&before);
        by_it += after[place] - waiting[place];
        by_others += (total(&after) - after[place]) - (total(&waiting) - waiting[place]);
    }
    let rounds = THREADS as u32;
    Ok(ProbeRun {
        holds: early == 0 && by_it == rounds && by_others == 0,
        seen: vec![
            signals("sent to the process", 2 * rounds),
            signals("handled while all threads block it", early),
            signals("handled by the thread that unblocked it", by_it),
            signals("handled by other threads", by_others),
        ],
    })
}

fn signals(what: &str, count: u32) -> Seen {
    Seen { what: what.to_owned(), figure: f64::from(count), unit: "signals".to_owned() }
}
