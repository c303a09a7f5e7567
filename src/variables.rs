//! The environment variables that the suite reads, all of them here. One that is empty is unset, as
//! in the XDG base directories: scripts write `NAME=` to take a value away.

use crate::record::{Failure, Result};
use std::ffi::OsString;
use std::path::PathBuf;

/// Asks for the full grids.
pub const FULL: &str = "PROCESS_VS_THREAD_FULL";
/// Names the folder for reports.
pub const OUT: &str = "PROCESS_VS_THREAD_OUT";
/// Names the lab's program.
pub const LAB: &str = "PROCESS_VS_THREAD_LAB";

/// Words that mean yes, and that mean no.
const YES: [&str; 4] = ["1", "true", "yes", "on"];
const NO: [&str; 4] = ["0", "false", "no", "off"];

/// The value of a variable that is set and not empty.
#[must_use]
pub fn value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The same as a path.
#[must_use]
pub fn path(name: &str) -> Option<PathBuf> {
    value(name).map(PathBuf::from)
}

/// The folder for temporary files.
#[must_use]
pub fn temporary() -> PathBuf {
    path("TMPDIR").unwrap_or_else(|| "/tmp".into())
}

/// Are the full grids asked for?
///
/// # Errors
/// The value is neither yes nor no: a usage error, for what was meant is anybody's guess.
pub fn full() -> Result<bool> {
    match value(FULL) {
        None => Ok(false),
        Some(word) => yes_or_no(&word.to_string_lossy()).ok_or_else(|| {
            let why = format!("'{}' is neither yes nor no", word.to_string_lossy());
            Failure::new(format!("reading {FULL}"), why).remedy(format!(
                "use one of {} for the full grids, or {}",
                YES.join(", "),
                NO.join(", ")
            ))
        }),
    }
}

fn yes_or_no(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    let is = |words: [&str; 4]| words.contains(&word.as_str());
    is(YES).then_some(true).or(is(NO).then_some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_have_their_usual_spellings_and_nothing_else_has() {
        for word in ["1", "true", "YES", "on", " True "] {
            assert_eq!(yes_or_no(word), Some(true), "{word}");
        }
        for word in ["0", "false", "No", "off"] {
            assert_eq!(yes_or_no(word), Some(false), "{word}");
        }
        for word in ["2", "full", "-", "y"] {
            assert_eq!(yes_or_no(word), None, "{word}");
        }
    }
}
