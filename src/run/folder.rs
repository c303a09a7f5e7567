//! The folder of a run's report: made anew, complete or not there.

use crate::record::{self, Failure, Record, Result};
use crate::report;
use std::fs;
use std::path::{Path, PathBuf};

/// Environment variable that moves the reports.
pub const OUT_VARIABLE: &str = "PROCESS_VS_THREAD_OUT";
/// First letters of a folder that is being written.
const PARTIAL: &str = ".partial-";

/// Where reports go.
#[derive(Debug, Clone)]
pub struct Reports(PathBuf);

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The page.
    pub page: PathBuf,
    /// The record beside it.
    pub record: PathBuf,
}

impl Reports {
    /// The folder given, else [`OUT_VARIABLE`], else `reports` in the package or the current folder.
    #[must_use]
    pub fn at(given: Option<PathBuf>) -> Self {
        let moved = || std::env::var_os(OUT_VARIABLE).map(PathBuf::from);
        Reports(given.or_else(moved).unwrap_or_else(|| PathBuf::from("reports")))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Sees whether a report could be written, before anything is measured, and sweeps what a killed run left.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn prepare(&self) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(|e| self.unwritable(e))?;
        let entries = fs::read_dir(&self.0).map_err(|e| self.unwritable(e))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let left = name.to_string_lossy().strip_prefix(PARTIAL).map(str::to_owned);
            let owner = left.as_deref().and_then(|rest| rest.split('-').next());
            if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                fs::remove_dir_all(entry.path()).map_err(|e| self.unwritable(e))?;
            }
        }
        let probe = self.partial("probe");
        fs::create_dir(&probe).and_then(|()| fs::remove_dir(&probe)).map_err(|e| self.unwritable(e))
    }

    /// Writes record and page of a run into a folder of its own. The folder appears complete, under a name that
    /// nothing had before: a second run of the same second gets a number.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn write(&self, record: &mut Record) -> Result<Written> {
        let partial = self.partial(&record.run.id);
        fs::create_dir_all(&partial).map_err(|e| self.unwritable(e))?;
        let written = self.fill_and_publish(&partial, record);
        if written.is_err() {
            // The reason is reported; what is half written must not stay.
            let _ = fs::remove_dir_all(&partial);
        }
        written
    }

    fn fill_and_publish(&self, partial: &Path, record: &mut Record) -> Result<Written> {
        let name = record.run.id.clone();
        for number in 1.. {
            if number > 1 {
                record.run.id = format!("{name}-{number}");
            }
            let folder = self.0.join(&record.run.id);
            if folder.exists() {
                continue;
            }
            let file = partial.join("record.json");
            record::write_new(&file, record)?;
            // The page is made from what a reader will read, so that `report` makes the same.
            let page = report::page(&record::read(&file)?);
            fs::write(partial.join("index.html"), page).map_err(|e| self.unwritable(e))?;
            fs::rename(partial, &folder).map_err(|e| self.unwritable(e))?;
            return Ok(Written {
                page: folder.join("index.html"),
                record: folder.join("record.json"),
            });
        }
        Err(Failure::new(format!("naming a report {name}"), "every name is taken"))
    }

    fn partial(&self, name: &str) -> PathBuf {
        self.0.join(format!("{PARTIAL}{}-{name}", std::process::id()))
    }

    fn unwritable(&self, error: std::io::Error) -> Failure {
        Failure::os(format!("writing a report under {}", self.0.display()), error)
            .remedy(format!("set {OUT_VARIABLE} to a folder that can be written to"))
    }
}
