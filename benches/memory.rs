//! What does it cost to keep a thread, a process, a connection?

use process_vs_thread::question::memory;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&memory::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
