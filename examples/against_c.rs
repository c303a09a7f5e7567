//! Are the raw primitives as fast as the same thing in plain C? Pairs each with
//! `scripts/plain-c-lab.c`, built here with the C compiler (`$CC`, else `cc`), and prints the ratio
//! of times, ours over C's, with its 95 % interval.
//!
//! Run it on an idle machine: `cargo run --release --example against_c [NAME]`.

use process_vs_thread::claim::{Evidence, Unit};
use process_vs_thread::lab::{Program, locate};
use process_vs_thread::machine;
use process_vs_thread::plan::{Experiment, TOGETHER};
use process_vs_thread::question::arm;
use process_vs_thread::question::creation::plan::CREATION;
use process_vs_thread::question::switching::plan::SWITCHING;
use process_vs_thread::record::{Arm, Failure, Family, Placement, Result, Row, Stop};
use process_vs_thread::sampler::{Bench, Budget, Job, Pairing, Until, rounds};
use std::path::PathBuf;
use std::process::Command;

/// Length of the messages of streams: between the cost of a call and that of the copies.
const MESSAGE_BYTES: u64 = 4096;

const PRIMITIVES: [&str; 40] = [
    "baseline/clock",
    "baseline/getppid",
    "thread/pthread",
    "thread/pool",
    "clone/thread",
    "clone/vm",
    "process/fork",
    "clone/none",
    "clone/vm-vfork",
    "process/fork-exec-dynamic",
    "process/spawn-dynamic",
    "pipe/alone",
    "pipe/thread",
    "pipe/process",
    "futex/alone",
    "futex/thread",
    "futex/process",
    "condvar/thread",
    "condvar/process",
    "ring/thread",
    "ring/process",
    "share/load",
    "spin/thread",
    "spin/process",
    "eventfd/alone",
    "eventfd/thread",
    "eventfd/process",
    "socket/alone",
    "socket/thread",
    "socket/process",
    "stream/pipe-thread",
    "stream/pipe-process",
    "stream/socket-thread",
    "stream/socket-process",
    "stream/memory-thread",
    "stream/memory-process",
    "together/mmap-thread",
    "together/mmap-process",
    "together/fault-thread",
    "together/fault-process",
];

/// Those whose calls are made in line, and a second time by the C library, as the yardstick makes
/// them.
const CALLED: [&str; 14] = [
    "pipe/alone",
    "pipe/thread",
    "pipe/process",
    "futex/alone",
    "futex/thread",
    "futex/process",
    "ring/thread",
    "ring/process",
    "eventfd/alone",
    "eventfd/thread",
    "eventfd/process",
    "socket/alone",
    "socket/thread",
    "socket/process",
];

/// Those that have no number of actors of their own.
const SEVERAL: [&str; 3] = ["ring/thread", "ring/process", "thread/pool"];

fn main() -> Result<()> {
    let wanted = std::env::args_os().nth(1).unwrap_or_default();
    let wanted = wanted.to_string_lossy();
    let plain_c = Program { path: compiled()?, arguments: Vec::new() };
    let lab = locate(None)?;
    let bench = Bench {
        reaper: lab.reaper(),
        lab,
        cores: machine::placement()?,
        budget: Budget::FULL,
        until: Until::default(),
    };
    let chosen = PRIMITIVES.into_iter().filter(|id| id.contains(&*wanted));
    println!("time of one operation here over plain C");
    let pairing = |experiment| -> Box<dyn Job> {
        let programs = [plain_c.clone(), bench.lab.clone()];
        Box::new(Pairing::new(experiment, programs, bench.budget))
    };
    let jobs = chosen.flat_map(experiments).map(pairing).collect();
    for row in rounds(jobs, &bench, &mut |_| {}) {
        let Row::Cell(cell) = row else { continue };
        let id = &cell.id;
        if let Stop::Failed(failure) = cell.stop {
            println!("{id:26} {failure}");
            continue;
        }
        let evidence = Evidence::of(&cell, None);
        let ratio =
            evidence.ratio.map_or("-".to_owned(), |ratio| Unit::Times.format_interval(ratio));
        let time = evidence
            .a
            .time_ns
            .map_or("-".to_owned(), |time| Unit::Nanoseconds.format_interval(time));
        println!("{id:26} {ratio:24} plain C {time}");
    }
    Ok(())
}

/// The same arm on both sides, by each way to call the kernel that it has.
fn experiments(id: &str) -> Vec<Experiment> {
    let family = id.split('/').next();
    let protocol = match family {
        Some("clone" | "thread" | "process") => CREATION,
        Some("share" | "spin" | "stream" | "together") => TOGETHER,
        _ => SWITCHING,
    };
    let arm = arm(id).among(if SEVERAL.contains(&id) { 4 } else { 0 });
    let a = match family {
        Some("spin") => arm.at(Placement::TwoCores),
        Some("together") => arm.at(Placement::AllCores),
        Some("stream") => arm.at(Placement::TwoCores).of(MESSAGE_BYTES),
        _ => arm,
    };
    let yardstick = Family { question: "", name: "against-c", prefix: "c" };
    let pair = |name: &str, a: Arm| Experiment::new(yardstick.named(name), protocol, a.clone(), a);
    let called = CALLED.contains(&id).then(|| pair(&format!("{id} libc"), a.clone().by_library()));
    [pair(id, a)].into_iter().chain(called).collect()
}

/// Compiles the yardstick beside this program.
fn compiled() -> Result<PathBuf> {
    let tried = "compiling scripts/plain-c-lab.c";
    let own = std::env::current_exe().map_err(|e| Failure::os("finding this program", e))?;
    let program = own.with_file_name("plain-c-lab");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let source = PathBuf::from("scripts/plain-c-lab.c");
    let status = Command::new(compiler)
        .args(["-O2", "-Wall", "-Wextra", "-pthread", "-o"])
        .args([&program, &source])
        .status()
        .map_err(|e| {
            Failure::os(tried, e).remedy("install a C compiler, run from the top folder")
        })?;
    match status.success() {
        true => Ok(program),
        false => Err(Failure::new(tried, format!("the compiler ended with {status}"))),
    }
}
