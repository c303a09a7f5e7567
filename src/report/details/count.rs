//! Criterion's benchmarks and the counting pass.

use super::{Part, or_dash, side, tally, whole};
use crate::claim::{Unit, significant};
use crate::record::{Bench, Count, Description, Modes, Outcome, Reading, Record};
use crate::report::words::{self, count, percent};
use crate::stats;

pub(super) fn parts(record: &Record) -> Vec<Part> {
    vec![benches(record), counts(record), missing(record), meanings(record)]
}

/// Unit of the benchmarks of memory.
const BYTES: &str = "bytes";

fn benches(record: &Record) -> Part {
    let row = |bench: &Bench| {
        let samples = bench.iterations.iter().zip(&bench.measured);
        let means: Vec<f64> = samples
            .filter(|(iterations, _)| **iterations > 0)
            .map(|(iterations, total)| total / *iterations as f64)
            .collect();
        let value = |value: f64| match bench.unit.as_str() {
            "ns" => words::time(value),
            BYTES => Unit::Bytes.format(value),
            unit => format!("{} {unit}", count(value)),
        };
        let at = |share: f64| or_dash(stats::quantile(&means, share), value);
        vec![
            bench.id.clone(),
            side(&bench.arm),
            or_dash(stats::median(&means), value),
            at(0.05),
            at(0.95),
            bench.iterations.len().to_string(),
            super::span(bench.iterations.iter().copied(), super::counted),
            words::lab(&bench.lab),
        ]
    };
    let rows = record.benches.iter().map(row).collect();
    let head = "Benchmark | What runs | Median | 5 % | 95 % | Samples | Iterations of a \
                sample | Benchmark process";
    let part = Part::new("benchmarks", "Criterion's benchmarks", head, rows);
    Part { note: super::run::criterion(record), ..part }
}

fn named(modes: Modes) -> &'static str {
    match modes {
        Modes::User => "user",
        Modes::UserKernel => "user+kernel",
    }
}

fn readings(record: &Record) -> impl Iterator<Item = &Reading> {
    record.counts.iter().flat_map(|count| &count.readings)
}

/// A column for each event in each mode that was counted anywhere.
fn counts(record: &Record) -> Part {
    let counted = |reading: &&Reading| matches!(reading.outcome, Outcome::Counted { .. });
    let events = tally(readings(record).filter(counted).map(|r| (r.event.as_str(), r.modes)));
    let row = |counted: &Count| {
        let known = record.primitive(&counted.arm.primitive);
        let switched = known.is_some_and(Description::hands_over);
        let cell = |((event, modes), _): &((&str, Modes), usize)| {
            let per_op = or_dash(counted.per_op(event, *modes), count);
            let per_switch =
                counted.per_switch(event, *modes).filter(|per| switched && *per != 0.0);
            let per_switch = per_switch.map_or(String::new(), |per| format!(" ({})", count(per)));
            let share = match counted.reading(event, *modes).map(|reading| &reading.outcome) {
                Some(Outcome::Counted { running_share, .. }) if *running_share < 1.0 => {
                    format!(", counter ran {}", percent(*running_share))
                }
                _ => String::new(),
            };
            format!("{per_op}{per_switch}{share}")
        };
        let switches = (counted.ops > 0).then(|| counted.switches as f64 / counted.ops as f64);
        let fixed = [
            side(&counted.arm),
            counted.launch.to_string(),
            whole(counted.ops),
            or_dash(counted.disturbance, |by| format!("{}×", significant(by))),
            or_dash(switches, count),
        ];
        fixed.into_iter().chain(events.iter().map(cell)).collect()
    };
    let rows = record.counts.iter().map(row).collect();
    let head = "What runs | Launch | Operations | Slowed by counting | Switches";
    let note = "Counted in a pass of its own, never while timing. Per operation and, where an \
                operation switches to a partner and back, per switch in brackets.";
    let mut part = Part::new("counters", "Counting pass", head, rows).noted(note);
    let events = events.iter().map(|((event, modes), _)| format!("{event} ({})", named(*modes)));
    part.table.head.extend(events);
    part
}

fn missing(record: &Record) -> Part {
    let missed = readings(record).filter_map(|reading| match &reading.outcome {
        Outcome::Missing { reason } => Some((reason.as_str(), &*reading.event, reading.modes)),
        Outcome::Counted { .. } => None,
    });
    let rows = tally(missed).into_iter().map(|((reason, event, modes), count)| {
        vec![format!("{event} ({})", named(modes)), count.to_string(), reason.to_owned()]
    });
    let head = "Event | Counts without it | Reason";
    Part::new("not-counted", "Not counted", head, rows.collect())
}

fn meanings(record: &Record) -> Part {
    let known = readings(record).filter(|reading| !reading.meaning.is_empty());
    let known = tally(known.map(|reading| (&reading.event, &reading.meaning)));
    let rows = known.into_iter().map(|((event, meaning), _)| vec![event.clone(), meaning.clone()]);
    Part::new("events", "Events", "Event | Meaning on this machine", rows.collect())
}
