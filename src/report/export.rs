//! Figures of a run for other programs: as a table (CSV), and in Bencher's metric format.

use crate::claim::{Estimand, Evidence, Judged};
use crate::record::{Failure, Record, Result};
use crate::stats::Interval;
use crate::text::one_line;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A figure that was read off a measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Figured {
    /// Id of what it is read off.
    id: String,
    /// What is read off it, by the name that the summary of a record uses.
    estimand: String,
    /// Unit of the figures; empty of an answer, which has none.
    unit: &'static str,
    estimate: Option<f64>,
    /// Ends of the 95 % interval.
    lower: Option<f64>,
    upper: Option<f64>,
    /// Launches that it is made of.
    launches: usize,
    /// The claim that it belongs to; empty of evidence.
    claim: &'static str,
    verdict: String,
}

/// Every figure of the claims, as often as a claim reads it, and what of the comparisons no claim
/// reads. What was not run has no row.
fn figures(record: &Record, judged: &Judged) -> Vec<Figured> {
    let launches = launches(record);
    let mut all = Vec::new();
    for claim in &judged.claims {
        for cell in claim.cells.iter().filter(|cell| cell.verdict.was_run()) {
            let (id, estimand) = (cell.def.id().to_string(), cell.def.estimand);
            let figure = cell.figure.filter(|_| !estimand.is_answer());
            all.push(Figured {
                launches: launches.get(&id).copied().unwrap_or(0),
                estimand: estimand.name(),
                unit: if estimand.is_answer() { "" } else { estimand.unit().name() },
                estimate: figure.map(|figure| figure.estimate),
                lower: figure.map(|figure| figure.low),
                upper: figure.map(|figure| figure.high),
                claim: claim.claim.id,
                verdict: cell.verdict.to_string(),
                id,
            });
        }
    }
    let read: BTreeSet<(String, String)> =
        all.iter().map(|row| (row.id.clone(), row.estimand.clone())).collect();
    for (id, evidence) in &judged.evidence {
        let beside = beside(&one_line(&id.to_string()), evidence);
        let unread = |row: &Figured| !read.contains(&(row.id.clone(), row.estimand.clone()));
        all.extend(beside.into_iter().filter(unread));
    }
    all
}

/// Times and ratio of a comparison.
fn beside(id: &str, evidence: &Evidence) -> Vec<Figured> {
    let figures = [
        (Estimand::TimeA, evidence.a.time_ns),
        (Estimand::TimeB, evidence.b.time_ns),
        (Estimand::Ratio, evidence.ratio),
    ];
    let row = |(estimand, figure): (Estimand, Option<Interval>)| {
        figure.map(|figure| Figured {
            id: id.to_owned(),
            estimand: estimand.name(),
            unit: estimand.unit().name(),
            estimate: Some(figure.estimate),
            lower: Some(figure.low),
            upper: Some(figure.high),
            launches: evidence.launches,
            claim: "",
            verdict: "evidence".to_owned(),
        })
    };
    figures.into_iter().filter_map(row).collect()
}

/// How many launches each id has.
fn launches(record: &Record) -> BTreeMap<String, usize> {
    let cells = record.cells.iter().map(|cell| (cell.id.to_string(), cell.launches.len()));
    let kept = record.footprints.iter().map(|kept| (kept.id.to_string(), kept.launches.len()));
    let crashes = record.crashes.iter().map(|crash| (crash.id.to_string(), crash.launches.len()));
    let probes = record.probes.iter().map(|probe| (probe.id.to_string(), probe.runs.len()));
    cells.chain(kept).chain(crashes).chain(probes).collect()
}

/// A row for each figure, with a line of names above (RFC 4180).
///
/// # Errors
/// None is expected: it is written to memory.
pub fn csv(record: &Record, judged: &Judged) -> Result<String> {
    let refused = |why: String| Failure::new("writing figures as CSV", why);
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in figures(record, judged) {
        table.serialize(row).map_err(|e| refused(e.to_string()))?;
    }
    let bytes = table.into_inner().map_err(|e| refused(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| refused(e.to_string()))
}

/// Bencher's metric format: benchmark, measure, value with both ends of its interval.
///
/// # Errors
/// None is expected.
pub fn bmf(record: &Record, judged: &Judged) -> Result<String> {
    let mut benchmarks: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for row in figures(record, judged) {
        let Some(value) = row.estimate else { continue };
        let metric = json!({
            "value": value,
            "lower_value": row.lower,
            "upper_value": row.upper,
        });
        let measure = match row.estimand == row.unit {
            true => row.estimand,
            false => format!("{} ({})", row.estimand, row.unit),
        };
        benchmarks.entry(row.id).or_default().insert(measure, metric);
    }
    let text = serde_json::to_string_pretty(&benchmarks);
    text.map(|text| text + "\n")
        .map_err(|e| Failure::new("writing Bencher's metric format", e.to_string()))
}
