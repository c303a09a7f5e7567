//! Charts of workers on all CPUs.

use super::drill::Drill;
use super::evidence::Contention;
use crate::claim::{Brief, Unit, grouped, times};
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Bars, Cell, Column, Figure, Lines, Look, Row, Scale, Series, Stroke,
};
use crate::stats::Interval;

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    [kinds(view), drills(view)].into_iter().flatten().map(Part::Chart).collect()
}

/// What kinds of work are called.
fn named(kind: &str) -> &str {
    match kind {
        "mmap" => "mmap + touch + munmap",
        "fault" => "page faults",
        "read" => "pread",
        "open" => "open + close",
        "malloc" => "malloc + free",
        "private" => "private counters",
        "padded" => "atomics, own lines",
        "same-line" => "atomics, one line",
        "same-word" => "atomics, one word",
        "mutex" => "shared mutex",
        other => other,
    }
}

/// Threads over processes, kind by kind: linear, from 0.
fn kinds(view: View) -> Option<Box<dyn Figure>> {
    let contention = Contention::of(view.judged);
    let bar = |ratio: Option<Interval>| match ratio {
        Some(value) => Cell::Bar { value, text: times(value.estimate), open_end: false },
        None => Cell::Missing("not measured".to_owned()),
    };
    let rows: Vec<Row> = contention
        .kinds
        .iter()
        .filter(|kind| kind.ratio.is_some())
        .map(|kind| Row {
            label: named(kind.name).to_owned(),
            look: Look::Thread,
            cells: vec![bar(kind.ratio)],
        })
        .collect();
    let most = contention.kinds.iter().filter_map(|kind| Some((kind.name, kind.ratio?)));
    let most = most.max_by(|one, other| one.1.estimate.total_cmp(&other.1.estimate))?;
    Some(Box::new(Bars {
        title: format!(
            "Threads on all CPUs take up to {} as long as processes ({})",
            times(most.1.estimate),
            named(most.0)
        ),
        description: "Time of threads over time of processes that do the same work at the same \
                      time, one on each CPU, by kind of work."
            .to_owned(),
        subject: "work".to_owned(),
        columns: vec![Column {
            heading: "threads / processes".to_owned(),
            scale: Scale::Linear,
            format: Box::new(times),
        }],
        rows,
    }))
}

/// Ten counters: wall time over the length of the loop.
fn drills(view: View) -> Option<Box<dyn Figure>> {
    let drill = Drill::of(view.record, view.judged);
    let time = |ns: f64| Unit::Nanoseconds.brief(ns);
    let line = |label: &str, look, threads: bool| {
        let of = |point: &super::drill::Point| {
            if threads { point.threads_ns } else { point.processes_ns }
        };
        let points = drill.points.iter().map(|point| (point.turns as f64, of(point))).collect();
        Series { label: label.to_owned(), look, stroke: Stroke::Solid, points, breaks: Vec::new() }
    };
    let series = vec![line("processes", Look::Process, false), line("threads", Look::Thread, true)];
    let points = || series.iter().flat_map(|series| &series.points);
    let values: Vec<f64> = points().map(|(_, time)| time.estimate).collect();
    let turns: Vec<f64> = drill.points.iter().map(|point| point.turns as f64).collect();
    let number = |n: f64| match n {
        n if n >= 1e6 => format!("{} M", n / 1e6),
        n => grouped(format!("{n:.0}")),
    };
    (!turns.is_empty()).then(|| {
        Box::new(Lines {
            title: "Ten counters: threads lead only while creation is most of the work".to_owned(),
            description: "Wall time of ten workers that each count to a number, as threads and as \
                          processes, by that number."
                .to_owned(),
            x: Axis::sweep("each counts to", &turns, number, number),
            y: Axis::decades("wall time", &values, time, time),
            bands: Vec::new(),
            rules: Vec::new(),
            series,
        }) as Box<dyn Figure>
    })
}
