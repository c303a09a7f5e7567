//! Ten threads and ten processes that count.

use super::View;
use crate::claim::Unit;
use crate::question::contention::drill::{Drill, Point};
use crate::question::contention::plan::DRILL_WORKERS;
use crate::question::memory::evidence::{DrillMemory, DrillPeak};
use crate::report::html::{escape, paragraph, table, text};
use crate::report::plot::{Line, Look, Panel, Plot, Series, Shape};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let (drill, kept) = (&view.drill, memory(&view.memory.drill));
    if drill.is_empty() && kept.is_empty() {
        return String::new();
    }
    paragraph("", &method())
        + &chart(drill)
        + &figures(drill)
        + &atomic(drill, view.record.machine.cpus.len())
        + &kept
}

fn method() -> String {
    format!(
        "{DRILL_WORKERS} workers are created one after the other; each counts to a number in a \
         counter of its own, and their creator sums what they have counted: threads are joined, \
         forked processes tell through pipes and are reaped. The scheduler places them."
    )
}

const THREADS: Look = Look { hue: "thread", shape: Shape::Square, line: Line::Solid, filled: true };
const PROCESSES: Look =
    Look { hue: "process", shape: Shape::Circle, line: Line::Dashed, filled: true };
const SHARED: Look = Look { hue: "thread", shape: Shape::Diamond, line: Line::None, filled: false };

/// Wall time over the length of the loop.
fn chart(drill: &Drill) -> String {
    if drill.points.is_empty() {
        return String::new();
    }
    let points = |pick: fn(&Point) -> Interval| {
        drill.points.iter().map(|point| (point.turns as f64, Some(pick(point)))).collect()
    };
    let series = |name: &str, look, points: Vec<(f64, Option<Interval>)>| Series {
        name: name.to_owned(),
        look,
        points,
        hollow: Vec::new(),
    };
    let mut all = vec![
        series("threads", THREADS, points(|point| point.threads_ns)),
        series("processes", PROCESSES, points(|point| point.processes_ns)),
    ];
    all.extend(drill.atomic.map(|atomic| {
        series("threads, one counter", SHARED, vec![(atomic.turns as f64, Some(atomic.shared_ns))])
    }));
    let figures = all.iter().flat_map(|series| &series.points).filter_map(|(_, figure)| *figure);
    let ends: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).collect();
    let y = Scale::fitting(true, &ends);
    let turns: Vec<f64> = drill.points.iter().map(|point| point.turns as f64).collect();
    Plot {
        label: "Chart: wall time of the drill over the length of the loop; its figures are in the \
                table below",
        x_name: "turns of each worker's loop, logarithmic",
        x: Scale::fitting(true, &turns),
        x_ticks: drill.points.iter().map(|p| (p.turns as f64, words::whole(p.turns))).collect(),
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels: vec![Panel {
            y_name: "wall time, logarithmic".to_owned(),
            height: 200,
            y_ticks: y.ticks(),
            y,
            unit: Unit::Nanoseconds,
            band: None,
            levels: Vec::new(),
            series: all,
        }],
    }
    .html()
}

fn time(ns: Interval) -> String {
    escape(&Unit::Nanoseconds.format_interval(ns))
}

fn figures(drill: &Drill) -> String {
    if drill.points.is_empty() {
        return String::new();
    }
    let head = [
        "#Turns of each worker",
        "=Ten threads (95 % interval)",
        "=Ten processes",
        "=Processes over threads, in pairs",
    ];
    let row = |point: &Point| {
        let ratio = escape(&Unit::Times.format_interval(point.ratio));
        vec![words::whole(point.turns), time(point.threads_ns), time(point.processes_ns), ratio]
    };
    table(&head, &drill.points.iter().map(row).collect::<Vec<_>>())
}

/// How not to do it.
fn atomic(drill: &Drill, cpus: usize) -> String {
    let Some(atomic) = drill.atomic else { return String::new() };
    let travels = match atomic.ratio.low > 1.0 && cpus > 1 {
        true => " The line of the counter goes from core to core.",
        false => "",
    };
    paragraph(
        "",
        &format!(
            "With one atomic counter for all instead of one for each, ten threads that count to {} \
             take {} as long: {} instead of {}.{travels}",
            words::whole(atomic.turns),
            Unit::Times.format_interval(atomic.ratio),
            words::time(atomic.shared_ns.estimate),
            words::time(atomic.own_ns.estimate),
        ),
    )
}

fn memory(drill: &DrillMemory) -> String {
    let row = |(name, hue, peak): (&str, &str, &DrillPeak)| {
        let bytes = |bytes| escape(&Unit::Bytes.format_interval(bytes));
        vec![
            text("span", hue, name),
            bytes(peak.peak_bytes) + &beside(peak),
            bytes(peak.max_rss_self_bytes),
            match peak.max_rss_children_bytes.high > 0.0 {
                true => bytes(peak.max_rss_children_bytes),
                false => "-".to_owned(),
            },
        ]
    };
    let named = [
        ("ten threads", "thread", drill.threads.as_ref()),
        ("ten processes", "process", drill.processes.as_ref()),
    ];
    let kept: Vec<Vec<String>> =
        named.into_iter().filter_map(|(name, hue, peak)| Some(row((name, hue, peak?)))).collect();
    if kept.is_empty() {
        return String::new();
    }
    let head = [
        "Memory",
        "=Most in use by all, beyond the creator's (95 % interval)",
        "=ru_maxrss, creator",
        "=ru_maxrss, children",
    ];
    table(&head, &kept) + &paragraph("note", &format!("{STEPS} {MAX_RSS}"))
}

/// What is to be said of a peak: that nobody kept it, or in what steps.
fn beside(peak: &DrillPeak) -> String {
    let shared = match peak.drills > 1.0 {
        true => format!(" (an equal share of {} drills at once)", peak.drills),
        false => String::new(),
    };
    match peak.kept {
        true => format!(", in steps of {}{shared}", Unit::Bytes.format(peak.step_bytes)),
        false => format!(", as proportional shares{shared}"),
    }
}

const STEPS: &str = "A control group is charged for 64 pages at a time, from which a CPU then \
                     takes one by one: where it kept the peak, the interval has such a step, or a \
                     drill's share of it, at either end, and the claim's ratio goes by these ends.";

const MAX_RSS: &str = "ru_maxrss of the children is that of the largest single one, not their sum; \
                       and each counts the pages that it shares with its creator and its siblings \
                       as if they were its own. That of the creator is kept over exec: where a \
                       small program shows more than it can hold, it is that of the one which \
                       started it. So neither figure is what the program takes: that is the most \
                       in use by all together, kernel memory included unless it says otherwise.";
