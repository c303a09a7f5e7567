//! What the Criterion targets share: a target measures its own question completely and leaves a
//! fragment.

mod criterion_bench;
mod guarded;
mod kept;
mod log;
mod measured;

pub use guarded::{bench, caught, guarded};
pub use measured::{Measured, Unit, fit};

use criterion_bench::Driver;
use process_vs_thread::output;
use process_vs_thread::question::Question;
use process_vs_thread::question::{self, judge};
use process_vs_thread::record::{Cut, Failure, Result};
use process_vs_thread::run::{
    self, Flags, Fragments, Mode, Reports, Session, Setting, Until, Wanted, Watch,
};
use std::process::ExitCode;

/// Runs the target of one question with labs of this program, and returns its exit status.
#[must_use]
pub fn target(question: &'static Question, lab: &'static str) -> ExitCode {
    let flags = match Flags::parse(std::env::args_os().skip(1)) {
        Ok(flags) => flags,
        Err(usage) => {
            if run::is_explained(&usage) {
                // Criterion explains itself in its own words, and leaves.
                let _ = guarded::configured(Unit::Time, log::SAMPLES, criterion_bench::MEASURED);
            }
            usage.exit()
        }
    };
    match measure(question, lab, &flags) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            output::say(&format!("{}: {failure}", question.name));
            ExitCode::FAILURE
        }
    }
}

/// Says what became of a benchmark, or a group of them, and keeps why.
fn state(session: &mut Session, id: &str, outcome: &str, failure: Failure) {
    output::say(&format!("{id} {outcome}: {failure}"));
    let tried = format!("{id}: {}", failure.tried);
    session.record_mut().failures.push(Failure { tried, ..failure });
}

fn measure(question: &'static Question, lab: &'static str, flags: &Flags) -> Result<u8> {
    run::follow_cargo();
    run::outlive_file_limit();
    let wanted = Wanted::new(flags)?;
    let mut session = Session::begin(&Setting {
        target: question.name.to_owned(),
        quick: flags.quick,
        full: false,
        test: flags.mode == Mode::Test,
        short: false,
        goes_on: !run::asked_for(question.name),
        label: None,
        filter: flags.filter.clone(),
        lab: Some(lab),
        until: Until::asked(),
        time: None,
        watch: Watch::Status,
    })?;
    // Samples of an older run that are only compared again are no measurement, and neither are the
    // other modes.
    if flags.mode != Mode::Measure || flags.load_baseline {
        return Driver::new(&mut session, question, flags, &wanted).run().map(|()| 0);
    }
    let fragments = Fragments::of_run()?;
    fragments.prepare()?;
    if let Some(failure) = run::parted_from_cargo() {
        output::say(&format!("warning: {failure}"));
    }
    let (width, colour) = run::screen();
    let machine = &session.record().machine;
    output::show(&match fragments.first {
        true => run::facts(machine, width) + "\n",
        false => run::one_line(machine) + "\n",
    });
    if fragments.first {
        // The last target, if there will be one, writes there minutes from now; better said at
        // once.
        if let Err(failure) = Reports::at(None).prepare(run::is_whole(flags)) {
            output::say(&format!("warning: {failure}"));
        }
    }
    match fragments.checks() {
        found if found.is_empty() => session.check_instruments(),
        found => session.adopt_checks(found),
    }
    Driver::new(&mut session, question, flags, &wanted).run()?;
    let mut planned = session.planned(&wanted);
    planned.retain(|one| one.question() == question.name);
    session.measure(&planned);
    if session.is_cut() {
        return judge_early(session, &fragments);
    }
    let mut record = session.finish();
    // The figures first, whatever becomes of the file.
    output::show(&(question::rows(&record, &judge(&record), question, width, colour) + "\n"));
    let written = fragments.write(question.name, &record);
    written.map_err(|failure| run::rescued(failure, &mut record)).map(|_| 0)
}

/// Judges and writes what this target and those before it have measured: none will follow.
fn judge_early(mut session: Session, fragments: &Fragments) -> Result<u8> {
    for fragment in fragments.read() {
        match fragment {
            Ok(fragment) => session.record_mut().merge(fragment),
            Err(failure) => session.record_mut().failures.push(failure),
        }
    }
    let reports = Reports::at(None);
    let mut record = session.finish();
    if !record.benches.is_empty() {
        record.run.criterion = run::criterion_link(reports.path());
    }
    run::conclude(&reports, &mut record, Watch::Status)?;
    Ok(record.run.cut.map_or(0, Cut::status))
}
