//! What does a server answer, by how it divides its connections among processes, threads or event
//! loops?

mod support;

use process_vs_thread::question::servers;
use std::process::ExitCode;

fn main() -> ExitCode {
    support::target(&servers::QUESTION)
}
