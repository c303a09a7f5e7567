//! The lab's end: prepare one primitive, time batches of it until the input ends; or run one probe.

use super::parent::Held;
use super::small::Padding;
use super::state;
use super::stretch::Runner;
use super::wire::{Batch, Opening, ProbeRequest, Reply, Request, Spec};
use super::{holding, loading, serving};
use crate::cgroup::keeper;
use crate::counters::Counters;
use crate::primitive::{self, Companion, Primitive, Setup, timed};
use crate::probe;
use crate::record::{Failure, Half, Result};
use crate::sys::{rseq, signal};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, close, getppid};
use serde::de::DeserializeOwned;
use std::fs;
use std::io::{BufRead, StdinLock, Write};
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

const STDERR: RawFd = 2;
const LISTENING: &str = "listening to the driver";

/// Serves one driver over standard input and output, and returns the lab's exit status. It is what the program
/// `process-vs-thread-lab` does, and the hidden subcommand `lab` of `process-vs-thread`.
#[must_use]
pub fn main() -> ExitCode {
    // The driver has it ignored, which an exec passes on: what is measured here is to start as programs do.
    let _ = signal::by_default(Signal::SIGXFSZ);
    // What a panic has to say goes to the driver as the reason of a failed row.
    std::panic::set_hook(Box::new(|_| {}));
    let mut driver = std::io::stdin().lock();
    let served = catch_unwind(AssertUnwindSafe(|| serve(&mut driver)));
    let failure = match served {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(failure)) => failure,
        Err(panic) => {
            let said = panic.downcast_ref::<&str>().map(ToString::to_string);
            let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
            Failure::new("measuring in a lab", format!("it panicked: {}", said.unwrap_or_default()))
        }
    };
    // A driver that is gone cannot be told.
    let _ = say(&Reply::Failed(failure));
    ExitCode::FAILURE
}

/// Closes what whoever started the driver left open for all that it starts, such as cargo its job server: a fork copies
/// each descriptor.
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

fn serve(driver: &mut StdinLock<'_>) -> Result<()> {
    close_inherited()?;
    let opening = line(driver)?;
    if opening.trim_end() == keeper::OPENING {
        return keeper::main(driver);
    }
    match read::<Opening>(&opening)? {
        Some(Opening::Measure(spec)) => measure(driver, &spec),
        Some(Opening::Probe(request)) => run_probe(&request),
        Some(Opening::Hold(spec)) => holding::serve(driver, &spec),
        Some(Opening::Serve(spec)) => serving::serve(driver, &spec),
        Some(Opening::Load(spec)) => loading::serve(driver, &spec),
        None => Err(Failure::new("starting a lab", "its driver sent no specification")
            .remedy("this program is started by `cargo bench` and `process-vs-thread run`")),
    }
}

fn run_probe(request: &ProbeRequest) -> Result<()> {
    die_with_driver(request.driver_pid)?;
    let run = probe::find(&request.id)?.run(request.mechanism, request.group.as_deref())?;
    say(&Reply::Probed(run))
}

fn measure(driver: &mut StdinLock<'_>, spec: &Spec) -> Result<()> {
    die_with_driver(spec.driver_pid)?;
    pin(spec.main_cpu)?;
    let _padding = Padding::add()?;
    let _held = Held::by(&spec.arm.parent)?;
    let entry = primitive::find(&spec.arm.primitive)?;
    if entry.creates() {
        rseq::register().map_err(|e| Failure::os("registering an area for rseq(2)", e))?;
        open_to_both(spec)?;
    }
    let setup =
        Setup { server: spec.server, ..Setup::of(&spec.arm, spec.partner_cpu, &spec.all_cpus) };
    let mut primitive = entry.start(&setup)?;
    let companions = primitive.companions();
    // One operation shows that all actors are there before anything is timed.
    timed(&mut *primitive, 1)?;
    let mut runner = Runner::new(spec.arm.policy, &companions);
    let mut counters = spec.counting.map(|modes| Counters::open(modes, &companions));
    say(&Reply::Ready(state::read()?))?;
    while let Some(request) = hear::<Request>(driver)? {
        let batch = batch(&mut *primitive, &companions, &mut runner, counters.as_mut(), request)?;
        say(&Reply::Done(batch))?;
    }
    Ok(())
}

fn batch(
    primitive: &mut dyn Primitive,
    companions: &[Companion],
    runner: &mut Runner,
    counters: Option<&mut Counters>,
    request: Request,
) -> Result<Batch> {
    // The first operation after the other arm's work is timed apart: what it costs unwashed.
    let unwashed_ns = match request.discard {
        0 => 0,
        _ => runner.run(primitive, 1)?.elapsed_ns,
    };
    if request.discard > 1 {
        runner.run(primitive, request.discard - 1)?;
    }
    let before = state::switches(companions)?;
    let counted = counters.map(|counters| (counters.read(), counters));
    let (passed, stamped, busy_before) =
        (primitive.passes(), primitive.moments(), primitive.busiest_ns());
    let part = runner.run(primitive, request.ops)?;
    let (passes, moments) = (primitive.passes(), primitive.moments());
    let readings = counted.map_or(Vec::new(), |(start, counters)| counters.since(&start));
    let after = state::switches(companions)?;
    let half = Half {
        ops: part.ops,
        elapsed_ns: part.elapsed_ns,
        elapsed_ticks: part.elapsed_ticks,
        switches: after[0].saturating_sub(before[0]),
        involuntary: after[1].saturating_sub(before[1]),
        unwashed_ns,
        fifo_stretch_ns: runner.longest.as_nanos() as u64,
        first_pass_ticks: passes.first_ticks - passed.first_ticks,
        second_pass_ticks: passes.second_ticks - passed.second_ticks,
        call_ns: moments.call_ns - stamped.call_ns,
        first_ns: moments.first_ns - stamped.first_ns,
        bill_ns: moments.bill_ns - stamped.bill_ns,
        client_cpu_ns: primitive.busiest_ns() - busy_before,
        // The driver asks the server.
        server_cpu_ns: 0,
    };
    Ok(Batch { half, readings })
}

pub(super) fn hear<T: DeserializeOwned>(driver: &mut StdinLock<'_>) -> Result<Option<T>> {
    read(&line(driver)?)
}

/// A line; empty where the input has ended.
fn line(driver: &mut StdinLock<'_>) -> Result<String> {
    let mut line = String::new();
    driver.read_line(&mut line).map_err(|e| Failure::os(LISTENING, e))?;
    Ok(line)
}

fn read<T: DeserializeOwned>(line: &str) -> Result<Option<T>> {
    match line {
        "" => Ok(None),
        _ => {
            serde_json::from_str(line).map(Some).map_err(|e| Failure::new(LISTENING, e.to_string()))
        }
    }
}

pub(super) fn say(reply: &Reply) -> Result<()> {
    let tried = "answering the driver";
    let mut line = serde_json::to_vec(reply).map_err(|e| Failure::new(tried, e.to_string()))?;
    line.push(b'\n');
    std::io::stdout().lock().write_all(&line).map_err(|e| Failure::os(tried, e))
}

/// Asks for the signal first and looks at the parent after: it may be gone already.
pub(super) fn die_with_driver(driver_pid: u32) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(|e| Failure::os("asking for the parent-death signal", e))?;
    match getppid().as_raw() as u32 == driver_pid {
        true => Ok(()),
        false => Err(Failure::new("looking at the driver", "it is gone")),
    }
}

/// What is created inherits its creator's CPUs: with two cores both may use both, and the kernel chooses.
fn open_to_both(spec: &Spec) -> Result<()> {
    let (Some(main), Some(other)) = (spec.main_cpu, spec.partner_cpu) else { return Ok(()) };
    let mut both = CpuSet::new();
    let widened = both.set(main).and_then(|()| both.set(other));
    widened
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &both))
        .map_err(|e| Failure::os(format!("opening CPUs {main} and {other} to the lab"), e))
}

pub(super) fn pin(cpu: Option<usize>) -> Result<()> {
    match cpu {
        Some(id) if !core_affinity::set_for_current(core_affinity::CoreId { id }) => {
            Err(Failure::os(format!("pinning the lab to CPU {id}"), Errno::last()))
        }
        _ => Ok(()),
    }
}
