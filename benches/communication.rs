//! What does it cost to tell another actor something?

use process_vs_thread::question::communication;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&communication::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
