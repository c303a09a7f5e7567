//! What does it cost to create a thread or a process?

use process_vs_thread::question::creation;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&creation::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
