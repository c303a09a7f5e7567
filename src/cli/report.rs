//! `report`: a page from a record.

use super::{Program, named};
use clap::CommandFactory;
use clap::error::ErrorKind;
use process_vs_thread::claim::Judged;
use process_vs_thread::question::judge;
use process_vs_thread::record::{self, Failure, Record, Result, file};
use process_vs_thread::report::Files;
use process_vs_thread::text::one_line;
use process_vs_thread::{output, question, run};
use std::fs;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  process-vs-thread report last                           the page beside the record, made anew
  process-vs-thread report - < record.json > page.html
  process-vs-thread report record.json.gz --page page.html
  process-vs-thread report record.json.gz --splice README.md --charts docs
";

/// The page in a folder.
const INDEX: &str = "index.html";

/// Rebuild the report of a record, without measuring
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run: a record, a run's folder, part of its name, last, last~1; - reads standard input
    #[arg(value_name = "RUN")]
    record: PathBuf,
    /// Output page, or a folder for it [default: index.html next to the record; of standard input:
    /// standard output]; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "splice")]
    page: Option<PathBuf>,
    /// Write the answer between the markers of this Markdown file instead of a page
    #[arg(long, value_name = "FILE")]
    splice: Option<PathBuf>,
    /// With --splice, write the charts to answer-light.svg and answer-dark.svg in this directory
    #[arg(long, value_name = "DIR", requires = "splice")]
    charts: Option<PathBuf>,
}

/// Makes the page again and prints the table, or splices the answer into a README.
pub(crate) fn report(args: &Args) -> Result<()> {
    let piped = named::is_piped(&args.record);
    let from = if piped { args.record.clone() } else { place(&args.record)? };
    if let Some(readme) = &args.splice {
        return splice(readme, &from, piped, args.charts.as_deref());
    }
    let page = match &args.page {
        Some(page) => page.clone(),
        None if piped || is_by_descriptor(&from) => PathBuf::from(named::STREAM),
        None => from.with_file_name(INDEX),
    };
    if named::is_printed(&page) {
        return stream(&from, piped);
    }
    let page = if page.is_dir() { page.join(INDEX) } else { page };
    let record = read(&from, piped)?;
    let judged = judge(&record);
    let (width, colour) = run::screen();
    output::print(&question::screen(&record, &judged, width, colour))?;
    let link = Some(from.as_path()).filter(|_| !piped && !is_by_descriptor(&from));
    let written = pages(&page, &from, link, &record, &judged).map_err(|failure| {
        let remedy = failure.remedy.clone().unwrap_or("name another file with --page".to_owned());
        failure.remedy(remedy)
    })?;
    let [page, from] = [&page, &from].map(|path| one_line(&path.display().to_string()));
    let details = written.map_or(String::new(), |details| {
        format!("Details  {}\n", one_line(&details.display().to_string()))
    });
    output::print(&format!("Page     {page}\n{details}Record   {from}\n"))
}

/// Sends the page to standard output, alone: nobody wants to read it on a terminal.
fn stream(from: &Path, piped: bool) -> Result<()> {
    if std::io::stdout().is_terminal() {
        let why = "the page goes to standard output, which is a terminal; redirect it \
            (> page.html), or name it with --page FILE";
        Program::command().error(ErrorKind::MissingRequiredArgument, why).exit()
    }
    let record = read(from, piped)?;
    output::print(&alone(&record, &judge(&record)))?;
    output::say("The page is on standard output, without its details; --page FILE writes both.");
    Ok(())
}

/// The record of the run that is named. What is there and no record, its reader explains.
fn place(run: &Path) -> Result<PathBuf> {
    match run.to_str().map(run::find) {
        Some(Err(failure)) if !run.exists() => Err(failure),
        Some(Ok(file)) => Ok(file),
        _ => Ok(run.to_path_buf()),
    }
}

/// Puts the answer of a record into a README, and its charts into a folder.
fn splice(readme: &Path, from: &Path, piped: bool, charts: Option<&Path>) -> Result<()> {
    let record = read(from, piped)?;
    let tried = format!("reading {}", readme.display());
    let old = String::from_utf8(record::whole(&tried, readme)?)
        .map_err(|e| Failure::new(tried, format!("it is no UTF-8: {e}")))?;
    let judged = judge(&record);
    write(readme, from, question::splice(&old, &record, &judged)?.as_bytes())?;
    let Some(folder) = charts else { return Ok(()) };
    [("answer-light.svg", false), ("answer-dark.svg", true)].into_iter().try_for_each(
        |(name, dark)| {
            write(&folder.join(name), from, question::drawing(&record, &judged, dark).as_bytes())
        },
    )
}

fn read(file: &Path, piped: bool) -> Result<Record> {
    match piped {
        true => record::read_from("standard input", std::io::stdin().lock()),
        false => record::read(file),
    }
}

/// The page beside which nothing lies.
pub(super) fn alone(record: &Record, judged: &Judged) -> String {
    let [page, _] = question::pages(record, judged, NOWHERE);
    page
}

/// Files of a page that lies in no folder of its run.
const NOWHERE: Files = Files { page: "", details: None, record: None };

/// Writes a page, and that of its details beside it under a name that tells whose they are, which
/// is returned. What a page beside a device, a pipe or nothing would be is no one's file. The
/// record may be linked if that is what the page is of, and where it lies beside it.
pub(super) fn pages(
    page: &Path,
    from: &Path,
    link: Option<&Path>,
    record: &Record,
    judged: &Judged,
) -> Result<Option<PathBuf>> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    if is_by_descriptor(page) || fs::metadata(page).is_ok_and(|data| !data.is_file()) {
        return write(page, from, alone(record, judged).as_bytes()).map(|()| None);
    }
    let stem = page.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let details = match stem.as_ref() {
        "index" => "details.html".to_owned(),
        stem => format!("{stem}-details.html"),
    };
    let page_name = name(page).unwrap_or_default();
    let record_name = link.filter(|link| folder(link) == folder(page)).and_then(name);
    let files = Files { page: &page_name, details: Some(&details), record: record_name.as_deref() };
    let [index, all] = question::pages(record, judged, files);
    let beside = page.with_file_name(&details);
    write(page, from, index.as_bytes())?;
    write(&beside, from, all.as_bytes())?;
    Ok(Some(beside))
}

/// The folder that a file lies in, by whichever way it is named.
fn folder(file: &Path) -> Option<PathBuf> {
    let parent = file.parent()?;
    let parent = if parent == Path::new("") { Path::new(".") } else { parent };
    parent.canonicalize().ok()
}

/// Is a file named by the descriptor that leads to it, as /dev/stdout or /dev/fd/3 is? Beside it
/// lies nothing.
fn is_by_descriptor(path: &Path) -> bool {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    folder.is_some_and(|folder| folder == Path::new("/dev") || folder.starts_with("/proc"))
}

/// Writes bytes where the record is not, whatever leads there.
pub(super) fn write(to: &Path, record: &Path, bytes: &[u8]) -> Result<()> {
    let data = |path| fs::metadata(path).map(|data| (data.dev(), data.ino()));
    // A page that is not there yet is no record.
    if data(to).is_ok_and(|to| data(record).is_ok_and(|record| record == to)) {
        let tried = format!("writing {}", to.display());
        return Err(Failure::new(tried, "it is the record").remedy("name another file"));
    }
    file::replace(to, bytes)
}
