//! What does a switch of address space do to the TLB, and what does that cost?

use process_vs_thread::question::tlb;
use std::process::ExitCode;

fn main() -> ExitCode {
    bench_support::target(&tlb::QUESTION, env!("CARGO_BIN_EXE_process-vs-thread-lab"))
}
