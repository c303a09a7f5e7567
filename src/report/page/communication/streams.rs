//! How many bytes per second each mechanism carries, by the length of the messages.

use super::{View, folded, times};
use crate::claim::Unit;
use crate::question::communication::plan::{CARRIERS, MESSAGE_BYTES, stream};
use crate::record::Actor;
use crate::report::html::{escape, hue, paragraph};
use crate::report::page::creation::unmeasured;
use crate::report::plot::{Line, Look, Panel, Plot, Series, Shape};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

/// Most figures along the vertical axis.
const MOST_TICKS: usize = 6;

/// A mechanism and a length, with the bytes per second that it carries.
struct Point {
    carrier: &'static str,
    bytes: u64,
    thread: Option<Interval>,
    process: Option<Interval>,
    /// Time of processes over that of threads, in pairs.
    ratio: Option<Interval>,
}

/// Bytes per second of messages that take this long each, nanoseconds.
pub(super) fn throughput(bytes: u64, ns: Interval) -> Interval {
    let per_second = |ns: f64| bytes as f64 * 1e9 / ns;
    let Interval { estimate, low, high } = ns;
    Interval { estimate: per_second(estimate), low: per_second(high), high: per_second(low) }
}

fn points(view: &View) -> Vec<Point> {
    let point = |(carrier, bytes): (&'static str, u64)| {
        let evidence = view.evidence(&stream(carrier, bytes))?;
        evidence.ratio?;
        let carried = |ns: Option<Interval>| ns.map(|ns| throughput(bytes, ns));
        Some(Point {
            carrier,
            bytes,
            thread: carried(evidence.a.time_ns),
            process: carried(evidence.b.time_ns),
            ratio: evidence.ratio,
        })
    };
    grid().filter_map(point).collect()
}

fn grid() -> impl Iterator<Item = (&'static str, u64)> {
    CARRIERS.into_iter().flat_map(|carrier| MESSAGE_BYTES.map(|bytes| (carrier, bytes)))
}

/// The most that shared memory, and any of the others, carries between threads or processes; bytes
/// per second.
pub(super) fn most(view: &View) -> Option<[f64; 2]> {
    let points = points(view);
    let most = |memory: bool| {
        let of = points.iter().filter(|point| (point.carrier == "memory") == memory);
        let figures = of.flat_map(|point| [point.thread, point.process]).flatten();
        figures.map(|figure| figure.estimate).reduce(f64::max)
    };
    Some([most(true)?, most(false)?])
}

pub(super) fn html(view: &View) -> String {
    let tried = grid().map(|(carrier, bytes)| {
        (format!("{}, messages of {}", named(carrier), length(bytes)), stream(carrier, bytes))
    });
    let missing = unmeasured::html(view, tried);
    let points = points(view);
    if points.is_empty() {
        return missing;
    }
    paragraph("", WORDS) + &chart(&points) + &figures(&points) + &missing
}

const WORDS: &str = "Messages of one length, one after the other, from one core to another, each \
                     received whole; a batch is over when the last is delivered. Short messages \
                     pay for the system calls, or for the way of a cache line; long ones for their \
                     copies: into the kernel and out of it, or into a window of shared memory (64 \
                     KiB, or two messages) and out of it. Who finds a pipe or a socket full or \
                     empty sleeps, and who finds the window so sleeps after a short look: where \
                     copies take longer than that, a wake-up is part of each message.";

fn named(carrier: &str) -> &'static str {
    match carrier {
        "pipe" => "pipe",
        "socket" => "Unix socket",
        _ => "shared memory",
    }
}

/// Without a break before the unit.
fn length(bytes: u64) -> String {
    let (number, unit) = match bytes {
        ..1024 => (bytes, "B"),
        1024..0x10_0000 => (bytes >> 10, "KiB"),
        _ => (bytes >> 20, "MiB"),
    };
    format!("{number}\u{a0}{unit}")
}

fn chart(points: &[Point]) -> String {
    let series = |carrier: &'static str, actor: Actor| {
        let (shape, line) = match carrier {
            "pipe" => (Shape::Circle, Line::Dashed),
            "socket" => (Shape::Triangle, Line::Dotted),
            _ => (Shape::Square, Line::Solid),
        };
        let thread = actor == Actor::Thread;
        let pick = |point: &Point| if thread { point.thread } else { point.process };
        let of = points.iter().filter(|point| point.carrier == carrier);
        Series {
            name: format!("{}, {}", named(carrier), if thread { "threads" } else { "processes" }),
            look: Look { hue: hue(actor), shape, line, filled: thread },
            points: of.map(|point| (point.bytes as f64, pick(point))).collect(),
            hollow: Vec::new(),
        }
    };
    let actors = [Actor::Thread, Actor::Process];
    let all = CARRIERS.into_iter().flat_map(|c| actors.map(|actor| series(c, actor)));
    let all: Vec<Series> = all.filter(|series| !series.points.is_empty()).collect();
    let figures = points.iter().flat_map(|point| [point.thread, point.process]).flatten();
    let ends: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).collect();
    let y = Scale::fitting(true, &ends);
    let lengths = MESSAGE_BYTES.map(|bytes| bytes as f64);
    Plot {
        label: "Chart: bytes per second over the length of the messages, for each mechanism \
                between threads and between processes; its figures are in the table below",
        x_name: "length of a message, logarithmic",
        x: Scale::fitting(true, &lengths),
        x_ticks: MESSAGE_BYTES.map(|bytes| (bytes as f64, length(bytes))).into(),
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels: vec![Panel {
            y_name: "carried per second, logarithmic".to_owned(),
            height: 260,
            y_ticks: powers(&ends),
            y,
            unit: Unit::BytesPerSecond,
            band: None,
            levels: Vec::new(),
            series: all,
        }],
    }
    .html()
}

/// Powers of two between the least and the most, few enough for an axis: binary units have no round
/// tens.
fn powers(ends: &[f64]) -> Vec<f64> {
    let [low, high] = [f64::min, f64::max].map(|pick| ends.iter().copied().reduce(pick));
    let (Some(low), Some(high)) = (low, high) else { return Vec::new() };
    let every = |step| {
        let powers = (0..64).step_by(step).map(|exponent| 2_f64.powi(exponent));
        powers.filter(|power| (low..=high).contains(power)).collect::<Vec<f64>>()
    };
    let fitting = [2, 4, 6].into_iter().map(every).find(|ticks| ticks.len() <= MOST_TICKS);
    fitting.unwrap_or_else(|| every(10))
}

fn figures(points: &[Point]) -> String {
    let head = [
        "Message",
        "=Between threads (95 % interval)",
        "=Between processes",
        "=Time of processes over threads, in pairs",
    ];
    let carried = |figure: Option<Interval>| {
        escape(&figure.map_or("-".to_owned(), |f| Unit::BytesPerSecond.format_interval(f)))
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut last = "";
    for point in points {
        if point.carrier != last {
            rows.push(vec![escape(&words::sentence_case(named(point.carrier)))]);
            last = point.carrier;
        }
        rows.push(vec![
            length(point.bytes),
            carried(point.thread),
            carried(point.process),
            escape(&times(point.ratio)),
        ]);
    }
    folded("The same in figures", &head, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_names_powers_of_two_and_few_of_them() {
        let mebibytes = |all: &[f64]| powers(all).iter().map(|b| b / 1048576.0).collect::<Vec<_>>();
        assert_eq!(mebibytes(&[30e6, 4.5e9]), [64.0, 256.0, 1024.0, 4096.0]);
        assert_eq!(powers(&[1.0, 1e9]).len(), 5);
        assert_eq!(powers(&[]), [0.0; 0]);
    }

    #[test]
    fn the_longest_time_carries_the_least() {
        let ns = Interval { estimate: 1_000.0, low: 500.0, high: 2_000.0 };
        let carried = throughput(64, ns);
        let expected = Interval { estimate: 64e6, low: 32e6, high: 128e6 };
        assert_eq!(carried, expected);
    }
}
