//! `compare`: runs side by side.

use super::named;
use process_vs_thread::question;
use process_vs_thread::record::{Failure, Result};
use process_vs_thread::{output, run};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread compare last~1 last     what differs between the last two runs
";

/// Compare two runs: changed verdicts, figures beyond both intervals, facts
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Two runs: a record, a run's folder, part of its name, last, last~1
    #[arg(value_name = "RUN", required = true, num_args = 2)]
    runs: Vec<String>,
    /// List every figure that differs
    #[arg(long)]
    all: bool,
}

/// Two runs side by side.
pub(crate) fn compare(args: &Args) -> Result<()> {
    let [first, second] = args.runs.as_slice() else {
        return Err(Failure::new("comparing runs", "exactly two are compared"));
    };
    let (before, after) = (named::read(first)?, named::read(second)?);
    let (width, colour) = run::screen();
    output::print(&question::difference([&before, &after], args.all, width, colour))
}
