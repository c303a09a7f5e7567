//! What the runs of a probe have seen, and whether they agree.

use crate::record::{Id, Probe, Record};
use crate::report::words;

/// What all runs of a probe found of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Both sides have the same one.
    Shared,
    /// Each side has its own.
    Own,
    /// Each side has its own by the way in which an actor is started: nothing that was tried.
    Made,
    /// Shared in so many runs of so many.
    Unlike(usize, usize),
    /// No run looked at it, or there is none.
    Unseen,
}

impl Found {
    /// In a word.
    pub(super) fn word(self) -> String {
        match self {
            Found::Shared => "shared".to_owned(),
            Found::Own => "own".to_owned(),
            Found::Made => "own by construction".to_owned(),
            Found::Unlike(yes, runs) => format!("runs disagree: shared in {yes} of {runs}"),
            Found::Unseen => "-".to_owned(),
        }
    }
}

/// What the probe with this id found of a piece.
pub(super) fn piece(record: &Record, id: &Id, what: &str) -> Found {
    let runs = record.probe(id).map_or(&[][..], |probe| &probe.runs);
    let one = |run: &crate::record::ProbeRun| {
        Some(run.seen.iter().find(|seen| seen.what == what)?.figure != 0.0)
    };
    let found: Vec<bool> = runs.iter().filter_map(one).collect();
    match (found.iter().filter(|yes| **yes).count(), found.len()) {
        (_, 0) => Found::Unseen,
        (yes, runs) if yes == runs => Found::Shared,
        (0, _) => Found::Own,
        (yes, runs) => Found::Unlike(yes, runs),
    }
}

/// The figures of this name over the runs, least to most, as text; `None` where nobody looked.
pub(super) fn span(record: &Record, id: &Id, what: &str) -> Option<String> {
    let probe = record.probe(id)?;
    let seen = probe.runs.iter().flat_map(|run| &run.seen).filter(|seen| seen.what == what);
    words::span(seen.map(|seen| seen.figure), whole)
}

/// Every figure of a probe over its runs: its name, least to most, unit.
pub(super) fn figures(probe: &Probe) -> Vec<String> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for seen in probe.runs.iter().flat_map(|run| &run.seen) {
        let name = (seen.what.as_str(), seen.unit.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let line = |(what, unit): (&str, &str)| {
        let all = probe.runs.iter().flat_map(|run| &run.seen);
        let same = all.filter(|seen| seen.what == what && seen.unit == unit);
        let mut found: Vec<f64> = same.map(|seen| seen.figure).collect();
        found.sort_by(f64::total_cmp);
        let [least, most] = [*found.first()?, *found.last()?];
        Some(match least == most {
            true => format!("{what}: {}", figure(least, unit)),
            false => format!("{what}: {} to {}", figure(least, unit), figure(most, unit)),
        })
    };
    names.into_iter().filter_map(line).collect()
}

/// A figure with its unit; an answer and an error number in words.
pub(super) fn figure(value: f64, unit: &str) -> String {
    match unit {
        "yes" if value == 0.0 => "no".to_owned(),
        "yes" => "yes".to_owned(),
        "shared" if value == 0.0 => "own".to_owned(),
        "shared" => "shared".to_owned(),
        "errno" => match value as i32 {
            0 => "accepted".to_owned(),
            1 => "EPERM".to_owned(),
            22 => "EINVAL".to_owned(),
            number => format!("error {number}"),
        },
        "" => whole(value),
        _ => format!("{} {unit}", whole(value)),
    }
}

fn whole(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { words::count(value) }
}

/// `, in 5 runs`.
pub(super) fn in_runs(runs: usize) -> String {
    format!(", in {}", words::plural(runs, "run"))
}
