//! Counters: a safe set of perf events over the actors of a lab, each a value or a reason.
//!
//! Events are opened one by one and never in a group: an event that this machine lacks must not
//! take the others with it, and perf-event's `Group::read` panics once a member failed to open. The
//! kernel is included where the mode says so, because a switch is kernel work and the crate's
//! default leaves it out.
//!
//! What a switch does to the TLB is a tracepoint of the kernel, counted per CPU (`tracepoint`): it
//! needs no counter of the processor.

mod cycles;
mod event;
mod reason;
mod tracefs;
mod tracepoint;

pub use cycles::CycleCounter;
pub use event::{EVENTS, Event};

use crate::primitive::Companion;
use crate::record::{Modes, Outcome, Reading};
use crate::sys::counter_fd;
use event::Source;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::unistd::{Pid, read};
use perf_event::{Builder, Counter, events};
use reason::Asked;
use std::cell::LazyCell;
use std::fs::File;
use std::io;
use tracepoint::{Switches, Whose};

/// The events of one lab, opened on all its actors.
#[derive(Debug)]
pub struct Counters {
    modes: Modes,
    vendor: event::Vendor,
    whose: Whose,
    events: Vec<(&'static Event, Opened)>,
}

/// The counters of one event, or why there are none.
type Opened = Result<Vec<Counter>, String>;

/// Count, enabled and running time of one counter (perf_event_open(2), `read_format`).
type Raw = [u64; 3];

const NEVER_RAN: &str = "the counter never ran";
/// Descriptors that counters leave to the rest of the lab, which reads some files at a time.
const SPARE_FDS: usize = 8;

/// One reading of all counters, to be taken away from a later one.
#[derive(Debug)]
pub struct Start(Vec<Option<Vec<Raw>>>);

impl Counters {
    /// Opens and enables every event that has a meaning in these modes, on the calling actor, on
    /// the children and threads that it will create, and on its companions; events of a switch on
    /// the CPUs where these may run.
    #[must_use]
    pub fn open(modes: Modes, companions: &[Companion]) -> Self {
        Self::open_with(modes, companions, || Switches::around(companions))
    }

    fn open_with(
        modes: Modes,
        companions: &[Companion],
        switches: impl FnOnce() -> Switches,
    ) -> Self {
        // Where descriptors run out it is an event that goes without, with a reason, and not the
        // lab.
        let spare: Vec<File> = (0..SPARE_FDS).map_while(|_| File::open("/dev/null").ok()).collect();
        let switches = LazyCell::new(switches);
        if modes == Modes::UserKernel {
            // It reads files, so it comes before the counters that may take the last descriptors.
            LazyCell::force(&switches);
        }
        let open = |event: &'static Event| match event.source() {
            Source::Task(kind) => open_on_all(&kind, modes, companions)
                .map_err(|(modes, error)| reason::of(event, Asked::Task(modes), &error)),
            Source::Switches(condition) => switches.open(event, condition),
        };
        let meaningful =
            EVENTS.iter().filter(|event| modes == Modes::UserKernel || event.in_user_mode);
        let events: Vec<_> = meaningful.map(|event| (event, open(event))).collect();
        drop(spare);
        let whose = match modes {
            Modes::UserKernel => switches.whose(),
            Modes::User => Whose::Actors,
        };
        Counters { modes, vendor: event::Vendor::here(), whose, events }
    }

    /// Reads all counters. Reading costs some microseconds: around a batch, never within.
    pub fn read(&mut self) -> Start {
        let each = self.events.iter().map(|(_, opened)| {
            let counters = opened.as_ref().ok()?;
            counters.iter().map(|counter| read_raw(counter).ok()).collect()
        });
        Start(each.collect())
    }

    /// What was counted since `start`, summed over the actors.
    pub fn since(&mut self, start: &Start) -> Vec<Reading> {
        let now = self.read();
        let pairs = start.0.iter().zip(now.0.iter());
        self.events
            .iter()
            .zip(pairs)
            .map(|((event, opened), (before, after))| Reading {
                event: event.name.to_owned(),
                meaning: event.meaning(self.vendor, self.whose).to_owned(),
                modes: self.modes,
                outcome: match (opened, before, after) {
                    (Err(reason), _, _) => Outcome::Missing { reason: reason.clone() },
                    (Ok(_), Some(before), Some(after)) => counted(before, after),
                    (Ok(_), _, _) => {
                        let reason = "the counter opened but could not be read".to_owned();
                        Outcome::Missing { reason }
                    }
                },
            })
            .collect()
    }
}

/// The modes in which this process may count its own tasks, tried with an event that needs no
/// counter of the processor.
///
/// # Errors
/// Nothing may be counted, and why.
pub fn permitted() -> Result<Modes, String> {
    let [event] = EVENTS.iter().filter(|event| event.name == "page-faults").collect::<Vec<_>>()[..]
    else {
        return Err("there is no event to try it with".to_owned());
    };
    let Source::Task(kind) = event.source() else {
        return Err("the event is none of a task's".to_owned());
    };
    match open_on_all(&kind, Modes::UserKernel, &[]) {
        Ok(_) => Ok(Modes::UserKernel),
        Err((Modes::UserKernel, _)) => Ok(Modes::User),
        Err((modes, error)) => Err(reason::of(event, Asked::Task(modes), &error)),
    }
}

/// Does any event of the processor open here?
#[must_use]
pub fn hardware_opens() -> bool {
    let opens = |event: &Event| match event.source() {
        Source::Task(kind) => open_on_all(&kind, Modes::User, &[]).is_ok(),
        _ => false,
    };
    EVENTS.iter().any(|event| event.hardware && opens(event))
}

/// Which events open here with the kernel included, and why the others do not: one line per reason.
#[must_use]
pub fn survey() -> Vec<String> {
    let mut counters = Counters::open_with(Modes::UserKernel, &[], Switches::anywhere);
    let start = counters.read();
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for reading in counters.since(&start) {
        let state = match reading.outcome {
            Outcome::Missing { reason } if !reason.starts_with(NEVER_RAN) => reason,
            _ => "open, kernel included".to_owned(),
        };
        match lines.iter_mut().find(|(known, _)| *known == state) {
            Some((_, names)) => names.push(reading.event),
            None => lines.push((state, vec![reading.event])),
        }
    }
    lines.into_iter().map(|(state, names)| format!("{}: {state}", names.join(", "))).collect()
}

/// The actors' differences, summed and scaled. A counter that never ran counted nothing, which is
/// not zero.
fn counted(before: &[Raw], after: &[Raw]) -> Outcome {
    let mut sum: Raw = [0; 3];
    for (before, after) in before.iter().zip(after) {
        for (total, (from, to)) in sum.iter_mut().zip(before.iter().zip(after)) {
            *total += to.saturating_sub(*from);
        }
    }
    let [count, enabled, running] = sum;
    if running == 0 {
        return Outcome::Missing { reason: format!("{NEVER_RAN}: {}", reason::of_never_ran()) };
    }
    let running_share = (running as f64 / enabled as f64).min(1.0);
    Outcome::Counted { count: count as f64 / running_share, running_share }
}

/// Opens an event on all actors; otherwise the modes in which it did not open, and the error.
fn open_on_all(
    kind: &events::Event,
    modes: Modes,
    companions: &[Companion],
) -> Result<Vec<Counter>, (Modes, io::Error)> {
    let open = |modes, task| open_one(kind, modes, task).map_err(|error| (modes, error));
    // The order in which a kernel refuses: rights before hardware. User mode first tells the two
    // apart.
    if modes == Modes::UserKernel {
        drop(open(Modes::User, None)?);
    }
    let mut counters = vec![open(modes, None)?];
    for companion in companions {
        counters.push(open(modes, Some(companion.task))?);
    }
    Ok(counters)
}

/// Opens one event, on the calling actor and what it will create, or on another task alone.
fn open_one(kind: &events::Event, modes: Modes, task: Option<Pid>) -> io::Result<Counter> {
    let mut builder = Builder::new().kind(kind.clone());
    builder.exclude_kernel(modes == Modes::User);
    builder.enabled(true);
    let builder = match task {
        Some(task) => builder.observe_pid(task.as_raw()),
        None => {
            builder.inherit(true);
            builder.observe_self()
        }
    };
    let counter = builder.build()?;
    close_on_exec(&counter)?;
    Ok(counter)
}

/// The crate leaves its descriptors open across exec.
fn close_on_exec(counter: &Counter) -> io::Result<()> {
    fcntl(counter_fd(counter), FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(())
}

/// Reads the three words itself: `Counter::read` asserts that running time never exceeds enabled
/// time, and kernels have been seen to say otherwise (perf-event issue 65).
fn read_raw(counter: &Counter) -> io::Result<Raw> {
    let mut bytes = [0; 24];
    match read(counter_fd(counter), &mut bytes)? {
        24 => {
            let word = |i: usize| u64::from_ne_bytes(std::array::from_fn(|b| bytes[i * 8 + b]));
            Ok([word(0), word(1), word(2)])
        }
        read => Err(io::Error::other(format!("a counter gave {read} bytes"))),
    }
}
