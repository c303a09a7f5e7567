//! `explain`: one claim, and what a run found of it.

use super::named::{self, LAST};
use process_vs_thread::claim::Claim;
use process_vs_thread::question::{self, judge};
use process_vs_thread::record::{self, Result};
use process_vs_thread::{output, run};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread explain A3              with the figures of the last run
  process-vs-thread explain B1 last~1       with those of the run before
";

/// Explain a claim: textbook, mechanism, this machine's figures, exceptions, how to repeat
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A claim, such as A3 (see `list claims`)
    #[arg(value_name = "CLAIM", value_parser = named::claim)]
    claim: &'static Claim,
    /// A run [default: last]: a record, a run's folder, part of its name, last, last~1
    #[arg(value_name = "RUN")]
    run: Option<String>,
}

/// What the textbook says, why, and what a run found; without any run, what is known.
pub(crate) fn explain(args: &Args) -> Result<()> {
    let (width, colour) = run::screen();
    let judged = match &args.run {
        Some(name) => Some(judge(&named::read(name)?)),
        None => {
            run::find(LAST).ok().map(|file| record::read(&file)).transpose()?.as_ref().map(judge)
        }
    };
    output::print(&question::explain(args.claim, judged.as_ref(), width, colour))
}
