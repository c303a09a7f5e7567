//! `process-vs-thread`: the suite without cargo. One program that measures, judges and writes the
//! report.

mod cli;

use clap::Parser;
use cli::{Ending, Program};
use process_vs_thread::{lab, output, question, run};
use std::process::ExitCode;

/// The word by which the program is its own lab, where the lab's own program does not lie beside
/// it. No grammar is read for it: a lab is to be small.
const LAB: &str = "lab";

fn main() -> ExitCode {
    run::outlive_file_limit();
    if std::env::args_os().nth(1).is_some_and(|word| word == LAB) {
        return lab::main(question::PRIMITIVES, question::PROBES);
    }
    match Program::parse().obey() {
        Ok(ending) => ending.into(),
        Err(failure) => {
            output::say(&format!("process-vs-thread: {failure}"));
            Ending::Failed.into()
        }
    }
}
