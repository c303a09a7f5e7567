//! What does it cost to switch between threads or processes?

mod support;

use process_vs_thread::question::switching;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&switching::QUESTION)
}
