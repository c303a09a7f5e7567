//! What must come out on machines of other kinds than this one: each file in `scripts/machines/`
//! is a machine, and says it. Its record is held against it line by line.
//!
//! `scripts/machines.sh check` measures and names the records in a variable; kept ones are looked
//! at always.

use process_vs_thread::question::judge;
use process_vs_thread::record::{self, Footprint, MemorySource, Outcome, Probe, Record, Stop};
use std::fs;
use std::path::{Path, PathBuf};

/// Names records that were just measured, each called as its machine, with `:` in between.
const MEASURED: &str = "PROCESS_VS_THREAD_MEASURED";

/// First words of the lines that say what a machine is, and not what must come out there.
const SETTINGS: [&str; 6] = ["arch", "kernel", "qemu", "boot", "before", "only"];

fn machines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/machines")
}

/// The names of all machines.
fn names() -> Vec<String> {
    let files = fs::read_dir(machines()).unwrap().map(|file| file.unwrap().path());
    let machines = files.filter(|path| path.extension().is_some_and(|end| end == "machine"));
    let name = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    machines.map(name).collect()
}

/// What must come out on a machine: what is said about something, and words in it.
fn expected(name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(machines().join(format!("{name}.machine"))).unwrap();
    let lines = text.lines().filter(|line| {
        let first = line.split_whitespace().next().unwrap_or("#");
        !first.starts_with('#') && !SETTINGS.contains(&first)
    });
    let halves = |line: &str| {
        let (about, words) = line.split_once(": ").unwrap_or_else(|| panic!("{name}: {line}"));
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        (about, words.trim().to_owned())
    };
    lines.map(halves).collect()
}

/// One thing that a record says.
struct Said {
    /// Its kind and name.
    about: String,
    words: String,
    /// Is it a gap, which a machine has to be known for?
    gap: bool,
}

fn said(about: String, words: String) -> Said {
    let gap = words.starts_with("not measured");
    Said { about, words, gap }
}

/// Everything that a record says and that no time decides, a line each.
fn lines(record: &Record) -> Vec<Said> {
    let facts = record.machine.facts.iter();
    let facts = facts.map(|fact| said(format!("fact {}", fact.name), fact.value.to_string()));
    let warnings = record.machine.warnings.iter();
    let warnings = warnings.map(|warning| said("warning".to_owned(), warning.clone()));
    let checks = record.checks.iter();
    let checks = checks.map(|check| {
        said(format!("check {}", check.id), format!("{:?}: {}", check.outcome, check.detail))
    });
    let probes = record.probes.iter().map(|p| said(format!("probe {}", p.id), answer(p)));
    let memory = record.footprints.iter().map(|f| said(format!("memory {}", f.id), books(f)));
    let cells = record.cells.iter().map(|cell| {
        let words = match &cell.stop {
            Stop::Failed(failure) => format!("not measured: {failure}"),
            _ => format!("measured in {} launches", cell.launches.len()),
        };
        said(format!("pair {}", cell.id), words)
    });
    let failures = record.failures.iter();
    let failures = failures.map(|f| said("run".to_owned(), format!("not measured: {f}")));
    let claims = judge(record).claims;
    let claims = claims
        .into_iter()
        .map(|judged| said(format!("claim {}", judged.claim.id), judged.verdict.to_string()));
    let lines = facts.chain(warnings).chain(checks).chain(probes).chain(memory).chain(cells);
    lines.chain(failures).chain(claims).chain(counts(record)).collect()
}

/// What all runs of a probe came to.
fn answer(probe: &Probe) -> String {
    match (&probe.failure, probe.agreed()) {
        (Some(failure), _) => format!("not measured: {failure}"),
        (None, Some(true)) => "holds".to_owned(),
        (None, Some(false)) => "does not hold".to_owned(),
        (None, None) => "not measured: its runs differ".to_owned(),
    }
}

/// By whose books the memory was measured.
fn books(footprint: &Footprint) -> String {
    if let Some(failure) = &footprint.failure {
        return format!("not measured: {failure}");
    }
    match footprint.launches.first().map(|launch| &launch.source) {
        Some(MemorySource::CgroupV2) => "by a control group of version 2".to_owned(),
        Some(MemorySource::CgroupV1) => "by a control group of version 1".to_owned(),
        Some(MemorySource::Meminfo { why }) => format!("by the whole machine's books: {why}"),
        None => "not measured: no launch".to_owned(),
    }
}

/// Each event of each counted arm: counted, or why not. What a machine cannot count is a fact of it
/// and no gap.
fn counts(record: &Record) -> impl Iterator<Item = Said> {
    record.counts.iter().flat_map(|count| {
        count.readings.iter().map(|reading| {
            let words = match &reading.outcome {
                Outcome::Counted { count, .. } if *count > 0.0 => "counted".to_owned(),
                Outcome::Counted { .. } => "zero".to_owned(),
                Outcome::Missing { reason } => format!("missing: {reason}"),
            };
            said(format!("count {} of {}", reading.event, count.arm), words)
        })
    })
}

/// What a record does not show and should, and the gaps that its machine is not known for.
fn unmet(expected: &[(String, String)], lines: &[Said]) -> Vec<String> {
    let met = |(about, words): &(String, String), said: &Said| {
        said.about == *about && said.words.contains(words)
    };
    let missing = expected.iter().filter(|one| !lines.iter().any(|said| met(one, said)));
    let missing = missing.map(|(about, words)| {
        let instead: Vec<&str> =
            lines.iter().filter(|s| s.about == *about).map(|s| s.words.as_str()).collect();
        format!("{about}: expected '{words}', found {instead:?}")
    });
    let known = |said: &&Said| expected.iter().any(|one| met(one, said));
    let gaps = lines.iter().filter(|said| said.gap && !known(said));
    missing.chain(gaps.map(|said| format!("unexpected: {}: {}", said.about, said.words))).collect()
}

/// The kept record of a machine.
fn kept(name: &str) -> Option<PathBuf> {
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports");
    let mut folders = fs::read_dir(reports).into_iter().flatten().map(|one| one.unwrap().path());
    let folder = folders.find(|path| path.to_string_lossy().ends_with(&format!("-qemu-{name}")))?;
    Some(folder.join("record.json.gz"))
}

fn assert_met(name: &str, path: &Path) {
    let record = record::read(path).expect("a record of the machine");
    assert_eq!(record.machine.emulated, Some(true), "{}", path.display());
    let unmet = unmet(&expected(name), &lines(&record));
    assert!(unmet.is_empty(), "{}:\n{}", path.display(), unmet.join("\n"));
}

#[test]
fn what_was_measured_on_a_machine_is_what_its_file_says() {
    let Some(paths) = std::env::var_os(MEASURED) else {
        return eprintln!("skipped: {MEASURED} names no record; scripts/machines.sh check does");
    };
    for path in std::env::split_paths(&paths) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(names().contains(&name), "{} is no record of a machine", path.display());
        assert_met(&name, &path);
    }
}

#[test]
fn kept_records_show_what_the_files_of_their_machines_say() {
    for name in names() {
        let path = kept(&name).unwrap_or_else(|| panic!("reports/ has no record of {name}"));
        assert_met(&name, &path);
    }
}

/// Each expectation alone: without what meets it, it is unmet.
#[test]
fn each_expectation_can_fail() {
    let all: Vec<(String, String)> = names().iter().flat_map(|name| expected(name)).collect();
    assert!(all.len() > 10, "the machines say what must come out: {all:?}");
    for one in all {
        let met = said(one.0.clone(), format!("x {} y", one.1));
        let bent = said(one.0.clone(), "something else".to_owned());
        let one = [one];
        assert_eq!(unmet(&one, &[met]), Vec::<String>::new());
        assert_eq!(unmet(&one, &[bent]).len(), 1, "{one:?}");
    }
}

#[test]
fn a_gap_that_the_machine_is_not_known_for_is_unmet() {
    let gap = || vec![said("probe p".to_owned(), "not measured: clone: EPERM".to_owned())];
    assert_eq!(unmet(&[], &gap()), ["unexpected: probe p: not measured: clone: EPERM"]);
    let known = [("probe p".to_owned(), "not measured: clone".to_owned())];
    assert_eq!(unmet(&known, &gap()), Vec::<String>::new());
}
