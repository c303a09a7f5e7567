//! What does it cost to tell another actor something?

mod support;

use process_vs_thread::question::communication;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&communication::QUESTION)
}
