//! The counting pass: what each arm did, and what could not be counted and why.

mod rings;

use super::{View, heading, section};
use crate::claim::significant;
use crate::record::{Arm, Count, Description, Modes, Outcome, Record};
use crate::report::html::{arm, escape, list, paragraph, table, text};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let record = view.record;
    if record.counts.is_empty() {
        return String::new();
    }
    let mut inside = paragraph(
        "",
        "Counted in a pass of its own, never while timing: counters change what they count. Each \
         arm is counted with the kernel and, in another lab, without it.",
    );
    let missing = missing(record);
    if !missing.is_empty() {
        inside.push_str(&heading("Not counted, and why"));
        inside.push_str(&list(&missing));
    }
    inside.push_str(&heading("Counted"));
    inside.push_str(&counted(record));
    inside.push_str(&rings::html(record));
    let meanings = meanings(record);
    if !meanings.is_empty() {
        inside.push_str(&heading("What the events mean here"));
        inside.push_str(&list(&meanings));
    }
    section("counters", "The counting pass", &inside)
}

/// A row per arm and modes, a column per event that was counted anywhere.
fn counted(record: &Record) -> String {
    let plain = || record.counts.iter().filter(|count| !rings::is_ring(count));
    if plain().next().is_none() {
        return String::new();
    }
    let events = events(plain());
    let mut head = vec!["Arm", "Modes", "#Operations", "#Slowed", "#Switches (rusage)"];
    let titles: Vec<String> = events.iter().map(|event| format!("#{event}")).collect();
    head.extend(titles.iter().map(String::as_str));
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let mut counts = plain().filter(|count| Kind::of(record, count) == kind).peekable();
        if counts.peek().is_some() {
            rows.push(vec![escape(kind.title())]);
        }
        let mut last = None;
        for count in counts {
            for modes in covered(count) {
                let repeated = last.replace(&count.arm) == Some(&count.arm);
                rows.push(row(record, count, modes, &events, repeated));
            }
        }
    }
    let note = "Arms run on one core under SCHED_OTHER in a small lab where they say nothing else; \
                pages are those that each actor reads per turn. Slowed: time per operation with \
                counters over that without. Switches: voluntary and involuntary, of all actors, \
                from rusage and not from a counter. 0 per operation is 0 per switch too. ~ is an \
                estimate, of a counter that ran for the share of the time below it; - was not \
                asked in these modes, or is missing for a reason above.";
    table(&head, &rows) + &paragraph("note", note)
}

/// What an operation of an arm does, as far as its counts are read differently.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Creation,
    HandOver,
    Alone,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Creation, Kind::HandOver, Kind::Alone];

    fn of(record: &Record, count: &Count) -> Self {
        match record.primitive(&count.arm.primitive) {
            Some(known) if known.work.creates() => Kind::Creation,
            Some(known) if known.hands_over() => Kind::HandOver,
            _ => Kind::Alone,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::Creation => "Creating an actor, per operation",
            Kind::HandOver => "To a partner and back, per operation and below it per switch",
            Kind::Alone => "Without a partner, per operation",
        }
    }
}

/// The events that some arm counted, each once.
fn events<'r>(counts: impl Iterator<Item = &'r Count>) -> Vec<String> {
    let mut events = Vec::new();
    for reading in counts.flat_map(|count| &count.readings) {
        if matches!(reading.outcome, Outcome::Counted { .. }) {
            push_new(&mut events, reading.event.clone());
        }
    }
    events
}

/// The modes that an arm was counted in; `None` where nothing was asked.
fn covered(count: &Count) -> Vec<Option<Modes>> {
    let mut modes = Vec::new();
    count.readings.iter().for_each(|reading| push_new(&mut modes, Some(reading.modes)));
    if modes.is_empty() { vec![None] } else { modes }
}

fn row(
    record: &Record,
    count: &Count,
    modes: Option<Modes>,
    events: &[String],
    repeated: bool,
) -> Vec<String> {
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), words::count);
    let per_op = (count.ops > 0).then(|| count.switches as f64 / count.ops as f64);
    let slowed = count.disturbance.map_or("-".to_owned(), |by| format!("×{}", significant(by)));
    let mut cells = vec![
        if repeated { String::new() } else { arm(record, &count.arm) },
        modes.map_or("-", named).to_owned(),
        words::whole(count.ops),
        escape(&slowed),
        figure(per_op),
    ];
    cells.extend(events.iter().map(|event| cell(record, count, event, modes)));
    cells
}

fn cell(record: &Record, count: &Count, event: &str, modes: Option<Modes>) -> String {
    let Some(reading) = modes.and_then(|modes| count.reading(event, modes)) else {
        return "-".to_owned();
    };
    let Outcome::Counted { running_share, .. } = reading.outcome else { return "-".to_owned() };
    let figure = |value: Option<f64>| value.map_or("-".to_owned(), words::count);
    let estimated = running_share < 1.0;
    let per_op = count.per_op(event, reading.modes);
    let mut lines = figure(per_op);
    if estimated {
        lines.insert(0, '~');
    }
    // No event per operation is none per switch.
    if record.primitive(&count.arm.primitive).is_some_and(Description::hands_over)
        && per_op != Some(0.0)
    {
        let per_switch = figure(count.per_switch(event, reading.modes));
        lines.push_str(&format!("<br>{}", text("span", "soft", &per_switch)));
    }
    if estimated {
        let share = format!("ran {}", words::percent(running_share));
        lines.push_str(&format!("<br>{}", text("span", "soft", &share)));
    }
    lines
}

fn named(modes: Modes) -> &'static str {
    match modes {
        Modes::User => "user",
        Modes::UserKernel => "user+kernel",
    }
}

/// Each reason once, with the events and the arms that it keeps from being counted.
pub(super) fn missing(record: &Record) -> Vec<String> {
    let mut reasons: Vec<Missing> = Vec::new();
    for count in &record.counts {
        for reading in &count.readings {
            let Outcome::Missing { reason } = &reading.outcome else { continue };
            let known = reasons.iter().position(|known| known.reason == reason);
            let at = known.unwrap_or_else(|| {
                reasons.push(Missing { reason, events: Vec::new(), arms: Vec::new() });
                reasons.len() - 1
            });
            push_new(&mut reasons[at].events, (&reading.event, reading.modes));
            push_new(&mut reasons[at].arms, &count.arm);
        }
    }
    let mut all: Vec<&Arm> = Vec::new();
    record.counts.iter().for_each(|count| push_new(&mut all, &count.arm));
    reasons.iter().map(|missing| missing.html(all.len())).collect()
}

/// More arms than this are not named one by one.
const MOST_ARMS: usize = 8;

/// What one reason keeps from being counted.
struct Missing<'r> {
    reason: &'r str,
    events: Vec<(&'r String, Modes)>,
    arms: Vec<&'r Arm>,
}

impl Missing<'_> {
    fn html(&self, all_arms: usize) -> String {
        let mut events = Vec::new();
        for (event, modes) in &self.events {
            let both = self.events.iter().filter(|(other, _)| other == event).count() > 1;
            push_new(
                &mut events,
                match both {
                    true => (*event).clone(),
                    false => format!("{event} ({})", named(*modes)),
                },
            );
        }
        let arms: Vec<String> = match self.arms.len() {
            count if count == all_arms => vec!["every arm".to_owned()],
            count if count > MOST_ARMS => vec![format!("{count} of {all_arms} arms")],
            _ => self.arms.iter().map(|arm| arm.to_string()).collect(),
        };
        let (events, reason) = (text("b", "", &events.join(", ")), escape(self.reason));
        format!("{events}: {reason}; in {}", escape(&arms.join(", ")))
    }
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

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
