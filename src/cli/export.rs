//! `export`: a run in the form that another program, or another person, takes.

use super::named::{self, LAST};
use super::report::{alone, pages, write};
use clap::ValueEnum;
use process_vs_thread::question::{self, judge};
use process_vs_thread::record::{self, Failure, Record, Result};
use process_vs_thread::{output, report};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread export --format csv > figures.csv
  process-vs-thread export last~1 --format html -o page.html
  process-vs-thread export --redact -o record.json.gz    what to send to others
  process-vs-thread export - --format md < record.json
  process-vs-thread export --schema                      what the fields of a record mean
";

/// The schema of a record, as the types have it.
const SCHEMA: &str = include_str!("../../docs/record.schema.json");

/// Export a run as JSON, CSV, Markdown, HTML or Bencher's metric format
///
/// `docs/record.md` says what is in a record before it is sent.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run [default: last]: a record, a run's folder, part of its name, last, last~1, or -
    #[arg(value_name = "RUN", conflicts_with = "schema")]
    run: Option<String>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Json, conflicts_with = "schema")]
    format: Format,
    /// Drop what names a place: label, command, folders, container, the kernel's local version
    #[arg(long)]
    redact: bool,
    /// Write here [default: -, standard output]; what ends in .gz is packed
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the JSON schema of a record instead
    #[arg(long)]
    schema: bool,
}

/// The forms of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The record itself: every sample
    Json,
    /// A row for each figure: id, estimand, unit, estimate, interval, launches, claim, verdict
    Csv,
    /// A table of all claims
    Md,
    /// The page; its details are written beside a file, not to a pipe
    Html,
    /// Bencher's metric format
    Bmf,
}

/// Writes a run, or the schema.
pub(crate) fn export(args: &Args) -> Result<()> {
    let output = args.output.as_ref().filter(|file| !named::is_printed(file));
    if args.schema {
        return match output {
            Some(file) => write(file, file_of_none(), SCHEMA.as_bytes()),
            None => output::print(SCHEMA),
        };
    }
    let name = args.run.as_deref().unwrap_or(LAST);
    let record = named::read(name)?;
    let record = if args.redact { record.redacted()? } else { record };
    let text = text(&record, args.format)?;
    let Some(file) = output else { return output::print(&text) };
    let from = named::file(name)?;
    let from = from.as_deref().unwrap_or(file_of_none());
    if file.extension().is_some_and(|extension| extension == "gz") {
        return write(file, from, &record::packed(text.as_bytes())?);
    }
    match args.format {
        Format::Html => {
            // A page of what is left of a record is no page of that record.
            let link = Some(from).filter(|_| !args.redact);
            pages(file, from, link, &record, &judge(&record)).map(drop)
        }
        _ => write(file, from, text.as_bytes()),
    }
}

/// Where a record came from that lies in no file.
fn file_of_none() -> &'static Path {
    Path::new("")
}

fn text(record: &Record, format: Format) -> Result<String> {
    let judged = judge(record);
    match format {
        Format::Json => {
            let text = serde_json::to_string(record);
            text.map(|text| text + "\n")
                .map_err(|e| Failure::new("writing the record", e.to_string()))
        }
        Format::Csv => report::csv(record, &judged),
        Format::Bmf => report::bmf(record, &judged),
        Format::Md => Ok(question::markdown(record, &judged)),
        Format::Html => Ok(alone(record, &judged)),
    }
}
