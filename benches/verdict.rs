//! The last target: merges what the others measured, measures what is missing, judges, writes the report.

use process_vs_thread::claim::CLAIMS;
use process_vs_thread::plan::memory;
use process_vs_thread::probe;
use process_vs_thread::record::{Result, Stop};
use process_vs_thread::run::{self, Flags, Fragments, Mode, Reports, Session, Setting, Wanted};
use std::process::ExitCode;

/// The lab's program, as cargo built it for this target.
const LAB: &str = env!("CARGO_BIN_EXE_process-vs-thread-lab");

fn main() -> ExitCode {
    let flags = match Flags::parse(std::env::args().skip(1)) {
        Ok(flags) => flags,
        Err(usage) => usage.exit(),
    };
    match act(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("verdict: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn act(flags: &Flags) -> Result<()> {
    run::follow_cargo();
    let wanted = Wanted::new(flags)?;
    match flags.mode {
        Mode::List => list(&wanted),
        Mode::Profile => eprintln!("verdict: nothing to profile here; profile the other targets"),
        Mode::Test => test(flags, &wanted)?,
        Mode::Measure if flags.load_baseline => {
            eprintln!("verdict: nothing was measured, so there is nothing to judge");
        }
        Mode::Measure => return judge(flags, &wanted),
    }
    Ok(())
}

fn list(wanted: &Wanted) {
    for claim in CLAIMS.iter().filter(|claim| wanted.matches(claim.id)) {
        println!("{}: benchmark", claim.id);
    }
    for keeping in memory::keepings().iter().filter(|keeping| wanted.matches(&keeping.id)) {
        println!("{}: benchmark", keeping.id);
    }
    for name in probe::ALL.iter().map(probe::Entry::name).filter(|name| wanted.matches(name)) {
        println!("{name}: benchmark");
    }
}

/// One pair of each experiment, one launch of each footprint and one run of each probe, to see that they run. Nothing is kept.
fn test(flags: &Flags, wanted: &Wanted) -> Result<()> {
    let mut session = Session::begin(&setting(flags))?;
    for experiment in session.experiments(wanted) {
        session.pair(std::slice::from_ref(&experiment));
        match session.record().cells.last().map(|cell| &cell.stop) {
            Some(Stop::Failed(failure)) => println!("Testing {}\nFailed: {failure}", experiment.id),
            _ => println!("Testing {}\nSuccess", experiment.id),
        }
    }
    for keeping in session.keepings(wanted) {
        session.keep(std::slice::from_ref(&keeping));
        match session.record().footprints.last().and_then(|kept| kept.failure.as_ref()) {
            Some(failure) => println!("Testing {}\nFailed: {failure}", keeping.id),
            None => println!("Testing {}\nSuccess", keeping.id),
        }
    }
    for entry in session.probes(wanted) {
        session.probe(&[entry]);
        match session.record().probes.last().and_then(|probe| probe.failure.as_ref()) {
            Some(failure) => println!("Testing {}\nFailed: {failure}", entry.name()),
            None => println!("Testing {}\nSuccess", entry.name()),
        }
    }
    Ok(())
}

fn judge(flags: &Flags, wanted: &Wanted) -> Result<()> {
    if !flags.criterion_only.is_empty() {
        eprintln!(
            "verdict: {} concern Criterion's benchmarks alone",
            flags.criterion_only.join(", ")
        );
    }
    let reports = Reports::at(None);
    reports.prepare()?;
    let fragments = Fragments::of_parent()?;
    let mut session = Session::begin(&setting(flags))?;
    match fragments.first {
        true => println!("{}", run::facts(&session.record().machine, run::screen().0)),
        false => println!("{}", run::one_line(&session.record().machine)),
    }
    for fragment in fragments.read()? {
        session.record_mut().merge(fragment);
    }
    measure_missing(&mut session, wanted);
    let mut record = session.finish();
    if !record.benches.is_empty() {
        record.run.criterion = run::criterion_link(reports.path());
    }
    println!("{}", run::conclude(&reports, &mut record)?);
    Ok(())
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
    session.probe(&probes);
    session.keep(&keepings);
    if !experiments.is_empty() {
        session.check_instruments();
        session.pair(&experiments);
    }
    session.count(&counted);
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
