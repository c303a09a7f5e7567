//! `doctor`: what can be measured here.

use super::Ending;
use super::named::in_json;
use process_vs_thread::record::Result;
use process_vs_thread::run::doctor::{diagnose, examine, screen};
use process_vs_thread::{output, run};

const EXAMPLES: &str = "\
Exit status: 0, or 3 where a question cannot be measured at all.

Examples:
  process-vs-thread doctor                  before the first run on a machine
  process-vs-thread doctor --json           for a program that chooses machines
";

/// Say what can be measured on this machine, question by question, before a run
///
/// Each way of measuring is tried once, in a few seconds: yes, less precisely, or no, with the
/// reason and the remedy.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// Tries what would be measured, and says what came of it.
pub(crate) fn doctor(args: &Args) -> Result<Ending> {
    let said = diagnose(&examine()?);
    let (width, colour) = run::screen();
    output::print(&match args.json {
        true => in_json(&said)?,
        false => screen(&said, width, colour),
    })?;
    Ok(if said.is_complete() { Ending::Done } else { Ending::NothingJudged })
}
