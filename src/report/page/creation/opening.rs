//! The answer in plain words: what a life costs, what decides a fork, and where it breaks even.

use super::slopes::{of_two, over, unit};
use super::{View, look, races};
use crate::claim::stated;
use crate::question::creation::evidence::{Creation, Flat, Race, Sweep};
use crate::question::creation::plan::{Axis, RACES, Rival, way};
use crate::record::{Placement, Record};
use crate::report::html::paragraph;
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let creation = &view.creation;
    let sentences = [Some(lives(view)), Some(memory(creation)), flat(view), even(creation)];
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    paragraph("lead", &stated(&sentences.join(" "), view.record))
}

/// A thread, a fork and an exec, of the comparisons that a quick run has too.
fn lives(view: &View) -> String {
    let time = |name, second: bool| {
        let evidence = view.evidence(&way(name, 0))?;
        let arm = if second { &evidence.b } else { &evidence.a };
        Some(words::time(arm.time_ns?.estimate).replace(' ', "\u{a0}"))
    };
    let all = [
        ("a thread", time("fork", false)),
        ("a forked process", time("fork", true)),
        ("a process that runs a tiny program without a C library", time("fork-exec-tiny", true)),
        ("one that runs a dynamic program", time("fork-exec-dynamic", true)),
    ];
    let known = all.iter().filter_map(|(what, time)| Some(format!("{what} {}", time.as_ref()?)));
    let known: Vec<String> = known.collect();
    let missing: Vec<&str> =
        all.iter().filter(|(_, time)| time.is_none()).map(|(what, _)| *what).collect();
    let gap = format!("Not measured: the life of {}.", missing.join(", "));
    match (known.is_empty(), missing.is_empty()) {
        (true, _) => gap,
        (_, none) => {
            let known = format!(
                "In a small parent a life takes here, from the call to its end: {}.",
                known.join(", ")
            );
            if none { known } else { format!("{known} {gap}") }
        }
    }
}

/// What the parent's memory adds to a fork.
fn memory(creation: &Creation) -> String {
    let sweep = |axis| creation.sweeps.iter().find(|sweep| sweep.axis == axis);
    let unknown = "What the memory of its parent adds to a fork";
    let Some(memory) = sweep(Axis::Memory) else { return format!("{unknown} was not measured.") };
    let slope = match &memory.fork {
        Ok(slope) => slope,
        Err(why) => return format!("{unknown} is not known: {why}."),
    };
    let per_entry = words::time(slope.ns_per_unit.estimate);
    let entry = format!("{}{}", unit(Axis::Memory), of_two(slope));
    if slope.ns_per_unit.low <= 0.0 {
        return format!(
            "That the memory of its parent adds to a fork does not show: {per_entry} for each \
             {entry}."
        );
    }
    let mut said =
        format!("The memory of its parent decides what a fork costs: {per_entry} for each {entry}");
    said.push_str(&millisecond(memory).map_or(String::new(), |words| format!("; {words}")));
    if let Some(huge) = sweep(Axis::HugeMemory).filter(|huge| huge.fork.is_ok()) {
        let crossing = millisecond(huge).map_or(String::new(), |words| format!(": {words}"));
        said.push_str(&format!(". In huge pages there are fewer entries{crossing}"));
    }
    said + "."
}

/// Where a fork crosses a millisecond, of what was measured.
fn millisecond(sweep: &Sweep) -> Option<String> {
    if let Some(at) = sweep.one_ms_at {
        return Some(format!("it crosses a millisecond at {}", over(sweep.axis, at)));
    }
    let most = sweep.points.iter().rfind(|point| point.sound)?;
    if most.fork_ns.high >= 1e6 {
        return None;
    }
    let time = words::time(most.fork_ns.estimate);
    Some(format!("it stays below a millisecond, at {} MiB {time}", most.at))
}

/// What is flat, and what is not.
fn flat(view: &View) -> Option<String> {
    let creation = &view.creation;
    let of = |wanted: Option<bool>, unchanged: bool| {
        let alike = |flat: &&Flat| wanted.is_some() || flat.unchanged() == unchanged;
        let found = creation.flats.iter().filter(|flat| flat.flat == wanted).filter(alike);
        let names: Vec<&str> =
            found.map(|flat: &Flat| short(view.record, flat.primitive)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let said = [
        of(Some(true), true).map(|names| format!("Flat whatever the parent holds: {names}.")),
        of(Some(false), false).map(|names| format!("Not flat, though nothing is copied: {names}.")),
        of(None, true).map(|names| format!("No change is seen, in wide intervals, for: {names}.")),
        of(None, false).map(|names| format!("Whether it is flat is not settled for: {names}.")),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// A name up to its first comma.
fn short<'r>(record: &'r Record, primitive: &'r str) -> &'r str {
    look::name(record, primitive).split(',').next().unwrap_or(primitive)
}

/// Where a fork and a fresh pool break even on one core; the other races stand below.
fn even(creation: &Creation) -> Option<String> {
    let races = creation.races.iter().filter(|race| {
        let plain = |(name, rival, _, placement): &(&str, Rival, u64, Placement)| {
            *name == race.name && (*rival, *placement) == (Rival::Working, Placement::SameCore)
        };
        !race.points.is_empty() && RACES.iter().any(plain)
    });
    let parts: Vec<String> = races
        .map(|race: &Race| format!("{} ({})", races::wins(race), races::title(race.name)))
        .collect();
    (!parts.is_empty())
        .then(|| format!("Against building a pool of threads a fork {}.", parts.join("; it ")))
}
