//! When, how and with what a run was made, and why it ended early.

#[cfg(doc)]
use super::PROTOCOL;
use serde::{Deserialize, Serialize};
use std::fmt;

/// When, how and with what a run was made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Run {
    /// Name of the run, also the name of its folder: time, machine and label.
    pub id: String,
    /// Start of the run, UTC, ISO 8601.
    pub started_utc: String,
    /// Wall time of the run so far, seconds.
    pub duration_s: f64,
    /// The command as one would type it, without paths.
    pub command: String,
    /// Version of this program.
    pub version: String,
    /// [`PROTOCOL`] of this program; absent in records written before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<u32>,
    /// Revision of the source tree, with `-dirty` when it was changed; absent outside a checkout.
    pub revision: Option<String>,
    /// `--quick`: fewer launches and pairs, and a stricter rule for `holds`.
    pub quick: bool,
    /// `PROCESS_VS_THREAD_FULL=1`: the full grids.
    pub full: bool,
    /// `--label`, if one was given.
    pub label: Option<String>,
    /// Name filter of the run, if one was given: what it excluded is "not run".
    pub filter: Option<String>,
    /// Bench targets, or `run`, that contributed.
    pub targets: Vec<String>,
    /// Criterion's report as a path relative to the run's folder, where one was written.
    pub criterion: Option<String>,
    /// Why the run ended before it was through; absent where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The run whose measurements this one went on with, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed: Option<String>,
}

/// Why a run ended before it was through. What it had measured is in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// SIGINT: Ctrl-C.
    Interrupted,
    /// SIGTERM, or a cargo that died.
    Terminated,
    /// SIGHUP: the terminal was closed.
    HungUp,
    /// The time that it was given is up.
    TimeUp,
}

impl Cut {
    /// The exit status of a program that ended so: 128 and the signal's number, as shells say it;
    /// time that is up is no failure.
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Cut::HungUp => 129,
            Cut::Interrupted => 130,
            Cut::Terminated => 143,
            Cut::TimeUp => 0,
        }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cut::Interrupted => "interrupted",
            Cut::Terminated => "terminated",
            Cut::HungUp => "ended by a closed terminal",
            Cut::TimeUp => "ended when its time was up",
        })
    }
}
