//! What does a server answer, by how it divides its connections among processes, threads or event
//! loops?

use process_vs_thread::question::servers;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&servers::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
