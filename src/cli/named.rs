//! What people name on the command line: claims, runs, labels. An error here is a usage error.

use process_vs_thread::claim::Claim;
use process_vs_thread::record::{self, Failure, Record, Result};
use process_vs_thread::run::{self, Wanted};
use serde::Serialize;

/// What a command names where it names no run.
pub(super) const LAST: &str = "last";

/// The record of a run that is named.
pub(super) fn read(run: &str) -> Result<Record> {
    record::read(&run::find(run)?)
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

/// A label becomes part of a folder's name.
pub(super) fn label(word: &str) -> std::result::Result<String, String> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    match !word.is_empty() && word.len() <= 40 && word.chars().all(fit) {
        true => Ok(word.to_owned()),
        false => Err("use 1 to 40 letters, digits, dots, dashes and underscores".to_owned()),
    }
}
