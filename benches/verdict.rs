//! The last target: merges what the others measured, measures what is missing, judges, writes the
//! report.

use process_vs_thread::output;
use process_vs_thread::plan::Grid;
use process_vs_thread::question::CLAIMS;
use process_vs_thread::record::{Failure, Policy, Result};
use process_vs_thread::run::{
    self, Flags, Fragments, Mode, Planned, Reports, Session, Setting, Until, Wanted, Watch,
};
use std::process::ExitCode;

/// The lab's program, as cargo built it for this target.
const LAB: &str = env!("CARGO_BIN_EXE_process-vs-thread-lab");

fn main() -> ExitCode {
    let flags = match Flags::parse(std::env::args_os().skip(1)) {
        Ok(flags) => flags,
        Err(usage) => usage.exit(),
    };
    match act(&flags) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            output::say(&format!("verdict: {failure}"));
            ExitCode::FAILURE
        }
    }
}

/// Does what the flags ask for, and returns the exit status.
pub(crate) fn act(flags: &Flags) -> Result<u8> {
    run::follow_cargo();
    run::outlive_file_limit();
    let wanted = Wanted::new(flags)?;
    match flags.mode {
        Mode::List => list(&wanted)?,
        Mode::Profile => {
            output::say("verdict: nothing to profile here; profile the other targets");
        }
        Mode::Test => test(flags, &wanted)?,
        Mode::Measure if flags.load_baseline => {
            output::say("verdict: nothing was measured, so there is nothing to judge");
        }
        Mode::Measure => return judge(flags, &wanted),
    }
    Ok(0)
}

fn list(wanted: &Wanted) -> Result<()> {
    let mut ids: Vec<String> = CLAIMS.iter().map(|claim| claim.id.to_owned()).collect();
    let own = |one: &Planned| !matches!(one, Planned::Pair(_) | Planned::Count(_));
    let all = Planned::all(Policy::Fifo, Grid::Default);
    ids.extend(all.iter().filter(|one| own(one)).map(Planned::id));
    let wanted = ids.iter().filter(|id| wanted.matches(id));
    output::print(&wanted.map(|id| format!("{id}: benchmark\n")).collect::<String>())
}

/// One launch of each, to see that it runs. Nothing is kept.
fn test(flags: &Flags, wanted: &Wanted) -> Result<()> {
    let mut session = Session::begin(&setting(flags))?;
    for one in session.planned(wanted) {
        // Criterion's targets count.
        if !matches!(one, Planned::Count(_)) {
            let failed = session.test(&one);
            tested(&one.id(), failed.as_ref());
        }
    }
    Ok(())
}

fn tested(id: &str, failure: Option<&Failure>) {
    output::show(&match failure {
        Some(failure) => format!("Testing {id}\nFailed: {failure}\n"),
        None => format!("Testing {id}\nSuccess\n"),
    });
}

fn judge(flags: &Flags, wanted: &Wanted) -> Result<u8> {
    if !flags.criterion_only.is_empty() {
        let given = flags.criterion_only.join(", ");
        output::say(&format!("verdict: {given} concern Criterion's benchmarks alone"));
    }
    let mut session = Session::begin(&setting(flags))?;
    let known = session.record().failures.clone();
    let (reports, fragments) = (Reports::at(None), Fragments::of_run()?);
    match reports.prepare(run::is_whole(flags)) {
        // What other targets have measured goes where it can go.
        Err(failure) if !fragments.first => output::say(&format!("warning: {failure}")),
        prepared => prepared?,
    }
    let machine = &session.record().machine;
    output::show(&match fragments.first {
        true => run::facts(machine, run::screen().0) + "\n",
        false => run::one_line(machine) + "\n",
    });
    warn_if_parted();
    for fragment in fragments.read() {
        match fragment {
            Ok(fragment) => session.record_mut().merge(fragment),
            Err(failure) => session.record_mut().failures.push(failure),
        }
    }
    measure_missing(&mut session, wanted);
    let mut record = session.finish();
    if !record.benches.is_empty() {
        record.run.criterion = run::criterion_link(reports.path());
    }
    run::conclude(&reports, &mut record, Watch::Status)?;
    Ok(run::last_status(&record, &known))
}

/// Says that what the targets before this one have measured is not to be found.
fn warn_if_parted() {
    if let Some(failure) = run::parted_from_cargo() {
        output::say(&format!("warning: {failure}"));
    }
}

/// What no target of this run has measured.
fn measure_missing(session: &mut Session, wanted: &Wanted) {
    let mut missing = session.planned(wanted);
    let budget = session.bench().budget;
    missing.retain(|one| !one.is_in(session.record(), budget));
    if missing.iter().any(|one| matches!(one, Planned::Pair(_))) {
        match session.record().checks.is_empty() {
            true => session.check_instruments(),
            false => session.adopt_checks(Vec::new()),
        }
    }
    session.measure(&missing);
}

fn setting(flags: &Flags) -> Setting {
    Setting {
        target: "verdict".to_owned(),
        quick: flags.quick,
        full: false,
        test: flags.mode == Mode::Test,
        // The targets before this one measure the rest.
        short: true,
        goes_on: false,
        label: None,
        filter: flags.filter.clone(),
        lab: Some(LAB),
        until: Until::asked(),
        time: None,
        watch: Watch::Status,
    }
}
