//! The counting pass: what each arm did, and what could not be counted and why.

use super::{View, heading, section};
use crate::claim::significant;
use crate::record::{Count, Modes, Outcome, Reading, Record};
use crate::report::html::{arm, escape, list, paragraph, table, text};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    if record.counts.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = record
        .counts
        .iter()
        .flat_map(|count| {
            let counted = count.readings.iter().filter_map(|reading| row(count, reading));
            std::iter::once(switches(count)).chain(counted)
        })
        .collect();
    let head = ["Arm", "Event", "Modes", "#Per operation", "#Per switch"];
    let mut inside = paragraph(
        "",
        "Counted in a pass of its own, never while timing: counters change what they count. The \
         figure behind an arm's name is the time per operation with counters over that without.",
    );
    inside.push_str(&table(&head, &rows));
    let missing = missing(record);
    if !missing.is_empty() {
        inside.push_str(&heading("Not counted, and why"));
        inside.push_str(&list(&missing));
    }
    let meanings = meanings(record);
    if !meanings.is_empty() {
        inside.push_str(&heading("What the events mean here"));
        inside.push_str(&list(&meanings));
    }
    section("counters", "The counting pass", &inside)
}

/// The head of an arm: its switches, which come from rusage and not from a counter.
fn switches(count: &Count) -> Vec<String> {
    let disturbed = match count.disturbance {
        Some(factor) => format!(" ×{}", significant(factor)),
        None => String::new(),
    };
    let per_op = (count.ops > 0).then(|| count.switches as f64 / count.ops as f64);
    vec![
        format!("{}{}", arm(&count.arm), escape(&disturbed)),
        escape("context switches (rusage)"),
        "-".to_owned(),
        per_op.map_or("-".to_owned(), words::count),
        "-".to_owned(),
    ]
}

fn row(count: &Count, reading: &Reading) -> Option<Vec<String>> {
    let Outcome::Counted { running_share, .. } = reading.outcome else { return None };
    let (event, modes) = (&reading.event, reading.modes);
    let estimated = match running_share < 1.0 {
        true => format!(" (estimated: ran {} of the time)", words::percent(running_share)),
        false => String::new(),
    };
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), words::count);
    Some(vec![
        String::new(),
        escape(&format!("{event}{estimated}")),
        escape(named(modes)),
        figure(count.per_op(event, modes)),
        figure(count.per_switch(event, modes)),
    ])
}

fn named(modes: Modes) -> &'static str {
    match modes {
        Modes::User => "user",
        Modes::UserKernel => "user+kernel",
    }
}

/// Each reason once, with the events and the arms that it keeps from being counted.
pub(super) fn missing(record: &Record) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>, Vec<String>)> = Vec::new();
    for count in &record.counts {
        for reading in &count.readings {
            let Outcome::Missing { reason } = &reading.outcome else { continue };
            if !reasons.iter().any(|(known, ..)| known == reason) {
                reasons.push((reason, Vec::new(), Vec::new()));
            }
            let Some(entry) = reasons.iter_mut().find(|(known, ..)| known == reason) else {
                continue;
            };
            push_new(&mut entry.1, format!("{} ({})", reading.event, named(reading.modes)));
            push_new(&mut entry.2, count.arm.to_string());
        }
    }
    reasons
        .iter()
        .map(|(reason, events, arms)| {
            let arms = match arms.len() == record.counts.len() {
                true => "every arm".to_owned(),
                false => arms.join(", "),
            };
            format!(
                "{}: {}; in {}",
                text("b", "", &events.join(", ")),
                escape(reason),
                escape(&arms)
            )
        })
        .collect()
}

fn meanings(record: &Record) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for reading in record.counts.iter().flat_map(|count| &count.readings) {
        if !reading.meaning.is_empty() {
            let meaning =
                format!("{}: {}", text("b", "", &reading.event), escape(&reading.meaning));
            push_new(&mut known, meaning);
        }
    }
    known
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}
