//! What does it cost to switch between threads or processes?

use process_vs_thread::question::switching;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&switching::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
