//! `compare`: runs side by side.

use super::Ending;
use process_vs_thread::claim::{ComparedRun, Condition, ConditionOutcome, Contrast};
use process_vs_thread::question::{self, CLAIMS};
use process_vs_thread::record::{Failure, Result, file};
use process_vs_thread::text::one_line;
use process_vs_thread::{output, run};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const HELP: &str = "\
A figure lies beyond noise where its 95 % intervals in both runs have no point in common and it
differs by 2 % or more. Figures that cannot be compared are left out, and counted with the reason:
times of an emulated machine, another protocol, another state of the measuring process.

Conditions of --fail-if; several may be given, and one that holds is enough:
  verdict       a verdict turned from TRUE to FALSE or from FALSE to TRUE
  verdict:any   a verdict differs, also from or to DEPENDS, UNDECIDED or NOT MEASURED
  slower:N%     a time grew beyond noise, and by more than N % at the low end of its ratio
  larger:N%     an amount of memory, likewise
Exit status with --fail-if: 0 none holds, 1 one holds, 3 there was nothing to compare.

Examples:
  process-vs-thread compare                                  the last two runs
  process-vs-thread compare before after --all               with every figure
  process-vs-thread compare reports/* --html machines.html   many machines on one page
  process-vs-thread compare kept last --fail-if verdict --fail-if slower:10%
";

/// What is compared where no run is named.
const LAST_TWO: [&str; 2] = ["last~1", "last"];

/// Compare runs with the first: changed verdicts and what explains them, figures, facts
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Two or more runs [default: last~1 last]: a record, a run's folder, part of its name, last,
    /// last~1
    #[arg(value_name = "RUN", num_args = 2..)]
    runs: Vec<String>,
    /// List every figure, also those within noise
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write a page; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
    /// Exit with 1 where this holds: verdict, verdict:any, slower:N% or larger:N%
    #[arg(long, value_name = "CONDITION")]
    fail_if: Vec<Condition>,
}

/// Runs side by side.
pub(crate) fn compare(args: &Args) -> Result<Ending> {
    let named = args.runs.iter().map(String::as_str);
    let names = if args.runs.is_empty() { LAST_TWO.to_vec() } else { named.collect() };
    let files = names.into_iter().map(run::find).collect::<Result<Vec<_>>>()?;
    let (runs, unread) = read(&files)?;
    let contrast = Contrast::of(&runs, CLAIMS);
    show(args, &files, &contrast)?;
    let ending = check(&args.fail_if, &contrast);
    match unread {
        // What is missing is said, and a comparison without it is not the one that was asked for.
        1.. => Err(Failure::new(
            format!("comparing {} runs", files.len()),
            format!("{unread} of them cannot be read, and are left out"),
        )),
        0 => Ok(ending),
    }
}

/// Prints how a run differs from another.
pub(super) fn with(files: &[PathBuf; 2]) -> Result<()> {
    let (runs, _) = read(files)?;
    let contrast = Contrast::of(&runs, CLAIMS);
    let (width, colour) = run::screen();
    output::print(&format!("\n{}", question::contrast_screen(&contrast, false, width, colour)))
}

/// What can be read of these, and how many cannot.
fn read(files: &[PathBuf]) -> Result<(Vec<ComparedRun>, usize)> {
    let mut runs = Vec::new();
    let mut unread = 0;
    for (at, read) in run::gather(files).into_iter().enumerate() {
        match read {
            Ok(run) => runs.push(run),
            // All others are held against the first.
            Err(failure) if at == 0 || files.len() == 2 => return Err(failure),
            Err(failure) => {
                output::say(&format!("process-vs-thread: {failure}"));
                unread += 1;
            }
        }
    }
    Ok((runs, unread))
}

fn show(args: &Args, files: &[PathBuf], contrast: &Contrast) -> Result<()> {
    let (width, colour) = run::screen();
    match &args.html {
        None if args.json => output::send(question::contrast_json(contrast, args.all).as_bytes()),
        None => output::print(&question::contrast_screen(contrast, args.all, width, colour)),
        Some(page) if page == Path::new("-") => {
            output::send(question::contrast_page(contrast).as_bytes())
        }
        Some(page) => {
            write(page, files, &question::contrast_page(contrast))?;
            output::print(&format!("Page     {}\n", one_line(&page.display().to_string())))
        }
    }
}

/// Writes the page where none of the records is.
fn write(page: &Path, records: &[PathBuf], text: &str) -> Result<()> {
    let place = |path: &Path| fs::metadata(path).map(|data| (data.dev(), data.ino())).ok();
    let taken = place(page).is_some_and(|at| records.iter().any(|file| place(file) == Some(at)));
    if taken {
        let tried = format!("writing {}", page.display());
        return Err(Failure::new(tried, "it is a record").remedy("name another file"));
    }
    file::replace(page, text.as_bytes())
}

/// Most places that are named where a condition holds.
const MOST: usize = 10;

/// How the program ends by these conditions; each says what it found.
fn check(conditions: &[Condition], contrast: &Contrast) -> Ending {
    let mut ending = Ending::Done;
    for condition in conditions {
        match condition.check(contrast) {
            ConditionOutcome::Holds(places) => {
                for place in places.iter().take(MOST) {
                    output::say(&format!("{condition}: {place}"));
                }
                if places.len() > MOST {
                    output::say(&format!("{condition}: and {} more", places.len() - MOST));
                }
                ending = Ending::Failed;
            }
            ConditionOutcome::Not(0) => {
                output::say(&format!("{condition}: there was nothing to compare"));
                if ending == Ending::Done {
                    ending = Ending::NothingJudged;
                }
            }
            ConditionOutcome::Not(_) => output::say(&format!("{condition}: does not hold")),
        }
    }
    ending
}
