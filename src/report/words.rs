//! Wording that the terminal, the pages and the README share.

mod arms;
mod host;
mod numbers;

pub(super) use arms::{conditions, held};
pub(super) use host::{host, host_row};
pub(super) use numbers::{bytes, count, duration, percent, plural, span, time};

use crate::claim::{ClaimVerdict, Judged, JudgedCell, quality, significant};
use crate::record::{Check, CheckOutcome, Failure, LabState, Machine, Record, Run, Stop};
use crate::stats::Interval;
pub(super) use crate::text::one_line;

/// What a quick run has to say about itself.
pub(super) const QUICK: &str = "Quick run: fewer samples, and a claim holds only where the \
                                interval is clear of the limit by the tolerance.";

/// The figure of a cell with its interval, or a dash.
pub(super) fn figure(cell: &JudgedCell) -> String {
    match cell.figure {
        Some(interval) => cell.def.estimand.unit().format_interval(interval),
        None => "–".to_owned(),
    }
}

/// An interval whose unit stands in a heading.
pub(super) fn bare_interval(figure: Interval) -> String {
    let [estimate, low, high] = [figure.estimate, figure.low, figure.high].map(significant);
    format!("{estimate} [{low}, {high}]")
}

/// Heading of the column that says where a figure lies.
pub(super) fn band_title(record: &Record) -> &'static str {
    if record.run.quick { "The claim here (quick run)" } else { "The claim here" }
}

/// Parts of the machine's summary that name it: processor, CPUs, host, kernel.
const NAMING: usize = 4;

/// Processor, CPUs, host and kernel.
pub(super) fn machine(machine: &Machine) -> String {
    let brief = |part: &str| {
        let part = part.split(',').next().unwrap_or_default();
        part.split(" (").next().unwrap_or_default().to_owned()
    };
    let parts = machine.summary.split(" · ").take(NAMING).map(brief);
    one_line(&parts.collect::<Vec<_>>().join(" · "))
}

/// The machine, the day, and how long the run took.
pub(super) fn machine_line(run: &Run, kind: &Machine) -> String {
    let day = run.started_utc.split('T').next().unwrap_or_default();
    let quick = if run.quick { "quick run, " } else { "" };
    let part = if run.filter.is_some() { "part of a run, " } else { "" };
    let cut = run.cut.map_or(String::new(), |cut| format!("{cut}, "));
    one_line(&format!(
        "process vs thread · {} · {day} · {quick}{part}{cut}{}",
        machine(kind),
        duration(run.duration_s)
    ))
}

/// How many claims got which word: `12 true, 6 false, 4 depend`.
pub(super) fn verdict_count(judged: &Judged) -> String {
    let kinds = [
        (ClaimVerdict::True, "true"),
        (ClaimVerdict::False, "false"),
        (ClaimVerdict::Depends, "depend"),
        (ClaimVerdict::Undecided, "undecided"),
        (ClaimVerdict::NotMeasured, "not measured"),
        (ClaimVerdict::NotRun, "not run"),
    ];
    let counts: Vec<String> = kinds
        .into_iter()
        .map(|(verdict, name)| {
            (judged.claims.iter().filter(|c| c.verdict == verdict).count(), name)
        })
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    counts.join(", ")
}

/// `Data quality GOOD: noise ±2.1 %, 8/8 checks, 3 warnings, 5 gaps`.
pub(super) fn trust(record: &Record, judged: &Judged) -> String {
    let found = quality(record, judged);
    let noise = match found.noise {
        Some(noise) => format!("noise ±{}", percent(noise)),
        None => "noise not measured".to_owned(),
    };
    let mut parts = vec![noise, format!("{}/{} checks", found.passed, found.checks)];
    let warnings = record.machine.warnings.len();
    if warnings > 0 {
        parts.push(plural(warnings, "warning"));
    }
    let gaps = gaps(record, judged).len();
    if gaps > 0 {
        parts.push(plural(gaps, "gap"));
    }
    format!("Data quality {}: {}", found.grade, parts.join(", "))
}

/// What was not measured though it was tried, and what would help: claims without a word, and
/// failures of the machine.
pub(super) fn gaps(record: &Record, judged: &Judged) -> Vec<String> {
    let without = |verdict| matches!(verdict, ClaimVerdict::Undecided | ClaimVerdict::NotMeasured);
    let claims = judged.claims.iter().filter(|judged| without(judged.verdict));
    let claims = claims.map(|judged| format!("{}: {}", judged.claim.id, judged.sentence.text));
    let mut failed: Vec<String> = Vec::new();
    for (what, failure) in failures(record).into_iter().filter(|(_, failure)| !failure.skipped) {
        let said = match what.as_str() {
            "" => failure.to_string(),
            what => format!("{what}: {failure}"),
        };
        if !failed.contains(&said) {
            failed.push(said);
        }
    }
    claims.chain(failed).collect()
}

/// How an instrument check came out.
pub(super) fn outcome(check: &Check) -> &'static str {
    match check.outcome {
        CheckOutcome::Passed => "passed",
        CheckOutcome::Failed => "failed",
        CheckOutcome::NotMeasurable => "not measurable here",
        CheckOutcome::Informative => "for information",
    }
}

/// How many configurations the suite does not try by itself.
pub(super) fn skipped(record: &Record) -> usize {
    failures(record).iter().filter(|(_, failure)| failure.skipped).count()
}

/// Everything that could not be done, or was not tried: the rows of the record that failed.
pub(super) fn failures(record: &Record) -> Vec<(String, &Failure)> {
    let rows = record.failures.iter().map(|failure| (String::new(), failure));
    let cells = record.cells.iter().filter_map(|cell| match &cell.stop {
        Stop::Failed(failure) => Some((cell.id.to_string(), failure)),
        _ => None,
    });
    let footprints = record.footprints.iter().filter_map(|footprint| {
        footprint.failure.as_ref().map(|failure| (footprint.id.to_string(), failure))
    });
    let servings = record.servings.iter().map(|serving| (&serving.id, &serving.failure));
    let crashes = record.crashes.iter().map(|crash| (&crash.id, &crash.failure));
    let servers = servings.chain(crashes);
    let servers = servers.filter_map(|(id, failure)| Some((id.to_string(), failure.as_ref()?)));
    rows.chain(cells).chain(footprints).chain(servers).collect()
}

/// The state of a process that measures, each part of which stays in one piece.
pub(super) fn lab(state: &LabState) -> String {
    let mut parts = vec![
        bytes(state.rss_bytes),
        format!("{} mappings", state.vmas),
        plural(state.fds as usize, "descriptor"),
        plural(state.threads as usize, "thread"),
    ];
    if state.huge_bytes > 0 {
        parts.push(format!("{} huge pages", bytes(state.huge_bytes)));
    }
    if !state.cpus.is_empty() {
        let cpus: Vec<String> = state.cpus.iter().map(usize::to_string).collect();
        parts.push(format!("CPU {}", cpus.join(", ")));
    }
    let parts: Vec<String> = parts.iter().map(|part| part.replace(' ', "\u{a0}")).collect();
    parts.join(" · ")
}
