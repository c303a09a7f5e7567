//! `report`: a page from a record.

use clap::ArgMatches;
use process_vs_thread::record::{self, Failure, Result, file};
use process_vs_thread::{report, run};
use std::fs;
use std::path::PathBuf;

/// Makes the page again and prints the table, or splices the answer into a README.
pub(crate) fn report(given: &ArgMatches) -> Result<()> {
    let path = |name| given.get_one::<PathBuf>(name);
    let Some(from) = path("RECORD") else { return Ok(()) };
    let record = record::read(from)?;
    if let Some(readme) = path("splice") {
        let old = fs::read_to_string(readme)
            .map_err(|e| Failure::os(format!("reading {}", readme.display()), e))?;
        return file::replace(readme, report::splice(&old, &record)?.as_bytes());
    }
    let (width, colour) = run::screen();
    super::print(&report::table(&record, width, colour))?;
    let page = path("page").cloned().unwrap_or_else(|| from.with_file_name("index.html"));
    file::replace(&page, report::page(&record).as_bytes()).map_err(|failure| {
        let remedy = failure.remedy.clone().unwrap_or("name another file with --page".to_owned());
        failure.remedy(remedy)
    })?;
    super::print(&format!("Page     {}\nRecord   {}\n", page.display(), from.display()))
}
