//! `run`: measure, judge, write.

use clap::ArgMatches;
use process_vs_thread::output;
use process_vs_thread::record::{Failure, Record, Result};
use process_vs_thread::run::{self, Planned, Reports, Session, Setting, Wanted};
use std::path::{Path, PathBuf};

/// Measures what is wanted and writes a report, or the record alone to standard output.
pub(crate) fn run(given: &ArgMatches) -> Result<()> {
    let out = given.get_one::<PathBuf>("out").cloned();
    let only_record = out.as_deref() == Some(Path::new("-"));
    let reports = Reports::at(out);
    if !only_record {
        reports.prepare(!given.get_flag("quick") && only(given).is_none())?;
    }
    let word = |name| given.get_one::<String>(name).cloned();
    let mut session = Session::begin(&Setting {
        target: "run".to_owned(),
        quick: given.get_flag("quick"),
        test: false,
        short: false,
        goes_on: false,
        label: word("label"),
        filter: only(given),
        lab: None,
    })?;
    if !only_record {
        output::show(&run::facts(&session.record().machine, run::screen().0));
    }
    let planned = planned(&session, only(given).as_deref())?;
    session.check_instruments();
    session.measure(&planned);
    let mut record = session.finish();
    match only_record {
        true => send(&mut record),
        false => run::conclude(&reports, &mut record),
    }
}

/// What is to be measured: claims by their exact ids, or what matches.
fn only(given: &ArgMatches) -> Option<String> {
    let claims: Vec<&str> =
        given.get_many::<String>("CLAIM").into_iter().flatten().map(String::as_str).collect();
    match claims.as_slice() {
        [] => given.get_one::<String>("only").cloned(),
        ids => Some(format!("^({})$", ids.join("|"))),
    }
}

/// Writes the record to standard output. Whoever was to read it has none of it unless it has all.
fn send(record: &mut Record) -> Result<()> {
    let text = serde_json::to_string(record)
        .map_err(|e| Failure::new("writing the record", e.to_string()))?;
    output::send((text + "\n").as_bytes()).map_err(|failure| run::rescued(failure, record))
}

/// What a name filter selects.
fn planned(session: &Session, only: Option<&str>) -> Result<Vec<Planned>> {
    let planned = session.planned(&Wanted::matching(only)?);
    match (planned.is_empty(), only) {
        (true, Some(text)) => {
            Err(Failure::new("selecting benchmarks", format!("no id matches '{text}'"))
                .remedy("`process-vs-thread list` shows all names"))
        }
        _ => Ok(planned),
    }
}
