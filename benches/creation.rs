//! What does it cost to create a thread or a process?

mod support;

use process_vs_thread::question::creation;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&creation::QUESTION)
}
