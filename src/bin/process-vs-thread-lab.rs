//! The lab's own program: nothing but the lab, so that a fork in it copies little.

use process_vs_thread::question;
use std::process::ExitCode;

fn main() -> ExitCode {
    process_vs_thread::lab::main(question::PRIMITIVES, question::PROBES)
}
