//! `process-vs-thread`: the suite without cargo. One program that measures, judges and writes the
//! report.

mod cli;

use process_vs_thread::output;
use process_vs_thread::question;
use std::process::ExitCode;

fn main() -> ExitCode {
    process_vs_thread::run::outlive_file_limit();
    let matches = cli::grammar().get_matches();
    let done = match matches.subcommand() {
        Some(("run", given)) => cli::run::run(given),
        Some(("show", given)) => cli::show::show(given),
        Some(("explain", given)) => cli::show::explain(given),
        Some(("compare", given)) => cli::show::compare(given),
        Some(("report", given)) => cli::report::report(given),
        Some(("serve", given)) => cli::serve::serve(given),
        Some(("load", given)) => cli::load::load(given),
        Some(("list", _)) => cli::list::list(),
        // The program is its own lab where the lab's own program does not lie beside it.
        Some(("lab", _)) => {
            return process_vs_thread::lab::main(question::PRIMITIVES, question::PROBES);
        }
        _ => return ExitCode::from(2),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::say(&format!("process-vs-thread: {failure}"));
            ExitCode::FAILURE
        }
    }
}
