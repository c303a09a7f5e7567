//! `report`: a page from a record.

use clap::ArgMatches;
use process_vs_thread::record::{self, Failure, Result};
use process_vs_thread::{report, run};
use std::fs;
use std::path::PathBuf;

/// Makes the page again and prints the table, or splices the answer into a README.
pub(crate) fn report(given: &ArgMatches) -> Result<()> {
    let path = |name| given.get_one::<PathBuf>(name);
    let Some(file) = path("RECORD") else { return Ok(()) };
    let record = record::read(file)?;
    let write = |to: &PathBuf, text: String| {
        fs::write(to, text).map_err(|e| Failure::os(format!("writing {}", to.display()), e))
    };
    if let Some(readme) = path("splice") {
        let old = fs::read_to_string(readme)
            .map_err(|e| Failure::os(format!("reading {}", readme.display()), e))?;
        return write(readme, report::splice(&old, &record)?);
    }
    let page = path("page").cloned().unwrap_or_else(|| file.with_file_name("index.html"));
    write(&page, report::page(&record))?;
    let (width, colour) = run::screen();
    super::print(&report::table(&record, width, colour))?;
    super::print(&format!("Page     {}\nRecord   {}\n", page.display(), file.display()))?;
    Ok(())
}
