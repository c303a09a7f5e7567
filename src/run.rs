//! A run: what both doors (`cargo bench` and `process-vs-thread run`) do from the first fact to the
//! written page.

mod ahead;
mod command;
mod criterion;
pub mod doctor;
mod find;
mod flags;
mod folder;
mod fragment;
mod gather;
mod header;
mod names;
mod planned;
mod progress;
mod screen;
mod select;
mod session;
mod steadiness;
mod wanted;

pub use crate::sampler::Until;
pub use command::{as_typed, asked_for, follow_cargo, parted_from_cargo};
pub use criterion::criterion_link;
pub use find::{find, home, runs};
pub use flags::{Flags, Mode, is_explained};
pub use folder::{OUT_VARIABLE, Reports, Written};
pub use fragment::Fragments;
pub use gather::gather;
pub use header::{facts, one_line};
pub use names::{claim, measurable};
pub use planned::{Planned, measure};
pub use progress::{Progress, Watch};
pub use screen::screen;
pub use session::{FULL_VARIABLE, Session, Setting};
pub use wanted::Wanted;

use crate::claim::{ClaimVerdict, Judged, JudgedClaim};
use crate::output;
use crate::question::judge;
use crate::record::{Failure, Record, Result};
use crate::sys::signal;
use crate::{question, report};
use nix::sys::signal::Signal;
use std::path::{Component, Path, PathBuf};

/// Exit status of who could judge nothing.
pub const NOTHING_JUDGED: u8 = 3;

/// Version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Revision of the source tree that this program was built from, `-dirty` if it had been changed.
#[must_use]
pub fn revision() -> Option<String> {
    option_env!("PROCESS_VS_THREAD_REVISION").map(str::to_owned)
}

/// Is all measured that there is, in full?
#[must_use]
pub fn is_whole(flags: &Flags) -> bool {
    !flags.quick && flags.filter.is_none()
}

/// Has a write beyond the limit on the size of files fail with a reason, instead of ending this
/// program without a word (setrlimit(2), RLIMIT_FSIZE). Labs undo it.
pub fn outlive_file_limit() {
    // It fails only for signals that cannot be ignored.
    let _ = signal::ignore(Signal::SIGXFSZ);
}

/// Prints the figures of a run, then writes its report, elsewhere if need be, and prints where.
/// Returns the record's place.
///
/// # Errors
/// The report can be written nowhere; the figures cannot be printed.
pub fn conclude(reports: &Reports, record: &mut Record, watch: Watch) -> Result<PathBuf> {
    let (width, colour) = screen();
    record.drift = gather::drift(reports.path(), record);
    let judged = judged(record);
    record.since = gather::since(reports.path(), record);
    let shown = match watch {
        Watch::Status => {
            output::print(&format!("\n{}", question::screen(record, &judged, width, colour)))
        }
        Watch::Quiet | Watch::Lines => Ok(()),
    };
    let written = write_somewhere(reports, record, &judged)?;
    let file = written.record.display().to_string();
    let criterion = record.run.criterion.as_ref().map(|link| {
        // The link leads from the run's folder; from there the folder's parts cancel out.
        let from = written.record.parent().unwrap_or(Path::new("."));
        simplified(&from.join(link)).join("index.html").display().to_string()
    });
    let page =
        written.page.as_ref().map_or_else(|_| "none".to_owned(), |p| p.display().to_string());
    let folder = written.record.parent().unwrap_or(Path::new("."));
    let found = runs(&home()).last().is_some_and(|last| last == folder);
    let run = if found { String::new() } else { folder.display().to_string() };
    let paths = report::Paths {
        page: &page,
        record: &file,
        criterion: criterion.as_deref(),
        claim: next(&judged),
        run: &run,
        quick: record.run.quick,
    };
    let listed = match watch {
        Watch::Status => output::print(&paths.to_string()),
        Watch::Quiet => output::print(&format!("{file}\n")),
        Watch::Lines => progress::done(&file, record),
    };
    let again = format!("`process-vs-thread report {file}` writes the page again");
    written.page.map_err(|failure| failure.remedy(again))?;
    shown.and(listed).map(|()| written.record)
}

/// The claim that a reader may go on with: the first of the headline where the run has it.
fn next(judged: &Judged) -> Option<&'static str> {
    let run: Vec<&str> =
        judged.claims.iter().filter(|one| one.was_run()).map(|one| one.claim.id).collect();
    run.iter().find(|id| **id == "A3").or(run.first()).copied()
}

/// Why a run of which claims were judged has decided none; `None` where it has decided one, or was
/// of no claim.
#[must_use]
pub fn undecided(record: &Record) -> Option<Failure> {
    use ClaimVerdict::{Depends, False, True};
    let decided = [True, False, Depends].map(|verdict| verdict.to_string());
    let mut said = record.judged.iter().flat_map(|judged| &judged.claims);
    // Judging takes seconds, and a run that is written was judged.
    if said.any(|claim| decided.contains(&claim.verdict)) {
        return None;
    }
    let judged = judge(record);
    let run: Vec<&JudgedClaim> = judged.claims.iter().filter(|one| one.was_run()).collect();
    let first = run.first().filter(|_| run.iter().all(|one| !one.verdict.is_decided()))?;
    let noise = run.iter().find_map(|one| one.noise.clone());
    let remedy = match (&noise, record.run.quick) {
        (Some(_), _) => "stop other programs and repeat",
        (None, true) => "a run that is not quick decides more",
        (None, false) => "`process-vs-thread show --all` has each measurement and its reason",
    };
    let why = noise.unwrap_or_else(|| {
        format!("no claim could be decided; {}: {}", first.claim.id, first.sentence.text)
    });
    Some(Failure::new("judging", why.trim_end_matches('.')).remedy(remedy))
}

/// Why a run that was to measure something has measured nothing at all; `None` where it has.
#[must_use]
pub fn empty_handed(record: &Record) -> Option<Failure> {
    (!record.has_measured()).then(|| {
        let tried = "measuring";
        match (record.run.cut, record.reasons().next()) {
            (Some(cut), _) => {
                let why = format!("the run was {cut}, before anything was measured");
                Failure::new(tried, why).remedy("give it more time")
            }
            (None, Some(first)) => Failure {
                why: format!("nothing could be measured: {}: {}", first.tried, first.why),
                tried: tried.to_owned(),
                ..first.clone()
            },
            (None, None) => Failure::new(tried, "nothing was measured, and no row says why"),
        }
    })
}

/// The status with which the last target of one `cargo bench` ends. Whatever a target could not
/// judge, it ends well, or cargo would not go on to the next; but where all of them together tried
/// and have measured nothing, somebody must be told. `known` was known before anything was tried.
#[must_use]
pub fn last_status(record: &Record, known: &[Failure]) -> u8 {
    if let Some(cut) = record.run.cut {
        return cut.status();
    }
    // A filter that leaves this target nothing is no failure.
    let tried = record.reasons().any(|reason| !known.contains(reason));
    let Some(failure) = empty_handed(record).filter(|_| tried) else { return 0 };
    output::say(&format!("verdict: {failure}"));
    NOTHING_JUDGED
}

/// Judges a finished run, and puts what was judged at its head.
fn judged(record: &mut Record) -> Judged {
    let judged = judge(record);
    record.judged = Some(judged.summary());
    judged
}

/// Where the reports go, or else among the temporary files: no measurement is lost to a folder.
fn write_somewhere(reports: &Reports, record: &mut Record, judged: &Judged) -> Result<Written> {
    let first = match reports.write(record, judged) {
        Ok(written) => return Ok(written),
        Err(failure) => failure,
    };
    let temporary = Reports::temporary();
    let linked = record.run.criterion.take();
    record.run.criterion = linked.and_then(|_| criterion_link(temporary.path()));
    match temporary.write(record, judged) {
        Ok(written) => {
            output::say(&format!("warning: {first}; the report is in another folder, see below"));
            Ok(written)
        }
        Err(second) => {
            let why = format!("{}; and {}: {}", first.why, second.tried, second.why);
            Err(Failure { why, ..first })
        }
    }
}

/// Keeps a record that could not go where it was to go among the temporary files, and adds to the
/// failure where.
#[must_use]
pub fn rescued(failure: Failure, record: &mut Record) -> Failure {
    let judged = judged(record);
    match Reports::temporary().write(record, &judged) {
        Ok(written) => {
            let kept = format!("the record is saved: {}", written.record.display());
            let remedy = failure.remedy.clone().map_or(kept.clone(), |r| format!("{r}; {kept}"));
            failure.remedy(remedy)
        }
        Err(second) => {
            let why = format!("{}; and {}: {}", failure.why, second.tried, second.why);
            Failure { why, ..failure }
        }
    }
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
