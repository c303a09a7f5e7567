//! Wording that the terminal, the page and the README share.

mod arms;
mod numbers;

pub(super) use arms::{conditions, held, server, serves};
pub(super) use numbers::{bytes, count, duration, percent, plural, span, time, whole};

use crate::claim::{CellVerdict, ClaimVerdict, Judged, JudgedCell, significant};
use crate::record::{CheckOutcome, Failure, LabState, Record, Stop};
use crate::stats::Interval;
pub(super) use crate::text::one_line;

/// Title of everything that is printed.
pub(super) const TITLE: &str = "What isolation costs here";

/// What a quick run has to say about itself.
pub(super) const QUICK: &str = "Quick run: fewer launches and pairs, and a claim holds only where \
                                the interval clears the band by the margin.";

/// The word of a verdict, marked where the run was quick.
pub(super) fn verdict(word: impl std::fmt::Display, record: &Record) -> String {
    if record.run.quick { format!("{word} (quick)") } else { word.to_string() }
}

/// The figure of a cell, or a dash.
pub(super) fn figure(cell: &JudgedCell) -> String {
    match cell.figure {
        Some(interval) => cell.def.estimand.unit().format_interval(interval),
        None => "-".to_owned(),
    }
}

/// An interval whose unit stands in a heading.
pub(super) fn bare_interval(figure: Interval) -> String {
    let [estimate, low, high] = [figure.estimate, figure.low, figure.high].map(significant);
    format!("{estimate} [{low}, {high}]")
}

/// The measured frequency of the core, cycles per nanosecond.
pub(super) fn core_ghz(record: &Record) -> Option<f64> {
    record.check("core-frequency")?.figure
}

/// How many claims got which verdict: `5 claims: 1 refuted, 4 conditional`.
pub(super) fn verdict_count(judged: &Judged) -> String {
    const ALL: [ClaimVerdict; 6] = [
        ClaimVerdict::True,
        ClaimVerdict::False,
        ClaimVerdict::Depends,
        ClaimVerdict::Undecided,
        ClaimVerdict::NotMeasured,
        ClaimVerdict::NotRun,
    ];
    let counts: Vec<String> = ALL
        .iter()
        .map(|verdict| (verdict, judged.claims.iter().filter(|c| c.verdict == *verdict).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    format!("{}: {}", plural(judged.claims.len(), "claim"), counts.join(", "))
}

/// What the A/A comparisons and the instrument checks say, in two phrases.
pub(super) fn trust(record: &Record, judged: &Judged) -> String {
    let shown: Vec<f64> = judged
        .controls
        .iter()
        .filter_map(|control| control.ratio)
        .map(|ratio| ratio.farthest_from(1.0))
        .collect();
    let missing = judged.controls.len() - shown.len();
    let mut a_a = match shown.iter().copied().reduce(f64::max) {
        Some(worst) => format!("A/A within ±{}", percent(worst)),
        None if missing == 0 => "no A/A comparison in this run".to_owned(),
        None => "no interval from any A/A comparison".to_owned(),
    };
    if missing > 0 && !shown.is_empty() {
        a_a.push_str(&format!(", {missing} without an interval"));
    }
    let count = |outcome| record.checks.iter().filter(|check| check.outcome == outcome).count();
    let (passed, failed) = (count(CheckOutcome::Passed), count(CheckOutcome::Failed));
    let mut checks = format!("{passed} of {} passed", plural(passed + failed, "check"));
    let unknown = count(CheckOutcome::NotMeasurable);
    if unknown > 0 {
        checks.push_str(&format!(", {unknown} not measurable"));
    }
    format!("{a_a}; {checks}")
}

/// Everything that could not be done: the rows of the record and the cells that failed.
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

/// Did the figure pass every gate, so that it was compared with the band?
pub(super) fn compared(cell: &JudgedCell) -> bool {
    cell.margin.is_some()
}

/// Was the cell decided?
pub(super) fn decided(cell: &JudgedCell) -> bool {
    matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails)
}

/// With a capital at its start.
pub(super) fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The state of a lab, each part of which stays in one piece.
pub(super) fn lab(state: &LabState) -> String {
    let mut parts = vec![
        bytes(state.rss_bytes),
        format!("{} VMAs", state.vmas),
        format!("{} fds", state.fds),
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
