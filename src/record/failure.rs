//! A failure is a row with a reason.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;

/// Result of anything in this library that can fail.
pub type Result<T> = std::result::Result<T, Failure>;

/// Something that could not be done: what was tried, on what, why it failed and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Failure {
    /// What was tried, on what.
    pub tried: String,
    /// Why it failed.
    pub why: String,
    /// The system's error number, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
    /// What would help, where it is the machine's setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The suite does not try this by itself: nothing went wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
}

impl Failure {
    /// A failure with its reason in words.
    pub fn new(tried: impl Into<String>, why: impl Into<String>) -> Self {
        Failure { tried: tried.into(), why: why.into(), errno: None, remedy: None, skipped: false }
    }

    /// What the suite does not try by itself, and by which limit.
    pub fn skipped(tried: impl Into<String>, limit: impl Into<String>) -> Self {
        Failure { skipped: true, ..Failure::new(tried, limit) }
    }

    /// A failed system call.
    pub fn os(tried: impl Into<String>, error: impl Into<io::Error>) -> Self {
        let error = error.into();
        let errno = error.raw_os_error();
        let why = match errno {
            Some(number) => nix::errno::Errno::from_raw(number).to_string(),
            None => error.to_string(),
        };
        Failure { tried: tried.into(), why, errno, remedy: None, skipped: false }
    }

    /// The same failure with the remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.tried, self.why)?;
        match &self.remedy {
            Some(remedy) => write!(f, " ({remedy})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
