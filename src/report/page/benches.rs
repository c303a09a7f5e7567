//! What Criterion measured: absolute times, with the state of the lab and the counters beside.

use super::{View, section};
use crate::claim::{Unit, significant};
use crate::record::{Arm, Bench, Count, Modes, Outcome, Record};
use crate::report::html::{arm, escape, paragraph, table};
use crate::report::words;
use crate::stats;

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    if record.benches.is_empty() && record.run.criterion.is_none() {
        return String::new();
    }
    let mut inside = link(record);
    if !record.benches.is_empty() {
        let rows: Vec<Vec<String>> =
            record.benches.iter().map(|bench| row(record, bench)).collect();
        inside.push_str(&table(
            &[
                "Benchmark",
                "#Median per iteration",
                "=5 % to 95 %",
                "Iterations per sample",
                "Lab when ready",
                "Counted per operation (and per switch)",
            ],
            &rows,
        ));
        inside.push_str(&paragraph(
            "note",
            "The median, 5 % and 95 % of the means of the samples. Timed and counted in separate \
             passes; - is no counting pass of the same primitive in the same place.",
        ));
    }
    section("benchmarks", "Criterion's benchmarks", &inside)
}

/// Criterion's own page, where the record names a place beside this page: never an address of
/// another kind.
fn link(record: &Record) -> String {
    match &record.run.criterion {
        Some(path) if is_beside(path) => format!(
            "<p><a href=\"{}/index.html\">Criterion's own pages</a>: distributions, regressions, \
             comparison with the run before. They stay on the machine that was measured.</p>\n",
            escape(path),
        ),
        _ => String::new(),
    }
}

fn is_beside(path: &str) -> bool {
    path.starts_with(|c: char| c == '.' || c.is_alphanumeric())
        && path.chars().all(|c| c.is_alphanumeric() || "./_- +".contains(c))
}

fn row(record: &Record, bench: &Bench) -> Vec<String> {
    let means: Vec<f64> = bench
        .iterations
        .iter()
        .zip(&bench.measured)
        .filter(|(iterations, _)| **iterations > 0)
        .map(|(iterations, total)| total / *iterations as f64)
        .collect();
    let written = |value: f64| match bench.unit.as_str() {
        "ns" => Unit::Nanoseconds.format(value),
        unit => format!("{} {unit}", significant(value)),
    };
    let dash = || "-".to_owned();
    let at = |share: f64| stats::quantile(&means, share).map_or_else(dash, written);
    vec![
        format!("{}<br>{}", escape(&bench.id), arm(&bench.arm)),
        escape(&stats::median(&means).map_or_else(dash, written)),
        escape(&format!("{} to {}", at(0.05), at(0.95))),
        escape(&iterations(bench)),
        escape(&words::lab(&bench.lab)),
        counted(record, &bench.arm),
    ]
}

fn iterations(bench: &Bench) -> String {
    let samples = words::plural(bench.iterations.len(), "sample");
    match (bench.iterations.iter().min(), bench.iterations.iter().max()) {
        (Some(least), Some(most)) if least == most => format!("{least}, {samples}"),
        (Some(least), Some(most)) => format!("{least} to {most}, {samples}"),
        _ => samples,
    }
}

/// What was counted of the same primitive in the same place, whatever the policy, an event per
/// line.
fn counted(record: &Record, arm: &Arm) -> String {
    let same = |count: &&Count| Arm { policy: arm.policy, ..count.arm.clone() } == *arm;
    let Some(count) = record.counts.iter().find(same) else { return "-".to_owned() };
    let lines: Vec<String> = count
        .readings
        .iter()
        .filter(|reading| matches!(reading.outcome, Outcome::Counted { .. }))
        .map(|reading| {
            let (event, modes) = (&reading.event, reading.modes);
            let per_op = count.per_op(event, modes).map_or("-".to_owned(), words::count);
            let switch = count.per_switch(event, modes);
            let switch = switch.map_or(String::new(), |s| format!(" ({})", words::count(s)));
            let user = if modes == Modes::User { ", user" } else { "" };
            escape(&format!("{event}{user}: {per_op}{switch}"))
        })
        .collect();
    lines.join("<br>")
}
