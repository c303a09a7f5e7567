//! Runs side by side, as JSON.

use super::said::cautions;
use crate::claim::{ClaimRow, Contrast, FigureChange, FigureRow, Kind};
use crate::record::Cut;
use crate::stats::Interval;
use serde::Serialize;

/// All of it.
#[derive(Serialize)]
struct Document<'r> {
    runs: Vec<RunEntry<'r>>,
    claims: Vec<ClaimEntry<'r>>,
    /// Figures that were compared.
    compared: usize,
    /// Those of them that lie beyond the intervals of both runs, and all of them if asked for.
    figures: Vec<FigureEntry<'r>>,
    facts: Vec<FactEntry<'r>>,
}

#[derive(Serialize)]
struct RunEntry<'r> {
    id: &'r str,
    started_utc: &'r str,
    machine: &'r str,
    quick: bool,
    /// What ended it before it was through.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    emulated: Option<bool>,
    revision: Option<&'r str>,
    protocol: Option<u32>,
    cautions: Vec<String>,
}

#[derive(Serialize)]
struct ClaimEntry<'r> {
    id: &'r str,
    differs: bool,
    verdicts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figure: Option<Headline<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explained>,
}

#[derive(Serialize)]
struct Headline<'r> {
    title: &'r str,
    unit: &'r str,
    /// Estimate and ends of the 95 % interval, by run.
    values: Vec<Option<[f64; 3]>>,
}

#[derive(Serialize)]
struct Explained {
    words: String,
    facts: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    fact: String,
    values: Vec<Value>,
}

#[derive(Serialize)]
struct Value {
    value: String,
    verdict: String,
    runs: usize,
}

#[derive(Serialize)]
struct FigureEntry<'r> {
    claim: &'r str,
    title: &'r str,
    unit: &'r str,
    beyond: bool,
    /// Every run but the first.
    changes: Vec<ChangeEntry>,
}

#[derive(Serialize, Default)]
#[serde(default)]
struct ChangeEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    beyond: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_compared: Option<String>,
}

#[derive(Serialize)]
struct FactEntry<'r> {
    name: &'r str,
    values: &'r [Option<String>],
}

/// One line of JSON.
pub(crate) fn json(contrast: &Contrast, all: bool) -> String {
    let figures = contrast.figures.iter().filter(|row| all || row.is_beyond());
    let document = Document {
        runs: (0..contrast.runs.len()).map(|at| run(contrast, at)).collect(),
        claims: contrast.claims.iter().map(|row| claim(contrast, row)).collect(),
        compared: contrast.compared(),
        figures: figures.map(figure).collect(),
        facts: (contrast.facts.iter())
            .map(|row| FactEntry { name: &row.name, values: &row.values })
            .collect(),
    };
    // Only keys that are no text, and what is written to, can fail.
    serde_json::to_string(&document).unwrap_or_default() + "\n"
}

fn run<'r>(contrast: &Contrast<'r>, at: usize) -> RunEntry<'r> {
    let found = &contrast.runs[at];
    RunEntry {
        id: &found.run.id,
        started_utc: &found.run.started_utc,
        machine: &found.machine.summary,
        quick: found.run.quick,
        cut: found.run.cut,
        emulated: found.machine.emulated,
        revision: found.run.revision.as_deref(),
        protocol: found.run.protocol,
        cautions: cautions(contrast, at),
    }
}

fn three(figure: Interval) -> [f64; 3] {
    [figure.estimate, figure.low, figure.high]
}

fn claim<'r>(contrast: &'r Contrast, row: &'r ClaimRow) -> ClaimEntry<'r> {
    let runs = contrast.runs;
    let headline = row.headline(runs).map(|def| Headline {
        title: def.title,
        unit: def.estimand.unit().name(),
        values: runs.iter().map(|run| row.figure(run, def).map(three)).collect(),
    });
    let explained = row.explanation.as_ref().map(|found| Explained {
        words: found.words(),
        facts: (found.facts.iter())
            .map(|(hinge, groups)| Told {
                fact: hinge.to_string(),
                values: (groups.iter())
                    .map(|group| Value {
                        value: group.value.clone(),
                        verdict: group.verdict.to_string(),
                        runs: group.runs,
                    })
                    .collect(),
            })
            .collect(),
    });
    ClaimEntry {
        id: row.claim.id,
        differs: row.explanation.is_some(),
        verdicts: runs.iter().map(|run| row.verdict(run).to_string()).collect(),
        figure: headline,
        explanation: explained,
    }
}

fn figure(row: &FigureRow) -> FigureEntry<'_> {
    FigureEntry {
        claim: row.claim.id,
        title: row.def.title,
        unit: row.def.estimand.unit().name(),
        beyond: row.is_beyond(),
        changes: row
            .changes
            .iter()
            .map(|change| match change {
                Ok(change) => changed(change),
                Err(refusal) => ChangeEntry {
                    not_compared: Some(refusal.to_string()),
                    ..ChangeEntry::default()
                },
            })
            .collect(),
    }
}

fn changed(change: &FigureChange) -> ChangeEntry {
    let (ratio, difference) = match change.kind {
        Kind::Ratio(ratio) => (Some(three(ratio)), None),
        Kind::Difference(apart) => (None, Some(three(apart))),
    };
    ChangeEntry {
        first: Some(three(change.before)),
        value: Some(three(change.after)),
        ratio,
        difference,
        beyond: Some(change.beyond),
        not_compared: None,
    }
}
