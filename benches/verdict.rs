//! The last target: merges what the others measured, measures what is missing, judges, writes the report.

use process_vs_thread::claim::CLAIMS;
use process_vs_thread::output;
use process_vs_thread::plan::{Grid, memory, servers};
use process_vs_thread::probe;
use process_vs_thread::record::{Failure, Result, Stop};
use process_vs_thread::run::{self, Flags, Fragments, Mode, Reports, Session, Setting, Wanted};
use std::process::ExitCode;

/// The lab's program, as cargo built it for this target.
const LAB: &str = env!("CARGO_BIN_EXE_process-vs-thread-lab");

fn main() -> ExitCode {
    let flags = match Flags::parse(std::env::args_os().skip(1)) {
        Ok(flags) => flags,
        Err(usage) => usage.exit(),
    };
    match act(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::say(&format!("verdict: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn act(flags: &Flags) -> Result<()> {
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
    Ok(())
}

fn list(wanted: &Wanted) -> Result<()> {
    let mut ids: Vec<String> = CLAIMS.iter().map(|claim| claim.id.to_owned()).collect();
    ids.extend(memory::keepings().into_iter().map(|keeping| keeping.id));
    ids.extend(servers::loadings(Grid::Default).into_iter().map(|loading| loading.id));
    ids.extend(servers::shootings().into_iter().map(|shooting| shooting.id));
    ids.extend(servers::idlings().into_iter().map(|idling| idling.id));
    ids.extend(probe::ALL.iter().map(probe::Entry::name));
    let wanted = ids.iter().filter(|id| wanted.matches(id));
    output::print(&wanted.map(|id| format!("{id}: benchmark\n")).collect::<String>())
}

/// One pair of each experiment, one launch of each footprint, of each server under load and of each that is shot at, and
/// one run of each probe, to see that they run. Nothing is kept.
fn test(flags: &Flags, wanted: &Wanted) -> Result<()> {
    let mut session = Session::begin(&setting(flags))?;
    for experiment in session.experiments(wanted) {
        session.pair(std::slice::from_ref(&experiment));
        let stop = session.record().cells.last().map(|cell| &cell.stop);
        tested(
            &experiment.id,
            stop.and_then(|stop| match stop {
                Stop::Failed(failure) => Some(failure),
                _ => None,
            }),
        );
    }
    for keeping in session.keepings(wanted) {
        session.keep(std::slice::from_ref(&keeping));
        let kept = session.record().footprints.last();
        tested(&keeping.id, kept.and_then(|kept| kept.failure.as_ref()));
    }
    for loading in session.loadings(wanted) {
        session.load(std::slice::from_ref(&loading));
        let loaded = session.record().servings.last();
        tested(&loading.id, loaded.and_then(|loaded| loaded.failure.as_ref()));
    }
    for shooting in session.shootings(wanted) {
        session.shoot(std::slice::from_ref(&shooting));
        let shot = session.record().crashes.last();
        tested(&shooting.id, shot.and_then(|shot| shot.failure.as_ref()));
    }
    for idling in session.idlings(wanted) {
        session.idle(std::slice::from_ref(&idling));
        let held = session.record().footprints.last();
        tested(&idling.id, held.and_then(|held| held.failure.as_ref()));
    }
    for entry in session.probes(wanted) {
        session.probe(&[entry]);
        let probed = session.record().probes.last();
        tested(&entry.name(), probed.and_then(|probed| probed.failure.as_ref()));
    }
    Ok(())
}

fn tested(id: &str, failure: Option<&Failure>) {
    output::show(&match failure {
        Some(failure) => format!("Testing {id}\nFailed: {failure}\n"),
        None => format!("Testing {id}\nSuccess\n"),
    });
}

fn judge(flags: &Flags, wanted: &Wanted) -> Result<()> {
    if !flags.criterion_only.is_empty() {
        let given = flags.criterion_only.join(", ");
        output::say(&format!("verdict: {given} concern Criterion's benchmarks alone"));
    }
    let mut session = Session::begin(&setting(flags))?;
    let (reports, fragments) = (Reports::at(None), Fragments::of_parent()?);
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
    run::conclude(&reports, &mut record)
}

/// What no target of this run has measured.
fn measure_missing(session: &mut Session, wanted: &Wanted) {
    let record = session.record();
    let mut experiments = session.experiments(wanted);
    experiments.retain(|e| record.cell(&e.id).is_none());
    let mut counted = session.counted(wanted);
    counted.retain(|c| !record.counts.iter().any(|count| count.arm == c.arm));
    let mut probes = session.probes(wanted);
    probes.retain(|entry| !record.probes.iter().any(|probe| probe.id == entry.id));
    let mut keepings = session.keepings(wanted);
    keepings.retain(|keeping| record.footprint(&keeping.id).is_none());
    let mut loadings = session.loadings(wanted);
    loadings.retain(|loading| record.serving(&loading.id).is_none());
    let mut shootings = session.shootings(wanted);
    shootings.retain(|shooting| record.crash(&shooting.id).is_none());
    let mut idlings = session.idlings(wanted);
    idlings.retain(|idling| record.footprint(&idling.id).is_none());
    session.probe(&probes);
    session.keep(&keepings);
    if !experiments.is_empty() {
        session.check_instruments();
        session.pair(&experiments);
    }
    session.count(&counted);
    session.load(&loadings);
    session.shoot(&shootings);
    session.idle(&idlings);
}

fn setting(flags: &Flags) -> Setting {
    Setting {
        target: "verdict".to_owned(),
        quick: flags.quick,
        test: flags.mode == Mode::Test,
        // The targets before this one measure the rest.
        short: true,
        label: None,
        filter: flags.filter.clone(),
        lab: Some(LAB),
    }
}
