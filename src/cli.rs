//! The command line: its grammar, and a file per command.

mod compare;
mod completions;
mod doctor;
mod ending;
mod explain;
mod export;
mod list;
mod load;
mod man;
mod named;
mod predict;
mod report;
mod run;
mod serve;
mod show;

pub(crate) use ending::Ending;

use clap::{Parser, Subcommand};
use process_vs_thread::record::{Result, SCHEMA};
use process_vs_thread::run::{VERSION, revision};
use std::sync::LazyLock;

/// What `--version` says: also what made the program, and which records it writes.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let revision = revision().unwrap_or_else(|| "unknown".to_owned());
    format!("{VERSION} (revision {revision}, record schema {SCHEMA})")
});

/// What follows the list of commands.
const NAMES: &str = "\
A RUN is a record, a run's folder, part of a run's name, last (the default), or last~1.
Runs lie in $PROCESS_VS_THREAD_OUT, else in ./reports.
A CLAIM is its id, such as A3.

Exit status: 0 done, 1 failed, 2 usage, 3 too noisy or nothing judged; 129, 130, 143 ended early.

Examples:
  process-vs-thread doctor            what can be measured here
  process-vs-thread run --quick       measure what decides the claims, in about a minute
  process-vs-thread show              what the last run found
  process-vs-thread explain A3        one claim: textbook, mechanism, this machine's figures
  process-vs-thread compare           what changed between the last two runs
  process-vs-thread predict --pid PID what a fork of a running process would take
  process-vs-thread export --redact -o record.json.gz    the last run, without names and paths
";

/// Measure what processes and threads cost on this machine, and judge textbook claims
///
/// Without a command: the summary of the last run.
#[derive(Debug, Parser)]
#[command(name = "process-vs-thread", version = VERSION, long_version = LONG_VERSION.as_str())]
#[command(after_help = NAMES, max_term_width = 100, infer_subcommands = false)]
pub(crate) struct Program {
    #[command(subcommand)]
    command: Option<Command>,
}

/// A command, in the order of the help.
#[derive(Debug, Subcommand)]
enum Command {
    Doctor(doctor::Args),
    Run(run::Args),
    Show(show::Args),
    Explain(explain::Args),
    Compare(compare::Args),
    Predict(predict::Args),
    Export(export::Args),
    Report(report::Args),
    List(list::Args),
    Serve(serve::Args),
    Load(load::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Program {
    /// Does what is asked for.
    ///
    /// # Errors
    /// It could not be done.
    pub(crate) fn obey(self) -> Result<Ending> {
        match self.command {
            Some(Command::Doctor(args)) => return doctor::doctor(&args),
            Some(Command::Compare(args)) => return compare::compare(&args),
            None => show::last(),
            Some(Command::Run(args)) => return run::run(args),
            Some(Command::Show(args)) => show::show(&args),
            Some(Command::Explain(args)) => explain::explain(&args),
            Some(Command::Predict(args)) => predict::predict(&args),
            Some(Command::Export(args)) => export::export(&args),
            Some(Command::Report(args)) => report::report(&args),
            Some(Command::List(args)) => list::list(&args),
            Some(Command::Serve(args)) => serve::serve(&args),
            Some(Command::Load(args)) => load::load(&args),
            Some(Command::Completions(args)) => completions::completions(&args),
            Some(Command::Man(args)) => man::man(&args),
        }
        .map(|()| Ending::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_contradicts_itself_nowhere() {
        Program::command().debug_assert();
    }
}
