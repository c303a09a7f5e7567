//! What do actors cost each other that work at the same time?

use process_vs_thread::question::contention;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&contention::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
