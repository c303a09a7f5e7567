//! What does it cost to keep a thread, a process, a connection?

mod support;

use process_vs_thread::question::memory;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&memory::QUESTION)
}
