//! What does a switch of address space do to the TLB, and what does that cost?

mod support;

use process_vs_thread::question::tlb;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&tlb::QUESTION)
}
