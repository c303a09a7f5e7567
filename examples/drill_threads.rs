//! The drill with threads: ten of them count, and their sum is printed, with the time and the
//! memory that it took.
//!
//! `cargo run --release --example drill_threads [TURNS]`, beside `drill_processes`.

use std::error::Error;
use std::hint::black_box;
use std::thread;
use std::time::Instant;

const WORKERS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let turns: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |turns| turns.parse())?;
    let start = Instant::now();
    let workers: Vec<_> = (0..WORKERS).map(|_| thread::spawn(move || count(turns))).collect();
    let mut sum = 0;
    for worker in workers {
        sum += worker.join().map_err(|_| "a worker panicked")?;
    }
    let elapsed = start.elapsed();
    println!("sum {sum}");
    println!("wall time {:.3} ms", elapsed.as_secs_f64() * 1e3);
    // Threads share one address space, so this is all of them; kernel stacks and page tables are
    // not in it.
    println!("max RSS {} KiB", max_rss_kib()?);
    Ok(())
}

/// Each worker has a counter of its own: one for all would cost more than everything else here.
fn count(turns: u64) -> u64 {
    // What is added is hidden from the compiler, which would replace the loop by its result.
    (0..turns).fold(0, |counted, _| counted + black_box(1))
}

/// The most that was resident of this program. ru_maxrss (getrusage(2)) is kept over exec, and may
/// be that of the program that started this one.
fn max_rss_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
