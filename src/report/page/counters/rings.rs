//! The rings of the counting pass: many arms, each in several launches that are never averaged.

use super::{covered, events, named, push_new};
use crate::record::{Arm, Count, Modes, Outcome, Record};
use crate::report::html::{escape, hue, paragraph, table, text};
use crate::report::words;

/// Is it counted in launches that may differ for good?
pub(super) fn is_ring(count: &Count) -> bool {
    count.arm.actors > 0
}

/// A table to be opened: a row per ring and modes, its launches together.
pub(super) fn html(record: &Record) -> String {
    let counts: Vec<&Count> = record.counts.iter().filter(|count| is_ring(count)).collect();
    let mut rings: Vec<(&Arm, Option<Modes>)> = Vec::new();
    for count in &counts {
        covered(count).into_iter().for_each(|modes| push_new(&mut rings, (&count.arm, modes)));
    }
    rings.sort_by_key(|(ring, _)| (&ring.primitive, ring.pages, ring.actors));
    if rings.is_empty() {
        return String::new();
    }
    let events = events(counts.iter().copied());
    let mut head = vec!["Ring", "Modes", "#Launches", "#Slowed", "#Switches per lap"];
    let titles: Vec<String> = events.iter().map(|event| format!("#{event}")).collect();
    head.extend(titles.iter().map(String::as_str));
    let mut rows = Vec::new();
    let mut last: Option<&Arm> = None;
    for (ring, modes) in rings {
        if last.map(|arm| &arm.primitive) != Some(&ring.primitive) {
            rows.push(vec![escape(&ring.primitive)]);
        }
        let repeated = last.replace(ring) == Some(ring);
        let launches: Vec<&Count> = counts
            .iter()
            .copied()
            .filter(|count| count.arm == *ring && covered(count).contains(&modes))
            .collect();
        rows.push(row(record, ring, modes, &launches, &events, repeated));
    }
    let note = "Events per switch, not per lap. Of several launches the least to the most: they \
                may differ for good, and their average would be the figure of none.";
    let rings = words::plural(counts.len(), "launch");
    format!(
        "<details class=\"method\">\n<summary>Rings, per switch: \
         {rings}</summary>\n{}{}</details>\n",
        table(&head, &rows),
        paragraph("note", note)
    )
}

fn row(
    record: &Record,
    ring: &Arm,
    modes: Option<Modes>,
    launches: &[&Count],
    events: &[String],
    repeated: bool,
) -> Vec<String> {
    let span = |figure: &dyn Fn(&Count) -> Option<f64>| {
        let figures = launches.iter().filter_map(|count| figure(count));
        words::span(figures, short).unwrap_or_else(|| "-".to_owned())
    };
    // The primitive stands in the heading above.
    let name = || {
        text(
            "span",
            &format!("whole {}", hue(record.actor(&ring.primitive))),
            &words::conditions(ring).join(", "),
        )
    };
    let mut cells = vec![
        if repeated { String::new() } else { name() },
        modes.map_or("-", named).to_owned(),
        launches.len().to_string(),
        escape(&format!("×{}", span(&|count| count.disturbance))),
        escape(&span(&|count| (count.ops > 0).then(|| count.switches as f64 / count.ops as f64))),
    ];
    cells.extend(events.iter().map(|event| {
        let per_switch = |count: &Count| count.per_switch(event, modes?);
        let estimated = launches.iter().any(|count| {
            let reading = modes.and_then(|modes| count.reading(event, modes));
            matches!(reading.map(|r| &r.outcome),
                Some(Outcome::Counted { running_share, .. }) if *running_share < 1.0)
        });
        escape(&format!("{}{}", if estimated { "~" } else { "" }, span(&per_switch)))
    }));
    cells
}

/// A count per switch; next to nothing is said to be so, not measured to the last digit.
fn short(value: f64) -> String {
    if value > 0.0 && value < 0.001 { "<0.001".to_owned() } else { words::count(value) }
}
