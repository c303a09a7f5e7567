//! What do actors cost each other that work at the same time?

mod support;

use process_vs_thread::question::contention;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&contention::QUESTION)
}
