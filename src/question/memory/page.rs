//! Charts of memory.

use super::evidence::Memory;
use super::plan::units;
use crate::claim::{Brief, Unit, grouped};
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Bars, Cell, Column, Figure, Lines, Look, Row, Scale, Series, Stroke,
};
use crate::report::table::Table;
use crate::stats::{Interval, median};

fn bytes(value: f64) -> String {
    Unit::Bytes.brief(value)
}

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    let memory = Memory::of(view.record);
    let charts = [kinds(&memory), growth(view)].into_iter().flatten().map(Part::Chart);
    charts
        .chain(limits(&memory).map(|table| Part::Table("How many fit on this machine", table)))
        .collect()
}

/// What a unit of each kind is called, and who it is.
fn named(kind: &str) -> (&str, Look) {
    match kind {
        "thread" => ("thread, default stack", Look::Thread),
        "thread-64KiB" => ("thread, 64 KiB stack", Look::Thread),
        "thread-huge" => ("thread, stack in huge pages", Look::Thread),
        "fork" => ("forked process", Look::Process),
        "exec-dynamic" => ("process after exec, dynamic", Look::Process),
        "exec-static" => ("process after exec, static", Look::Process),
        "exec-tiny" => ("process after exec, tiny", Look::Process),
        "vm-process" => ("process with CLONE_VM", Look::Accent),
        "connection" => ("connection in an event loop", Look::Plain),
        other => (other, Look::Plain),
    }
}

fn kinds(memory: &Memory) -> Option<Box<dyn Figure>> {
    let rows: Vec<Row> = memory
        .units
        .iter()
        .map(|unit| {
            let (label, look) = named(&unit.kind);
            let parent = match unit.parent.memory_bytes {
                0 => String::new(),
                held => format!(", {} parent", bytes(held as f64)),
            };
            let text = bytes(unit.total_bytes.estimate);
            let cells = vec![Cell::Bar { value: unit.total_bytes, text, open_end: false }];
            Row { label: format!("{label}{parent}"), look, cells }
        })
        .collect();
    let of = |kind| memory.unit(&units(kind)).map(|unit| bytes(unit.total_bytes.estimate));
    let title = match (of("thread"), of("fork")) {
        (Some(thread), Some(fork)) => {
            format!("An idle thread uses {thread}, a forked process {fork}")
        }
        _ => "Memory per thread, process and connection".to_owned(),
    };
    (!rows.is_empty()).then(|| {
        Box::new(Bars {
            title,
            description: "Memory in use per idle unit, kernel memory included, by kind.".to_owned(),
            subject: "idle unit".to_owned(),
            columns: vec![Column {
                heading: "memory in use".to_owned(),
                scale: Scale::Log,
                format: Box::new(bytes),
            }],
            rows,
        }) as Box<dyn Figure>
    })
}

/// Memory in use by the number of threads and processes.
fn growth(view: View) -> Option<Box<dyn Figure>> {
    let line = |kind: &str, label: &str, look| {
        let footprint = view.record.footprint(&units(kind))?;
        let mut points: Vec<(f64, Interval)> = Vec::new();
        let readings = footprint.launches.first()?.readings.len();
        for at in 1..readings {
            let of = |launch: &crate::record::FootprintLaunch| {
                let (first, reading) = (launch.readings.first()?, launch.readings.get(at)?);
                let more = reading.total_bytes as f64 - first.total_bytes as f64;
                Some((f64::from(reading.units), more))
            };
            let found: Vec<(f64, f64)> = footprint.launches.iter().filter_map(of).collect();
            let used: Vec<f64> = found.iter().map(|(_, used)| *used).collect();
            let estimate = median(&used)?;
            let low = used.iter().copied().fold(estimate, f64::min);
            let high = used.iter().copied().fold(estimate, f64::max);
            points.push((found.first()?.0, Interval { estimate, low, high }));
        }
        let label = label.to_owned();
        Some(Series { label, look, stroke: Stroke::Solid, points, breaks: Vec::new() })
    };
    let series: Vec<Series> =
        [line("fork", "processes", Look::Process), line("thread", "threads", Look::Thread)]
            .into_iter()
            .flatten()
            .filter(|series| !series.points.is_empty())
            .collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let most = points().map(|(at, _)| *at).reduce(f64::max)?;
    let values: Vec<f64> = points().map(|(_, used)| used.estimate).collect();
    let places: Vec<f64> = points().map(|(at, _)| *at).collect();
    let number = |n: f64| grouped(format!("{n:.0}"));
    Some(Box::new(Lines {
        title: format!("Memory of up to {} idle threads and processes", number(most)),
        description: "Memory in use by idle threads and forked processes, by their number."
            .to_owned(),
        x: Axis::decades("number", &places, number, number),
        y: Axis::binary("memory in use", &values, bytes, bytes),
        bands: Vec::new(),
        rules: Vec::new(),
        series,
    }))
}

/// The limits that more and more of them would meet.
fn limits(memory: &Memory) -> Option<Table> {
    let rows: Vec<Vec<String>> = memory
        .bounds
        .iter()
        .flat_map(|bounds| {
            bounds.met.iter().take(3).map(|bound| {
                vec![
                    bounds.units.to_owned(),
                    bound.limit.clone(),
                    grouped(format!("{:.0}", bound.count)),
                    bytes(bound.in_use_bytes.estimate),
                    bound.note.clone().unwrap_or_default(),
                ]
            })
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: "The first limits that more and more of them would meet (computed, not tried)"
            .to_owned(),
        head: ["Of", "Limit", "Maximum", "Memory in use then", "Note"].map(str::to_owned).into(),
        rows,
    })
}
