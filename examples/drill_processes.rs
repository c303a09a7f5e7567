//! The drill with processes: ten forks count and tell through pipes; their sum is printed, with the
//! time and the memory that it took.
//!
//! `cargo run --release --example drill_processes [TURNS]`, beside `drill_threads`.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{getpid, pipe, read, write};
use process_vs_thread::sys::fork::{die_with, fork_actor};
use process_vs_thread::sys::single_thread::SingleThread;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const WORKERS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let turns: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |turns| turns.parse())?;
    // A child has a copy of the thread that forks and of no other, so there must be no other.
    let alone = SingleThread::prove()?;
    let parent = getpid();
    let start = Instant::now();
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let (hears, says) = pipe()?;
        let child = fork_actor(&alone, || {
            die_with(parent);
            // Should it fail, the parent reads fewer bytes than it waits for.
            let _ = write(&says, &count(turns).to_ne_bytes());
        })?;
        workers.push((child, hears));
    }
    let mut sum = 0;
    for (child, hears) in workers {
        let mut told = [0; 8];
        if read(&hears, &mut told)? != told.len() {
            return Err("a worker did not tell".into());
        }
        sum += u64::from_ne_bytes(told);
        if !matches!(waitpid(child, None)?, WaitStatus::Exited(_, 0)) {
            return Err("a worker did not end well".into());
        }
    }
    let elapsed = start.elapsed();
    println!("sum {sum}");
    println!("wall time {:.3} ms", elapsed.as_secs_f64() * 1e3);
    println!("max RSS {} KiB, the parent", max_rss_kib()?);
    // Not their sum: of the largest one, with the pages that it shares with its parent.
    println!("max RSS {} KiB, the largest child", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}

/// What is added is hidden from the compiler, which would replace the loop by its result.
fn count(turns: u64) -> u64 {
    (0..turns).fold(0, |counted, _| counted + black_box(1))
}

/// The most that was resident of this program. ru_maxrss (getrusage(2)) is kept over exec, and may
/// be that of the program that started this one.
fn max_rss_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
