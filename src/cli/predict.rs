//! `predict`: what a fork of a process would take, by what a run measured.

mod chosen;

use super::named::{in_json, whole};
use clap::ArgGroup;
use process_vs_thread::output;
use process_vs_thread::predict::{
    self, Checked, Given, Prediction, ProcessShape, Wishes, of_process,
};
use process_vs_thread::record::{Failure, Record, Result};
use process_vs_thread::run;
use serde::Serialize;

/// Most of what is counted: more than a kernel allows of any.
const MOST: u64 = 1 << 31;
/// Most pages that a process can write: more than it has addresses for.
const MOST_PAGES: u64 = 1 << 45;
/// Most processes or threads of a kernel (proc(5), `pid_max`).
const MOST_TASKS: u64 = 1 << 22;

const EXAMPLES: &str = "\
A whole run is needed (`run`, or `cargo bench`): a quick run, or one of a part, has too little.
Without RUN, the last run is used, or the latest of its machine that is enough, and a note says so.
Figures are those of the run's machine. What is not given is as in the run's small parent.

A fork is predicted twice:
  fork after fork, memory in order           what a loop of forks takes: the best case
  first fork after a rest, memory scattered  a program that runs for long and forks now and then

Each figure has a 95 % interval, and says what it is based on:
  measured       as it is
  interpolated   between measured points
  extrapolated   beyond the last measured point, along the line to it
  at most, or ≤  measured of something that takes more

Examples:
  process-vs-thread predict --pid 1234                     what a fork of this process would take
  process-vs-thread predict --pid 1234 --check             beside a fork of that shape, measured
  process-vs-thread predict --memory 4GiB --descriptors 10000 --writes 50000
  process-vs-thread predict --memory 4GiB --huge last~1 --json
";

/// Predict what a fork, workers and switches would take of a process, by what a run measured
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("numbers").multiple(true).conflicts_with("pid"))]
pub(crate) struct Args {
    /// A process that runs (its memory must be visible to this user)
    #[arg(long, value_name = "PID", value_parser = process)]
    pid: Option<u32>,
    /// Private memory, such as 4GiB, 300MiB, 4096KiB
    #[arg(long, value_name = "SIZE", value_parser = size, group = "numbers")]
    memory: Option<u64>,
    /// That memory is in huge pages
    #[arg(long, requires = "memory", group = "numbers")]
    huge: bool,
    /// Mappings that hold pages of their own
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0..=MOST), group = "numbers")]
    mappings: Option<u64>,
    /// Mappings that hold none: of files, read and not written
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0..=MOST), group = "numbers")]
    clean_mappings: Option<u64>,
    /// Open file descriptors
    #[arg(long, value_name = "N", value_parser = whole::<u64>(0..=MOST), group = "numbers")]
    descriptors: Option<u64>,
    /// Threads, the forking one included
    #[arg(long, value_name = "N", value_parser = whole::<u64>(1..=MOST_TASKS), group = "numbers")]
    threads: Option<u64>,
    /// Pages that it goes on to write after the fork
    #[arg(long, value_name = "PAGES", default_value = "0")]
    #[arg(value_parser = whole::<u64>(0..=MOST_PAGES))]
    writes: u64,
    /// Workers whose memory is predicted
    #[arg(long, value_name = "N", default_value = "100")]
    #[arg(value_parser = whole::<u32>(1..=MOST_TASKS))]
    workers: u32,
    /// Workers that take turns on one core; only what the run measured: 2 to 9
    #[arg(long, value_name = "K", default_value = "2")]
    #[arg(value_parser = whole::<u32>(1..=MOST_TASKS))]
    actors: u32,
    /// Pages that each of those reads per turn; only what the run measured: 0, 16 or 48
    #[arg(long, value_name = "PAGES", default_value = "16")]
    #[arg(value_parser = whole::<u32>(0..=MOST))]
    pages: u32,
    /// Fork a process of this shape, and print prediction and measurement
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A run [default: last]: a record, a run's folder, part of its name, last, last~1
    #[arg(value_name = "RUN")]
    run: Option<String>,
}

/// All that is printed as JSON.
#[derive(Serialize)]
struct Printed<'p> {
    #[serde(flatten)]
    prediction: &'p Prediction,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'p [Checked]>,
    /// Why it was not checked, though that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_checked: Option<&'p Failure>,
}

pub(crate) fn predict(args: &Args) -> Result<()> {
    let record = chosen::read(args.run.as_deref())?;
    let process = shape(args, &record)?;
    let wishes = Wishes {
        writes: args.writes,
        workers: args.workers,
        actors: args.actors,
        pages: args.pages,
    };
    let prediction = predict::predict(&process, &wishes, &record);
    let (width, _) = run::screen();
    if !args.json {
        output::print(&predict::text(&prediction, width))?;
    }
    let check = args.check.then(|| predict::check(&process, &prediction.forks, &record));
    let checked = check.as_ref().and_then(|check| check.as_deref().ok());
    if args.json {
        let not_checked = check.as_ref().and_then(|check| check.as_ref().err());
        output::print(&in_json(&Printed { prediction: &prediction, checked, not_checked })?)?;
    } else if let Some(checked) = checked {
        output::print(&predict::checked_text(checked, width))?;
    }
    // What is predicted has been printed; that it was not checked is an error.
    check.map_or(Ok(()), |check| check.map(|_| ()))
}

fn shape(args: &Args, record: &Record) -> Result<ProcessShape> {
    if let Some(pid) = args.pid {
        return of_process(pid);
    }
    let given = Given {
        memory_bytes: args.memory,
        huge: args.huge,
        mappings: args.mappings,
        clean_mappings: args.clean_mappings,
        descriptors: args.descriptors,
        threads: args.threads,
    };
    given.shape(&predict::small(record)?)
}

/// The number of a process.
fn process(text: &str) -> std::result::Result<u32, String> {
    whole(1..=MOST_TASKS)(text)
        .map_err(|_| "use the number of a process, such as those that `ps` lists".to_owned())
}

/// A size in bytes, with its unit.
fn size(text: &str) -> std::result::Result<u64, String> {
    const USE: &str = "use a number with a unit: 4GiB, 300MiB, 4096KiB";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "B" => 0,
        "KiB" | "K" | "k" => 10,
        "MiB" | "M" => 20,
        "GiB" | "G" => 30,
        "TiB" | "T" => 40,
        "PiB" | "P" => 50,
        _ => return Err(USE.to_owned()),
    };
    let number: f64 = digits.trim_end().parse().map_err(|_| USE.to_owned())?;
    let bytes = number * (1_u64 << shift) as f64;
    // Below no process has a page, above none has addresses.
    match (4096.0..=(1_u64 << 57) as f64).contains(&bytes) {
        true => Ok(bytes as u64),
        false => Err("use a size that a process can have: 4KiB to 128PiB".to_owned()),
    }
}
