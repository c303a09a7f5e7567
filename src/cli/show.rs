//! `show`: what a run found; and what the program says when it is asked for nothing.

use super::Program;
use super::named::{self, LAST, in_json};
use clap::CommandFactory;
use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use process_vs_thread::claim::{Claim, Judged};
use process_vs_thread::question::{self, judge};
use process_vs_thread::record::{Failure, Record, Result};
use process_vs_thread::text::one_line;
use process_vs_thread::{output, run};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread show                    the summary of the last run
  process-vs-thread show last~1             of the run before
  process-vs-thread show B1 B2              two claims of the last run, in full
  process-vs-thread show --all              every cell, then checks, warnings and gaps
";

/// Show the summary of a run, or some of its claims in full
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run [default: last], and claims of it: A3, B1 ...
    #[arg(value_name = "RUN|CLAIM", value_parser = NonEmptyStringValueParser::new())]
    named: Vec<String>,
    /// Show every cell with its interval and verdict, then checks, warnings and gaps
    #[arg(long)]
    all: bool,
    /// Print the run, the machine, its checks and every cell as JSON
    #[arg(long)]
    json: bool,
}

/// The summary of a run, or some of its claims in full.
pub(crate) fn show(args: &Args) -> Result<()> {
    let (claims, runs) = told_apart(&args.named)?;
    let record = match runs.as_slice() {
        [] => named::read(LAST)?,
        [one] => named::read(one).map_err(|failure| or_a_claim(one, failure))?,
        several => {
            let runs = several.join(", ");
            misused(&format!("{runs}: one run and any number of claims; `compare` takes several"))
        }
    };
    let (width, colour) = run::screen();
    let judged = judge(&record);
    if args.json {
        return output::print(&json(&record, &judged, &claims)?);
    }
    if args.all {
        return output::print(&question::every(&record, &judged, &claims, width, colour));
    }
    if claims.is_empty() {
        return output::print(&question::screen(&record, &judged, width, colour));
    }
    let text: Vec<String> =
        claims.iter().map(|claim| question::explain(claim, Some(&judged), width, colour)).collect();
    output::print(&text.join("\n"))
}

/// The run, the machine, and what this version of the judge says of the claims.
fn json(record: &Record, judged: &Judged, claims: &[&Claim]) -> Result<String> {
    let mut summary = judged.summary();
    summary.claims.retain(|one| claims.is_empty() || claims.iter().any(|c| c.id == one.id));
    in_json(&serde_json::json!({
        "schema": record.schema,
        "run": record.run,
        "machine": record.machine.summary,
        "warnings": record.machine.warnings,
        "checks": record.checks,
        "judged": summary,
    }))
}

/// The claims among what is named, and the rest, which are runs.
fn told_apart(named: &[String]) -> Result<(Vec<&'static Claim>, Vec<&str>)> {
    let (mut claims, mut runs) = (Vec::new(), Vec::new());
    for word in named {
        match run::claim(word) {
            Ok(claim) => claims.push(claim),
            Err(_) => runs.push(word.as_str()),
        }
    }
    Ok((claims, runs))
}

/// What has the shape of a claim's id was meant as one.
fn or_a_claim(word: &str, failure: Failure) -> Failure {
    let mut letters = word.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    let shaped = first && !letters.as_str().is_empty() && letters.all(|c| c.is_ascii_digit());
    let is_run = |run: &PathBuf| run.to_string_lossy().contains(word);
    let elsewhere = Path::new(word).exists() || run::runs(&run::home()).iter().any(is_run);
    match run::claim(word) {
        Err(none) if shaped && !elsewhere => misused(&none.to_string()),
        _ => failure,
    }
}

/// Ends with a usage error.
fn misused(why: &str) -> ! {
    Program::command().error(ErrorKind::InvalidValue, why).exit()
}

fn summary(record: &Record) -> Result<()> {
    let (width, colour) = run::screen();
    output::print(&question::screen(record, &judge(record), width, colour))
}

/// How to make the first run.
const FIRST: &str = "
  process-vs-thread run --quick   measures what decides the claims, in about a minute
  process-vs-thread run           measures everything
  process-vs-thread --help        lists all commands
";

/// The summary of the last run, or how to make the first.
pub(crate) fn last() -> Result<()> {
    let home = run::home();
    match run::runs(&home).is_empty() {
        false => summary(&named::read(LAST)?),
        true => {
            let home = one_line(&home.display().to_string());
            output::print(&format!("There is no run in {home} yet.\n{FIRST}"))
        }
    }
}
