//! What each thing that a parent holds adds to a fork, and what adds nothing.

use super::{View, look, unmeasured};
use crate::claim::significant;
use crate::question::creation::evidence::{Flat, Slope, Sweep};
use crate::question::creation::plan::Axis;
use crate::record::Record;
use crate::report::html::{escape, paragraph, table, text};
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let creation = &view.creation;
    let missing = creation.sweeps.iter().flat_map(|sweep| {
        sweep.missing.iter().map(|(at, reason)| (label(sweep.axis, *at), reason.clone()))
    });
    slopes(&creation.sweeps) + &unmeasured::reasons(missing) + &flats(view.record, &creation.flats)
}

/// A parent at a point of an axis.
pub(super) fn label(axis: Axis, at: u32) -> String {
    match axis {
        _ if at == 0 => "small parent".to_owned(),
        Axis::Memory => format!("{at}\u{a0}MiB in base pages"),
        Axis::HugeMemory => format!("{at}\u{a0}MiB in huge pages"),
        Axis::Mappings | Axis::Descriptors | Axis::Threads => format!("{at}\u{a0}{}", axis.name()),
    }
}

/// What a unit of the slope is.
pub(super) fn unit(axis: Axis) -> &'static str {
    match axis {
        Axis::Memory => "page-table entry of a base page",
        Axis::HugeMemory => "page-table entry of a huge page",
        Axis::Mappings => "mapping",
        Axis::Descriptors => "descriptor",
        Axis::Threads => "idle thread's stack",
    }
}

fn slopes(sweeps: &[Sweep]) -> String {
    let row = |sweep: &Sweep| {
        let fork = sweep.fork.as_ref().ok()?;
        let at_nothing = crate::report::words::time(fork.base_ns);
        let per_unit = |slope: &Slope| look::time(Some(slope.ns_per_unit));
        Some(vec![
            escape(&format!("{}{}", unit(sweep.axis), of_two(fork))),
            escape(&per_unit(fork)),
            escape(&at_nothing),
            escape(&fork.correlation.map_or("-".to_owned(), significant)),
            escape(&sweep.thread.as_ref().map_or("-".to_owned(), per_unit)),
            escape(&crossing(sweep)),
        ])
    };
    let rows: Vec<Vec<String>> = sweeps.iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "For each",
        "=A fork costs more (95 % interval)",
        "#At nothing",
        "#R",
        "=A pthread costs more",
        "A fork takes 1 ms at",
    ];
    let note = "A slope is the median of those between all pairs of points (Theil and Sen), R the \
                correlation of the points with the line. Nothing is said beyond the largest parent \
                that was measured. Fork copies no thread but the calling one: what an idle thread \
                adds is its stack, a touched page and its page table. A mapping has one touched \
                page.";
    table(&head, &rows) + &paragraph("note", note)
}

/// A line through two points is no more than their difference.
pub(super) fn of_two(slope: &Slope) -> &'static str {
    if slope.correlation.is_none() { " (two points)" } else { "" }
}

/// Where a fork crosses a millisecond; measured, never extrapolated.
fn crossing(sweep: &Sweep) -> String {
    if let Some(at) = sweep.one_ms_at {
        return over(sweep.axis, at);
    }
    let sound = || sweep.points.iter().filter(|point| point.sound);
    match (sound().next(), sound().next_back()) {
        (Some(first), _) if first.fork_ns.low > 1e6 => "less than was measured".to_owned(),
        (_, Some(last)) if last.fork_ns.high < 1e6 => {
            format!("not up to {}", label(sweep.axis, last.at))
        }
        _ => "not settled by the points".to_owned(),
    }
}

/// A place on an axis with its interval.
pub(super) fn over(axis: Axis, at: Interval) -> String {
    let [place, low, high] = [at.estimate, at.low, at.high].map(significant);
    let unit = match axis {
        Axis::Memory | Axis::HugeMemory => "MiB",
        Axis::Mappings | Axis::Descriptors | Axis::Threads => axis.name(),
    };
    format!("{place} {unit} [{low}, {high}]")
}

fn flats(record: &Record, flats: &[Flat]) -> String {
    let mut rows = Vec::new();
    for flat in flats.iter().filter(|flat| !flat.points.is_empty()) {
        let verdict = match flat.flat {
            Some(true) => text("b", "", "flat") + ": the same in every parent",
            Some(false) => text("b", "", "not flat"),
            None if flat.unchanged() => text("b", "", "no change seen") + ", in a wide interval",
            None => text("b", "", "not settled"),
        };
        for (index, (mebibytes, small, big, ratio)) in flat.points.iter().enumerate() {
            let name = look::coloured(record, flat.primitive, look::name(record, flat.primitive));
            rows.push(vec![
                if index == 0 { name } else { String::new() },
                mebibytes.to_string(),
                escape(&look::time(Some(*small))),
                escape(&look::time(Some(*big))),
                escape(&look::times(Some(*ratio))),
                if index == 0 { verdict.clone() } else { String::new() },
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = [
        "What copies no address space",
        "#MiB",
        "=Small parent (95 % interval)",
        "=Parent of this size",
        "=Ratio, in pairs",
        "Whatever the parent holds",
    ];
    let note = "Flat: all ratios are within a tenth of 1, with their intervals. Not flat: one is \
                certainly beyond. Sizes that are missing here were not measured.";
    table(&head, &rows) + &paragraph("note", note)
}
