//! Can these figures be trusted? The controls, the checks, what was discarded, what failed and what
//! was missing.

use super::{View, counters, heading, section};
use crate::claim::{self, CellVerdict, Control, Estimand, Unit, significant};
use crate::question::Question;
use crate::record::{Check, CheckOutcome, Record};
use crate::report::html::{arm, escape, list, paragraph, table, text};
use crate::report::{series, words};

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    let mut inside = heading("An arm against itself (A/A): must show nothing") + &controls(view);
    inside.push_str(&heading("Checks of the instruments"));
    inside.push_str(&checks(record));
    inside.push_str(&heading("Samples"));
    inside.push_str(&paragraph("", &samples(record)));
    inside.push_str(&list(&discarded(record)));
    let failures = failures(record);
    inside.push_str(&heading("Failures"));
    inside.push_str(&match failures.is_empty() {
        true => paragraph("", "None."),
        false => table(&["Tried", "Why not", "What would help"], &failures),
    });
    let missing = not_measurable(view);
    if !missing.is_empty() {
        inside.push_str(&heading("Not measurable here, and why"));
        inside.push_str(&list(&missing));
    }
    section("trust", "Can these figures be trusted?", &inside)
}

fn controls(view: &View) -> String {
    if view.judged.controls.is_empty() {
        return paragraph(
            "",
            "This run has no A/A comparison, so no comparison in it gets a verdict.",
        );
    }
    let rows: Vec<Vec<String>> = view.judged.controls.iter().map(|c| control(view, c)).collect();
    table(
        &[
            "Comparison",
            "Arm",
            "=Ratio (95 % interval)",
            "#Farthest from 1",
            "=Cycles per switch",
            "#Launches",
            "#Pairs",
            "±5 %",
        ],
        &rows,
    )
}

fn control(view: &View, control: &Control) -> Vec<String> {
    let Some(evidence) = view.evidence(&control.id) else { return Vec::new() };
    let dash = || "-".to_owned();
    let failed = view.record.cell(&control.id).and_then(|cell| match &cell.stop {
        crate::record::Stop::Failed(failure) => Some(failure.to_string()),
        _ => None,
    });
    let switches = [Question::Switching, Question::Tlb];
    let difference = switches
        .iter()
        .any(|question| control.id.question() == question.name())
        .then(|| claim::figure(Estimand::ExtraCycles, evidence, view.record))
        .flatten();
    let outcome = match (control.passed(), failed) {
        (true, _) => "passed".to_owned(),
        (false, Some(failure)) => format!("failed: {failure}"),
        (false, None) => "failed: no ratio of this run is judged".to_owned(),
    };
    vec![
        escape(&control.id.to_string()),
        arm(view.record, &evidence.a.arm),
        evidence.ratio.map_or_else(dash, |ratio| Unit::Times.format_interval(ratio)),
        evidence.ratio.map_or_else(dash, |ratio| words::percent(ratio.farthest_from(1.0))),
        difference.map_or_else(dash, |cycles| Unit::Cycles.format_interval(cycles)),
        evidence.launches.to_string(),
        evidence.pairs.to_string(),
        escape(&outcome),
    ]
}

fn checks(record: &Record) -> String {
    if record.checks.is_empty() {
        return paragraph("", "This run made none.");
    }
    let row = |check: &Check| {
        let figure = match check.figure {
            Some(figure) => format!("{} {}", significant(figure), check.unit),
            None => "-".to_owned(),
        };
        vec![
            escape(&check.id),
            escape(&figure),
            text("b", "", outcome(check.outcome)),
            escape(&check.detail),
        ]
    };
    let rows: Vec<Vec<String>> = record.checks.iter().map(row).collect();
    table(&["Check", "#Figure", "Outcome", "What follows"], &rows)
}

fn outcome(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Passed => "passed",
        CheckOutcome::Failed => "failed",
        CheckOutcome::NotMeasurable => "not measurable here",
        CheckOutcome::Informative => "for information",
    }
}

/// How many pairs there are, how many were discarded, how long a stretch under `SCHED_FIFO` was at
/// most.
fn samples(record: &Record) -> String {
    let pairs = || record.cells.iter().flat_map(|cell| &cell.launches).flat_map(|l| &l.pairs);
    let (all, lost) = (pairs().count(), pairs().filter(|pair| pair.discarded.is_some()).count());
    let stretch = pairs().flat_map(|p| [p.a.fifo_stretch_ns, p.b.fifo_stretch_ns]).max();
    let share = words::percent(lost as f64 / all.max(1) as f64);
    let mut sentence = match all {
        0 => "No pairs.".to_owned(),
        _ => format!("{}, of which {lost} ({share}) were discarded.", words::plural(all, "pair")),
    };
    if let Some(ns) = stretch.filter(|ns| *ns > 0) {
        let longest = words::time(ns as f64);
        sentence.push_str(&format!(" The longest stretch under SCHED_FIFO took {longest}."));
    }
    sentence
}

/// Why pairs were discarded: each reason once, with how often.
fn discarded(record: &Record) -> Vec<String> {
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    let pairs = record.cells.iter().flat_map(|cell| &cell.launches).flat_map(|l| &l.pairs);
    for reason in pairs.filter_map(|pair| pair.discarded.as_deref()) {
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    reasons.iter().map(|(reason, count)| escape(&format!("{count} times: {reason}"))).collect()
}

fn failures(record: &Record) -> Vec<Vec<String>> {
    words::failures(record)
        .iter()
        .map(|(cell, failure)| {
            let tried = match cell.is_empty() {
                true => failure.tried.clone(),
                false => format!("{cell}: {}", failure.tried),
            };
            let why = match failure.errno {
                Some(errno) => format!("{} (errno {errno})", failure.why),
                None => failure.why.clone(),
            };
            let remedy = failure.remedy.clone().unwrap_or_else(|| "-".to_owned());
            [tried, why, remedy].map(|words| escape(&words)).to_vec()
        })
        .collect()
}

/// What could not be measured, each reason once, with what keeps it and what would help.
fn not_measurable(view: &View) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let mut note = |name: String, reason| match reasons.iter_mut().find(|(r, _)| *r == reason) {
        Some((_, names)) if names.contains(&name) => {}
        Some((_, names)) => names.push(name),
        None => reasons.push((reason, vec![name])),
    };
    for claim in &view.judged.claims {
        let many = series::many(claim.cells.len());
        for cell in claim.cells.iter().filter(|c| c.verdict == CellVerdict::NotMeasurable) {
            let name = if many { &cell.series } else { &cell.title };
            note(format!("{} {name}", claim.claim.id), cell.reason.as_str());
        }
    }
    for check in view.record.checks.iter().filter(|c| c.outcome == CheckOutcome::NotMeasurable) {
        note(check.id.clone(), check.detail.as_str());
    }
    let mut items: Vec<String> = reasons
        .iter()
        .map(|(reason, names)| format!("{}: {}", text("b", "", &names.join(", ")), escape(reason)))
        .collect();
    let counters = counters::missing(view.record).len();
    if counters > 0 {
        let reasons = words::plural(counters, "reason");
        items.push(format!("Counters: {reasons}, in <a href=\"#counters\">the counting pass</a>"));
    }
    items
}
