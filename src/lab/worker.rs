//! The lab's end: be what the driver asks for, until the input ends.

mod hold;
mod load;
mod measure;
mod parent;
mod serve;
mod small;
mod state;
mod stretch;
mod units;

pub use parent::most_parent_bytes;
pub use units::{AddressSpace, KINDS, Kind, Takes, kind};

use super::pipe::{line, read, refuse, send};
use super::protocol::{Opening, Role};
use crate::cgroup::reaper;
use crate::machine;
use crate::primitive::{Catalogue, Entry};
use crate::probe;
use crate::record::{Failure, Result};
use crate::sys::signal;
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{close, getppid};
use std::fs;
use std::io::StdinLock;
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

const STDERR: RawFd = 2;

/// Serves one driver over standard input and output with what it is handed, and returns the lab's
/// exit status. It is what
/// the program `process-vs-thread-lab` does, and the hidden subcommand `lab` of
/// `process-vs-thread`.
#[must_use]
pub fn main(primitives: Catalogue<Entry>, probes: Catalogue<probe::Entry>) -> ExitCode {
    // The driver has it ignored, which an exec passes on: what is measured here is to start as
    // programs do.
    let _ = signal::by_default(Signal::SIGXFSZ);
    // What cannot be put right here could not be in the driver, which has said so.
    let _ = machine::settle();
    // What a panic has to say goes to the driver as the reason of a failed row.
    std::panic::set_hook(Box::new(|_| {}));
    let mut driver = std::io::stdin().lock();
    let served = catch_unwind(AssertUnwindSafe(|| serve(&mut driver, primitives, probes)));
    let failure = match served {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().map(ToString::to_string);
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            Failure::new("measuring", format!("it panicked: {}", said.unwrap_or_default()))
        }
    };
    // A driver that has exited cannot be told.
    let _ = refuse(machine::advised(failure, ""));
    ExitCode::FAILURE
}

/// Closes what whoever started the driver left open for all that it starts, such as cargo its job
/// server: a fork copies each descriptor.
fn close_inherited() -> Result<()> {
    let tried = "closing inherited descriptors";
    let listed = fs::read_dir("/proc/self/fd").map_err(|e| Failure::os(tried, e))?;
    let names: Vec<_> = listed.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    let numbers = names.iter().filter_map(|name| name.to_str()?.parse().ok());
    for descriptor in numbers.filter(|descriptor: &RawFd| *descriptor > STDERR) {
        match close(descriptor) {
            // The one that listed them is closed already.
            Ok(()) | Err(Errno::EBADF) => {}
            Err(e) => return Err(Failure::os(tried, e)),
        }
    }
    Ok(())
}

fn serve(
    driver: &mut StdinLock<'_>,
    primitives: Catalogue<Entry>,
    probes: Catalogue<probe::Entry>,
) -> Result<()> {
    close_inherited()?;
    let opening = line(driver)?;
    if opening.trim_end() == reaper::OPENING {
        return reaper::main(driver);
    }
    let Some(Opening { driver_pid, role }) = read(&opening)? else {
        return Err(Failure::new(
            "starting a benchmark process",
            "its driver sent no specification",
        )
        .remedy("this program is started by `cargo bench` and `process-vs-thread run`"));
    };
    die_with_driver(driver_pid)?;
    match role {
        Role::Measure(spec) => measure::batches(driver, primitives, &spec),
        Role::Probe { id, mechanism, group } => {
            send(probe::find(probes, &id)?.run(mechanism, group.as_deref())?)
        }
        Role::Hold(spec) => hold::units(driver, &spec),
        Role::Serve(spec) => serve::connections(driver, &spec),
        Role::Load(spec) => load::a_server(driver, &spec),
    }
}

/// Asks for the signal first and checks the parent afterwards: it may be dead already.
fn die_with_driver(driver_pid: u32) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(|e| Failure::os("asking for the parent-death signal", e))?;
    match getppid().as_raw() as u32 == driver_pid {
        true => Ok(()),
        false => Err(Failure::new("checking the driver", "it has exited")),
    }
}

fn pin(cpu: Option<usize>) -> Result<()> {
    match cpu {
        Some(id) if !core_affinity::set_for_current(core_affinity::CoreId { id }) => {
            Err(Failure::os(format!("pinning the benchmark process to CPU {id}"), Errno::last()))
        }
        _ => Ok(()),
    }
}
