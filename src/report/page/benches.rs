//! What Criterion measured: absolute times, with the state of the lab and the counters beside.

use super::{View, section};
use crate::claim::Unit;
use crate::record::{Arm, Bench, Count, Description, Modes, Outcome, Record};
use crate::report::html::{element, escape, hue, paragraph, table, text};
use crate::report::words;
use crate::stats;

/// Unit of the benchmarks of memory.
const BYTES: &str = "bytes";

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    if record.benches.is_empty() && record.run.criterion.is_none() {
        return String::new();
    }
    let mut inside = link(record);
    if !record.benches.is_empty() {
        inside.push_str(&table(
            &["Benchmark", "#Median", "=5 % to 95 %", "=Samples × iterations", "=Lab when ready"],
            &rows(record),
        ));
        inside.push_str(&paragraph(
            "note",
            "Per iteration: the median, 5 % and 95 % of the means of the samples. On one core \
             under SCHED_OTHER where a name says nothing else. Below each: what the same \
             primitive did in the same place in the counting pass, which is never the timed one: \
             user mode and kernel, per operation and, where it hands over to a partner, per \
             switch in brackets; of several launches the least to the most; ~ is an estimate. Of \
             memory, an iteration is one unit that is kept.",
        ));
    }
    section("benchmarks", "Criterion's benchmarks", &inside)
}

/// The benchmarks under the names of their groups, each with its counters in a row of their own.
fn rows(record: &Record) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut last = None;
    for bench in &record.benches {
        let (group, name) = bench.id.split_once('/').unwrap_or(("", &bench.id));
        let heading = match bench.unit.as_str() {
            "ns" | BYTES => group.to_owned(),
            unit => format!("{group}, in {unit}"),
        };
        if last.as_ref() != Some(&heading) && !heading.is_empty() {
            rows.push(vec![escape(&heading)]);
            last = Some(heading);
        }
        rows.push(row(record, bench, name));
        // Nobody counts while memory is read.
        if bench.unit != BYTES {
            rows.push(vec![String::new(), counted(record, &bench.arm)]);
        }
    }
    rows
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

/// What an iteration came to, sample by sample, in the benchmark's unit.
pub(super) fn means(bench: &Bench) -> Vec<f64> {
    let samples = bench.iterations.iter().zip(&bench.measured);
    let samples = samples.filter(|(iterations, _)| **iterations > 0);
    samples.map(|(iterations, total)| total / *iterations as f64).collect()
}

fn row(record: &Record, bench: &Bench, name: &str) -> Vec<String> {
    let means = means(bench);
    let number = match bench.unit.as_str() {
        "ns" => words::time,
        BYTES => |bytes| Unit::Bytes.format(bytes),
        _ => words::count,
    };
    let dash = || "-".to_owned();
    let at = |share: f64| stats::quantile(&means, share).map_or_else(dash, number);
    vec![
        named(record, bench, name),
        stats::median(&means).map_or_else(dash, number),
        format!("{} to {}", at(0.05), at(0.95)),
        escape(&iterations(bench)),
        escape(&words::lab(&bench.lab)),
    ]
}

/// The name in the hue of its actor, and the conditions that it does not say.
fn named(record: &Record, bench: &Bench, name: &str) -> String {
    let hue = hue(record.actor(&bench.arm.primitive));
    let actors = format!("{}actors", bench.arm.actors);
    let said = |condition: String| match condition == actors {
        true => name.contains(&format!("/x{}", bench.arm.actors)),
        false => name.contains(&condition),
    };
    let unsaid = |condition: &String| !said(condition.replace('\u{a0}', ""));
    let mut parts = vec![name.to_owned()];
    parts.extend(words::conditions(&bench.arm).into_iter().filter(unsaid));
    text("span", &format!("whole {hue}"), &parts.join(", "))
}

fn iterations(bench: &Bench) -> String {
    let samples = bench.iterations.len();
    match (bench.iterations.iter().min(), bench.iterations.iter().max()) {
        (Some(least), Some(most)) if least == most => {
            format!("{samples} × {}", words::whole(*least))
        }
        (Some(least), Some(most)) => {
            format!("{samples} × {} to {}", words::whole(*least), words::whole(*most))
        }
        _ => words::plural(samples, "sample"),
    }
}

/// What was counted of the same primitive in the same place, whatever the policy: with the kernel,
/// or in user mode alone where the kernel was not to be counted.
fn counted(record: &Record, arm: &Arm) -> String {
    let same = |count: &&Count| Arm { policy: arm.policy, ..count.arm.clone() } == *arm;
    let counts: Vec<&Count> = record.counts.iter().filter(same).collect();
    let handed = record.primitive(&arm.primitive).is_some_and(Description::hands_over);
    let of = |modes| figures(&counts, handed, modes);
    let line = match (of(Modes::UserKernel), of(Modes::User)) {
        (both, _) if !both.is_empty() => both.join(", "),
        (_, user) if !user.is_empty() => format!("user mode alone: {}", user.join(", ")),
        _ => "not counted".to_owned(),
    };
    element("span", "soft", &line)
}

/// The counted events, each of which stays in one piece: of several launches the least and the
/// most.
fn figures(counts: &[&Count], handed: bool, modes: Modes) -> Vec<String> {
    let mut events: Vec<&str> = Vec::new();
    for reading in counts.iter().flat_map(|count| &count.readings) {
        let counted = matches!(reading.outcome, Outcome::Counted { .. });
        if counted && reading.modes == modes && !events.contains(&reading.event.as_str()) {
            events.push(&reading.event);
        }
    }
    events.into_iter().map(|event| figure(counts, handed, event, modes)).collect()
}

fn figure(counts: &[&Count], handed: bool, event: &str, modes: Modes) -> String {
    let estimated = counts.iter().filter_map(|count| count.reading(event, modes)).any(|reading| {
        matches!(reading.outcome, Outcome::Counted { running_share, .. } if running_share < 1.0)
    });
    let span = |figure: &dyn Fn(&Count) -> Option<f64>| {
        words::span(counts.iter().filter_map(|count| figure(count)), words::count)
    };
    let per_op = span(&|count| count.per_op(event, modes)).unwrap_or("-".to_owned());
    let per_switch = span(&|count| count.per_switch(event, modes).filter(|_| handed));
    let per_switch = per_switch.map_or(String::new(), |figure| format!(" ({figure})"));
    let estimate = if estimated { "~" } else { "" };
    text("span", "whole", &format!("{event} {estimate}{per_op}{per_switch}"))
}
