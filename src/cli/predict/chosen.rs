//! The run to predict by.

use crate::cli::named::{self, LAST};
use process_vs_thread::output;
use process_vs_thread::predict::lacking;
use process_vs_thread::record::{self, Failure, Machine, Record, Result};
use process_vs_thread::run;
use process_vs_thread::text::one_line;
use std::path::Path;

/// The record of the run that is named; where none is, the last one, or the latest of its machine
/// that has what is needed, which is said.
pub(super) fn read(named: Option<&str>) -> Result<Record> {
    let record = named::read(named.unwrap_or(LAST))?;
    let Some(why) = lacking(&record) else { return Ok(record) };
    let latest = |machine: Option<&Machine>| latest(&run::home(), machine);
    if let (None, Some(other)) = (named, latest(Some(&record.machine))) {
        let (last, used) = (one_line(&record.run.id), one_line(&other.run.id));
        output::say(&format!(
            "note: the last run, {last}, is too little to predict by ({why}); {used} is used, the \
             latest of its machine that is enough"
        ));
        return Ok(other);
    }
    let run = one_line(&record.run.id);
    let measure = "a whole run has it: `process-vs-thread run`, or `cargo bench`";
    let remedy = match latest(Some(&record.machine)).or_else(|| latest(None)) {
        Some(other) if other.machine.is_same_as(&record.machine) => {
            format!("{measure}; or name the run {}", one_line(&other.run.id))
        }
        Some(other) => {
            format!("{measure}; or name the run {}, of another machine", one_line(&other.run.id))
        }
        None => measure.to_owned(),
    };
    Err(Failure::new(format!("predicting by the run {run}"), why).remedy(remedy))
}

/// The latest run in a folder that is enough to predict by: of a machine, or of any.
fn latest(home: &Path, machine: Option<&Machine>) -> Option<Record> {
    run::runs(home).into_iter().rev().find_map(|folder| {
        let file = run::find(folder.to_str()?).ok()?;
        // What cannot be read is no run to predict by.
        if let Ok(Some(head)) = record::read_head(&file) {
            let other = machine.is_some_and(|machine| !machine.is_same_as(&head.machine));
            if other || head.run.quick {
                return None;
            }
        }
        let record = record::read(&file).ok()?;
        let same = machine.is_none_or(|machine| machine.is_same_as(&record.machine));
        (same && lacking(&record).is_none()).then_some(record)
    })
}
