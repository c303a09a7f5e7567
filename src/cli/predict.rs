//! `predict`: what a fork of a process would take, by what a run measured.

use super::named::{self, LAST};
use clap::ArgGroup;
use process_vs_thread::claim::{Unit, times};
use process_vs_thread::output;
use process_vs_thread::predict::{
    self, Checked, Given, Prediction, ProcessShape, Wishes, of_process,
};
use process_vs_thread::record::{Failure, Record, Result};
use serde::Serialize;
use std::fmt::Write as _;

const EXAMPLES: &str = "\
Figures are those of the machine of the RUN. What is not given by numbers is as in the run's small
parent.

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
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// Private memory, such as 4GiB, 300MiB, 4096KiB
    #[arg(long, value_name = "SIZE", value_parser = size, group = "numbers")]
    memory: Option<u64>,
    /// That memory is in huge pages
    #[arg(long, requires = "memory", group = "numbers")]
    huge: bool,
    /// Mappings that hold pages of their own
    #[arg(long, value_name = "N", group = "numbers")]
    mappings: Option<u64>,
    /// Mappings that hold none: of files, read and not written
    #[arg(long, value_name = "N", group = "numbers")]
    clean_mappings: Option<u64>,
    /// Open file descriptors
    #[arg(long, value_name = "N", group = "numbers")]
    descriptors: Option<u64>,
    /// Threads
    #[arg(long, value_name = "N", group = "numbers")]
    threads: Option<u64>,
    /// Pages that it goes on to write after the fork
    #[arg(long, value_name = "PAGES", default_value_t = 0)]
    writes: u64,
    /// Workers whose memory is predicted
    #[arg(long, value_name = "N", default_value_t = 100)]
    workers: u32,
    /// Workers that take turns on one core
    #[arg(long, value_name = "K", default_value_t = 2)]
    actors: u32,
    /// Pages that each of those reads per turn
    #[arg(long, value_name = "PAGES", default_value_t = 16)]
    pages: u32,
    /// Fork a process of this shape, and print prediction and measurement
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// A run [default: last]: a record, a run's folder, part of its name, last, last~1
    #[arg(value_name = "RUN", default_value = LAST, hide_default_value = true)]
    run: String,
}

/// All that is printed as JSON.
#[derive(Serialize)]
struct Printed<'p> {
    #[serde(flatten)]
    prediction: &'p Prediction,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'p [Checked]>,
}

pub(crate) fn predict(args: &Args) -> Result<()> {
    let record = named::read(&args.run)?;
    let process = shape(args, &record)?;
    let wishes = Wishes {
        writes: args.writes,
        workers: args.workers,
        actors: args.actors,
        pages: args.pages,
    };
    let prediction = predict::predict(&process, &wishes, &record);
    let checked = match args.check {
        true => Some(predict::check(&process, &prediction.forks, &record)?),
        false => None,
    };
    if args.json {
        let printed = Printed { prediction: &prediction, checked: checked.as_deref() };
        let text = serde_json::to_string_pretty(&printed)
            .map_err(|e| Failure::new("writing the prediction as JSON", e.to_string()))?;
        return output::print(&(text + "\n"));
    }
    let mut text = predict::text(&prediction);
    text += &checked.map_or_else(String::new, |checked| beside(&checked));
    output::print(&text)
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
    Ok(given.shape(predict::small(record)?))
}

/// What a lab of the shape took, and the prediction over it.
fn beside(checked: &[Checked]) -> String {
    let mut text = "\na lab of this shape, measured now\n".to_owned();
    for Checked { regime, call_ns, reaped_ns, call_ratio, reaped_ratio, .. } in checked {
        let ratio = |ratio: &Option<f64>| {
            ratio.map_or("no prediction".to_owned(), |r| format!("predicted {}", times(r)))
        };
        let [call, reaped] = [call_ns, reaped_ns].map(|ns| Unit::Nanoseconds.format(*ns));
        let _ = writeln!(
            text,
            "  {:44}caller waits {call} ({}), until reaped {reaped} ({})",
            regime.name(),
            ratio(call_ratio),
            ratio(reaped_ratio)
        );
    }
    text
}

/// A size in bytes, with a binary prefix or without.
fn size(text: &str) -> std::result::Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" | "B" => 0,
        "KiB" | "K" | "k" => 10,
        "MiB" | "M" => 20,
        "GiB" | "G" => 30,
        "TiB" | "T" => 40,
        other => return Err(format!("'{other}' is no unit; use KiB, MiB, GiB or TiB")),
    };
    let number: f64 = digits.parse().map_err(|_| format!("'{digits}' is not a number"))?;
    let bytes = number * (1_u64 << shift) as f64;
    // Above this no process has addresses.
    match (0.0..=(1_u64 << 57) as f64).contains(&bytes) {
        true => Ok(bytes as u64),
        false => Err("no process has as much memory".to_owned()),
    }
}
