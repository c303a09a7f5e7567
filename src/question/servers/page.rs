//! Charts of servers.

use super::evidence::{Blast, Load, Servers};
use super::plan::USUAL;
use crate::claim::{Brief, Unit, times};
use crate::record::Shape;
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Bars, Cell, Column, Figure, Lines, Look, Row, Scale, Series, Stroke,
};
use crate::report::table::Table;
use crate::stats::Interval;

/// A shape for people, and who serves.
pub(in crate::question) fn named(shape: Shape) -> (&'static str, Look) {
    match shape {
        Shape::Epoll => ("one event loop", Look::Plain),
        Shape::EpollPerCore => ("event loop per CPU", Look::Plain),
        Shape::ThreadPerConnection => ("thread per connection", Look::Thread),
        Shape::ThreadPool => ("thread pool", Look::Thread),
        Shape::Prefork => ("prefork processes", Look::Process),
    }
}

fn rate(value: f64) -> String {
    Unit::PerSecond.brief(value)
}

fn bytes(value: f64) -> String {
    Unit::Bytes.brief(value)
}

fn time(ns: f64) -> String {
    Unit::Nanoseconds.brief(ns)
}

/// One shape at the usual number of connections.
pub(in crate::question) struct Model {
    /// The shape.
    pub(in crate::question) shape: Shape,
    /// Under load.
    pub(in crate::question) load: Option<Load>,
    /// Memory of an idle connection.
    pub(in crate::question) memory: Option<Interval>,
    /// After a crash.
    pub(in crate::question) crash: Option<Blast>,
}

impl Model {
    /// The shapes that differ in who serves, the one with most throughput first.
    pub(in crate::question) fn all(view: View) -> Vec<Self> {
        let servers = Servers::of(view.record);
        let of = |shape: Shape| {
            let load = servers
                .loads
                .iter()
                .find(|load| load.shape == shape && load.connections == USUAL && load.pages == 0);
            let held = servers.held.iter().find(|held| held.shape == shape);
            let crash = servers.blasts.iter().find(|crash| crash.shape == shape);
            Model {
                shape,
                load: load.filter(|_| view.record.machine.has_real_time()).cloned(),
                memory: held.and_then(|held| held.per_connection_bytes),
                crash: crash.cloned(),
            }
        };
        let shapes = [Shape::Epoll, Shape::ThreadPerConnection, Shape::ThreadPool, Shape::Prefork];
        let models = shapes.into_iter().map(of).filter(|model| {
            model.load.is_some() || model.memory.is_some() || model.crash.is_some()
        });
        models.collect()
    }

    /// Requests per second.
    pub(in crate::question) fn rate(&self) -> Option<Interval> {
        self.load.as_ref()?.answered_per_s
    }

    /// Was the client what limits the throughput?
    pub(in crate::question) fn limited(&self) -> bool {
        self.load.as_ref().is_some_and(Load::client_is_the_limit)
    }

    /// `32 of 32`.
    pub(in crate::question) fn lost(&self) -> Option<String> {
        let crash = self.crash.as_ref().filter(|crash| crash.launches > 0)?;
        Some(format!("{} of {}", crash.dropped[1], crash.connections))
    }
}

/// Throughput, memory and what a crash takes, shape by shape.
pub(in crate::question) fn hero(view: View) -> Option<Box<dyn Figure>> {
    let models = Model::all(view);
    let most = models.iter().filter_map(|m| Some((m, m.rate()?)));
    let most = most.max_by(|one, other| one.1.estimate.total_cmp(&other.1.estimate));
    let bar = |value: Option<Interval>, text: fn(f64) -> String, open_end| match value {
        Some(value) => {
            let least = if open_end { "≥ " } else { "" };
            Cell::Bar { value, text: format!("{least}{}", text(value.estimate)), open_end }
        }
        None => Cell::Missing("–".to_owned()),
    };
    let rows: Vec<Row> = models
        .iter()
        .map(|model| {
            let (label, look) = named(model.shape);
            let cells = vec![
                bar(model.rate(), rate, model.limited()),
                bar(model.memory, bytes, false),
                Cell::Text(model.lost().unwrap_or("–".to_owned())),
            ];
            Row { label: label.to_owned(), look, cells }
        })
        .collect();
    let crashed = models.iter().filter_map(|model| Some((model.shape, model.crash.as_ref()?)));
    let contains: Vec<Shape> =
        crashed.filter(|(_, crash)| crash.dropped[1] == 0).map(|(shape, _)| shape).collect();
    let contained = contains == [Shape::Prefork];
    let first = most.map_or("Servers", |(model, _)| named(model.shape).0);
    let title = match contained {
        true => format!("{} serves most; only prefork contains a crash", capital(first)),
        false => format!("{} serves most", capital(first)),
    };
    let columns = vec![
        Column { heading: "requests/s".to_owned(), scale: Scale::Linear, format: Box::new(rate) },
        Column {
            heading: "memory/idle conn.".to_owned(),
            scale: Scale::Linear,
            format: Box::new(bytes),
        },
        Column {
            heading: "lost in a crash".to_owned(),
            scale: Scale::Linear,
            format: Box::new(rate),
        },
    ];
    (!rows.is_empty()).then(|| {
        Box::new(Bars {
            title,
            description: format!(
                "Server models at {USUAL} connections: requests per second, memory per idle \
                 connection, and connections lost when one worker crashes."
            ),
            subject: "server".to_owned(),
            columns,
            rows,
        }) as Box<dyn Figure>
    })
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    let charts = [throughput(view), latency(view)].into_iter().flatten().map(Part::Chart);
    let crash = crashes(view).map(|table| Part::Table("Crash of one worker under load", table));
    charts.chain(crash).collect()
}

/// Throughput over the number of connections.
fn throughput(view: View) -> Option<Box<dyn Figure>> {
    let servers = Servers::of(view.record);
    let line = |shape: Shape, stroke| {
        let of = |load: &&Load| load.shape == shape && load.pages == 0;
        let points: Vec<(f64, Interval)> = servers
            .loads
            .iter()
            .filter(of)
            .filter_map(|load| Some((f64::from(load.connections), load.answered_per_s?)))
            .collect();
        let (label, look) = named(shape);
        let label = label.to_owned();
        (!points.is_empty()).then_some(Series { label, look, stroke, points, breaks: Vec::new() })
    };
    let series: Vec<Series> = [
        line(Shape::Epoll, Stroke::Solid),
        line(Shape::ThreadPool, Stroke::Solid),
        line(Shape::ThreadPerConnection, Stroke::Dashed),
        line(Shape::Prefork, Stroke::Solid),
    ]
    .into_iter()
    .flatten()
    .collect();
    let points = || series.iter().flat_map(|series| &series.points);
    let values: Vec<f64> = points().map(|(_, rate)| rate.estimate).collect();
    let mut places: Vec<f64> = points().map(|(at, _)| *at).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let number = |n: f64| format!("{n:.0}");
    (places.len() > 1).then(|| {
        Box::new(Lines {
            title: "Throughput by number of connections".to_owned(),
            description: "Requests per second in a closed loop, by the number of connections and \
                          the server's model."
                .to_owned(),
            x: Axis::sweep("connections", &places, number, number),
            y: Axis::from_zero("requests per second", &values, rate, rate),
            bands: Vec::new(),
            rules: Vec::new(),
            series,
        }) as Box<dyn Figure>
    })
}

/// The median latency at a fixed rate. The tail is only shown where the run resolves it.
fn latency(view: View) -> Option<Box<dyn Figure>> {
    let models = Model::all(view);
    let p50 = |model: &Model| model.load.as_ref()?.open_ns[0].as_ref().ok().copied();
    let p99 = |model: &Model| model.load.as_ref()?.open_ns[1].as_ref().ok().copied();
    let resolved = |interval: &Interval| interval.high < 3.0 * interval.low;
    let cell = |value: Option<Interval>| match value {
        Some(value) if resolved(&value) => {
            Cell::Bar { value, text: time(value.estimate), open_end: false }
        }
        Some(_) => Cell::Missing("not resolved in this run".to_owned()),
        None => Cell::Missing("–".to_owned()),
    };
    let rows: Vec<Row> = models
        .iter()
        .filter(|model| p50(model).is_some())
        .map(|model| {
            let (label, look) = named(model.shape);
            Row { label: label.to_owned(), look, cells: vec![cell(p50(model)), cell(p99(model))] }
        })
        .collect();
    let column = |heading: &str| Column {
        heading: heading.to_owned(),
        scale: Scale::Linear,
        format: Box::new(time),
    };
    (!rows.is_empty()).then(|| {
        Box::new(Bars {
            title: format!("Latency at a fixed rate, {USUAL} connections"),
            description: "Latency of requests that are due at a fixed rate: p50 and p99, by the \
                          server's model."
                .to_owned(),
            subject: "server".to_owned(),
            columns: vec![column("latency p50"), column("latency p99")],
            rows,
        }) as Box<dyn Figure>
    })
}

fn crashes(view: View) -> Option<Table> {
    let servers = Servers::of(view.record);
    let row = |crash: &Blast| {
        let spread = |[least, _, most]: [u64; 3]| match least == most {
            true => most.to_string(),
            false => format!("{least} to {most}"),
        };
        let recovery = crash.recovery_ns.filter(|_| crash.noisy == 0);
        vec![
            named(crash.shape).0.to_owned(),
            format!("{} of {}", spread(crash.dropped), crash.connections),
            spread(crash.failed),
            crash.gap_ns.map_or("–".to_owned(), |gap| time(gap.estimate)),
            recovery.map_or("not told apart from noise".to_owned(), |ns| time(ns.estimate)),
            crash
                .forgotten_share
                .map_or("–".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        ]
    };
    (!servers.blasts.is_empty()).then(|| Table {
        caption: format!("One request makes its worker crash (SIGSEGV), {USUAL} connections"),
        head: [
            "Server",
            "Connections lost",
            "Requests lost",
            "Longest silence",
            "Recovery time",
            "State lost",
        ]
        .map(str::to_owned)
        .into(),
        rows: servers.blasts.iter().map(row).collect(),
    })
}

/// The CPU time of a handler from which on the models differ by less than a twentieth,
/// nanoseconds: the time per request of the best and of the worst are known where the server, and
/// not its client, is the limit.
pub(in crate::question) fn stops_to_matter(models: &[Model]) -> Option<f64> {
    let times = models.iter().filter_map(|model| Some(1e9 / model.rate()?.estimate));
    let times: Vec<f64> = times.collect();
    let least = times.iter().copied().reduce(f64::min)?;
    let most = times.iter().copied().reduce(f64::max)?;
    let handler = (most - least) / 0.05 - least;
    (times.len() > 1).then_some(handler.max(0.0))
}

/// How much more one serves than another.
pub(in crate::question) fn lead(models: &[Model], first: Shape, second: Shape) -> Option<String> {
    let rate = |shape| models.iter().find(|model| model.shape == shape)?.rate();
    Some(times(rate(first)?.estimate / rate(second)?.estimate))
}
