//! Charts of communication.

use super::plan::{CARRIERS, LOAD, MESSAGE_BYTES, SHARED, SPIN, id, stream};
use crate::claim::{Brief, Evidence, Unit};
use crate::question::switching::plan::ping_pong;
use crate::record::Id;
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Bars, Cell, Column, Figure, Lines, Look, Row, Scale, Series, Stroke,
};
use crate::stats::Interval;

fn time(ns: f64) -> String {
    Unit::Nanoseconds.brief(ns)
}

fn bytes(value: f64) -> String {
    Unit::Bytes.brief(value)
}

fn rate(value: f64) -> String {
    Unit::BytesPerSecond.brief(value)
}

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    [ladder(view), streams(view)].into_iter().flatten().map(Part::Chart).collect()
}

/// From a cached load to a wake-up on another core.
fn ladder(view: View) -> Option<Box<dyn Figure>> {
    let first = |evidence: &Evidence| evidence.a.time_ns;
    let second = |evidence: &Evidence| evidence.b.time_ns;
    type Read = fn(&Evidence) -> Option<Interval>;
    let steps: [(&str, Id, Read, Look); 6] = [
        ("cached load", id(LOAD, "pipe"), first, Look::Plain),
        ("spinning word, two cores", id(SPIN, "pipe"), first, Look::Accent),
        ("pipe's system calls alone", id(LOAD, "pipe-alone"), second, Look::Plain),
        ("futex, one core", ping_pong("futex"), first, Look::Accent),
        ("pipe, one core", ping_pong("pipe"), first, Look::Plain),
        ("futex, two cores", id(SHARED, "futex"), first, Look::Accent),
    ];
    let row = |(label, id, read, look): (&str, Id, Read, Look)| {
        let value = read(view.judged.evidence.get(&id)?)?;
        let cells = vec![Cell::Bar { value, text: time(value.estimate), open_end: false }];
        Some(Row { label: label.to_owned(), look, cells })
    };
    let rows: Vec<Row> = steps.into_iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| {
        Box::new(Bars {
            title: "Latency, from a cache hit to a wake-up".to_owned(),
            description: "Time of a load or of a round trip, by mechanism, on a logarithmic scale."
                .to_owned(),
            subject: "mechanism".to_owned(),
            columns: vec![Column {
                heading: "round trip".to_owned(),
                scale: Scale::Log,
                format: Box::new(time),
            }],
            rows,
        }) as Box<dyn Figure>
    })
}

/// Throughput over the length of a message.
fn streams(view: View) -> Option<Box<dyn Figure>> {
    let line = |carrier: &str, stroke| {
        let point = |length: u64| {
            let evidence = view.judged.evidence.get(&stream(carrier, length))?;
            let per_second = |ns: f64| length as f64 * 1e9 / ns;
            let ns = evidence.b.time_ns?;
            let rate = Interval {
                estimate: per_second(ns.estimate),
                low: per_second(ns.high),
                high: per_second(ns.low),
            };
            Some((length as f64, rate))
        };
        let points: Vec<(f64, Interval)> = MESSAGE_BYTES.into_iter().filter_map(point).collect();
        let label = carrier.to_owned();
        let series = Series { label, look: Look::Process, stroke, points, breaks: Vec::new() };
        (!series.points.is_empty()).then_some(series)
    };
    let strokes = [Stroke::Solid, Stroke::Dashed, Stroke::Dotted];
    let series: Vec<Series> =
        CARRIERS.into_iter().zip(strokes).filter_map(|(c, stroke)| line(c, stroke)).collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let values: Vec<f64> = points().map(|(_, rate)| rate.estimate).collect();
    let lengths: Vec<f64> = MESSAGE_BYTES.map(|length| length as f64).into();
    (!series.is_empty()).then(|| {
        Box::new(Lines {
            title: "Throughput to a process, by the length of a message".to_owned(),
            description: "Bytes per second to another process on another core, by carrier and \
                          length of message."
                .to_owned(),
            x: Axis::sweep("message", &lengths, bytes, bytes),
            y: Axis::binary("bytes per second", &values, rate, rate),
            bands: Vec::new(),
            rules: Vec::new(),
            series,
        }) as Box<dyn Figure>
    })
}
