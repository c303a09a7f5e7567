//! A run: what both doors (`cargo bench` and `process-vs-thread run`) do from the first fact to the written page.

mod command;
mod criterion;
mod flags;
mod folder;
mod fragment;
mod header;
mod progress;
mod select;
mod session;
mod steadiness;
mod wanted;

pub use command::{as_typed, follow_cargo};
pub use criterion::criterion_link;
pub use flags::{Flags, Mode, is_explained};
pub use folder::{OUT_VARIABLE, Reports, Written};
pub use fragment::Fragments;
pub use header::{facts, one_line};
pub use progress::Progress;
pub use session::{FULL_VARIABLE, Session, Setting};
pub use wanted::Wanted;

use crate::record::{Record, Result};
use crate::report;
use std::path::{Component, Path, PathBuf};

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Revision of the source tree that this program was built from, `-dirty` if it had been changed.
#[must_use]
pub fn revision() -> Option<String> {
    option_env!("PROCESS_VS_THREAD_REVISION").map(str::to_owned)
}

/// Writes the report of a run and returns what to print last: the table and the paths.
///
/// # Errors
/// The report cannot be written.
pub fn conclude(reports: &Reports, record: &mut Record) -> Result<String> {
    let written = reports.write(record)?;
    let (width, colour) = screen();
    let (page, file) = (written.page.display().to_string(), written.record.display().to_string());
    let criterion = record.run.criterion.as_ref().map(|link| {
        // The link leads from the run's folder; from there the folder's parts cancel out.
        let from = written.page.parent().unwrap_or(Path::new("."));
        simplified(&from.join(link)).join("index.html").display().to_string()
    });
    let paths = report::Paths { page: &page, record: &file, criterion: criterion.as_deref() };
    Ok(format!("\n{}{paths}", report::table(record, width, colour)))
}

/// A path without the `..` that follow a named part.
fn simplified(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if parts.file_name().is_some() => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts
}

/// Columns to write to, and whether to colour: standard output's if it is a terminal, otherwise 100 and no.
#[must_use]
pub fn screen() -> (usize, bool) {
    use std::io::IsTerminal;
    let terminal = std::io::stdout().is_terminal();
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let width = crate::sys::terminal::columns().filter(|_| terminal).unwrap_or(100);
    (width.clamp(60, 100), colour)
}
