//! What people name on the command line: claims, runs, labels. An error here is a usage error.

use process_vs_thread::claim::Claim;
use process_vs_thread::proc;
use process_vs_thread::record::{self, Failure, Record, Result};
use process_vs_thread::run::{self, Wanted};
use serde::Serialize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a command names where it names no run.
pub(super) const LAST: &str = "last";

/// Longest time of a run: a week.
const MOST_SECONDS: f64 = 168.0 * 3_600.0;

/// What stands for a standard stream in the place of a file.
pub(super) const STREAM: &str = "-";

/// What standard input is called.
const STANDARD_INPUT: [&str; 4] = [STREAM, "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
/// What standard output is called.
const STANDARD_OUTPUT: [&str; 4] = [STREAM, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// Is it standard input that is named?
pub(super) fn is_piped(run: &Path) -> bool {
    STANDARD_INPUT.iter().any(|name| run == Path::new(name))
}

/// Is it standard output that is named?
pub(super) fn is_printed(file: &Path) -> bool {
    STANDARD_OUTPUT.iter().any(|name| file == Path::new(name))
}

/// The record of a run that is named.
pub(super) fn read(run: &str) -> Result<Record> {
    match file(run)? {
        Some(file) => record::read(&file),
        None => record::read_from("standard input", std::io::stdin().lock()),
    }
}

/// The file of a run that is named; none where it is standard input.
pub(super) fn file(run: &str) -> Result<Option<PathBuf>> {
    if is_piped(Path::new(run)) { Ok(None) } else { run::find(run).map(Some) }
}

/// A value as JSON, for a program to read.
pub(super) fn in_json(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(|e| Failure::new("writing JSON", e.to_string()))
}

/// A claim's id, as the catalogue spells it.
pub(super) fn claim(id: &str) -> std::result::Result<&'static Claim, String> {
    run::claim(id).map_err(|failure| failure.to_string())
}

/// The name of something that can be measured.
pub(super) fn measurable(word: &str) -> std::result::Result<String, String> {
    run::measurable(word).map_err(|failure| failure.to_string())
}

/// A regular expression.
pub(super) fn filter(text: &str) -> std::result::Result<String, String> {
    Wanted::matching(Some(text)).map(|_| text.to_owned()).map_err(|failure| failure.why)
}

/// A time such as 90s, 10m or 1.5h.
pub(super) fn time(text: &str) -> std::result::Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err("use a number with a unit: 90s, 10m, 1h".to_owned()),
    };
    let number = digits.parse::<f64>().ok().map(|number| number * seconds);
    match number.filter(|seconds| (1.0..=MOST_SECONDS).contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs_f64(seconds)),
        None => Err("use a time from 1s to 168h".to_owned()),
    }
}

/// CPUs to measure on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CpuList(pub(super) Vec<usize>);

/// A list of CPUs as the kernel writes them: 0,2-3.
pub(super) fn cpus(text: &str) -> std::result::Result<CpuList, String> {
    match proc::cpu_list(text) {
        Some(cpus) if !cpus.is_empty() => Ok(CpuList(cpus)),
        _ => Err("use numbers and ranges, such as 0,2-3".to_owned()),
    }
}

/// A label becomes part of a folder's name.
pub(super) fn label(word: &str) -> std::result::Result<String, String> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match !word.is_empty() && word.len() <= 40 && word.chars().all(fit) {
        true => Ok(word.to_owned()),
        false => Err("use 1 to 40 letters, digits, dots, dashes and underscores".to_owned()),
    }
}

/// A whole number within a range.
pub(super) fn whole<N: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> std::result::Result<N, String> + Clone {
    move |text| {
        let number = text.parse::<u64>().ok().filter(|number| range.contains(number));
        number
            .and_then(|number| N::try_from(number).ok())
            .ok_or_else(|| format!("use a whole number from {} to {}", range.start(), range.end()))
    }
}
