//! How many requests are answered per second, by the number of connections.

use super::{NO_LAUNCH, folded, look};
use crate::claim::Unit;
use crate::question::servers::evidence::{CLIENT_LIMIT, Load, Servers};
use crate::record::Shape;
use crate::report::html::{escape, paragraph};
use crate::report::page::creation::unmeasured;
use crate::report::plot::{Panel, Plot, Series};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

/// More numbers along an axis than this would run into each other on a narrow page.
const MOST_TICKS: usize = 7;

pub(super) fn html(servers: &Servers) -> String {
    if servers.loads.is_empty() {
        return String::new();
    }
    paragraph("", CLOSED)
        + &chart(&plain(servers))
        + &super::noted(&limits(servers))
        + &figures(servers)
        + &reasons(servers)
        + &look::untried(&servers.loads.iter().map(|load| load.shape).collect::<Vec<_>>())
            .map_or(String::new(), |words| paragraph("", &words))
}

const CLOSED: &str = "A closed loop: on each connection the client asks again as soon as it was \
                      answered, so the figure is the most that a server answers.";

/// The loads whose requests touch no pages.
pub(super) fn plain(servers: &Servers) -> Vec<&Load> {
    servers.loads.iter().filter(|load| load.pages == 0).collect()
}

/// One series for each shape: a figure of each of its loads, with the loads of which something is
/// to be said.
pub(super) fn series(
    loads: &[&Load],
    figure: impl Fn(&Load) -> Option<Interval>,
    marked: fn(&Load) -> bool,
) -> Vec<Series> {
    let place = |load: &&&Load| f64::from(load.connections);
    let of = |shape: Shape| {
        let mine = || loads.iter().filter(move |load| load.shape == shape);
        Series {
            name: look::name(shape).to_owned(),
            look: look::of(shape),
            points: mine().map(|load| (place(&load), figure(load))).collect(),
            hollow: mine().filter(|load| marked(load)).map(|load| place(&load)).collect(),
        }
    };
    let found = |series: &Series| series.points.iter().any(|(_, figure)| figure.is_some());
    Shape::ALL.map(of).into_iter().filter(found).collect()
}

/// The axis of the numbers of connections, and its labels.
pub(super) fn axis(loads: &[&Load]) -> (Scale, Vec<(f64, String)>) {
    let mut numbers: Vec<u32> = loads.iter().map(|load| load.connections).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let places: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
    let every = numbers.len().div_ceil(MOST_TICKS).max(1);
    let ticks = numbers.iter().step_by(every);
    let ticks = ticks.map(|number| (f64::from(*number), number.to_string())).collect();
    (Scale::fitting(true, &places), ticks)
}

/// The ends of all intervals of some series.
pub(super) fn ends(series: &[Series]) -> Vec<f64> {
    let figures = series.iter().flat_map(|series| &series.points).filter_map(|(_, figure)| *figure);
    figures.flat_map(|figure| [figure.low, figure.high]).collect()
}

fn chart(loads: &[&Load]) -> String {
    let series = series(loads, |load| load.answered_per_s, Load::client_is_the_limit);
    if series.is_empty() {
        return String::new();
    }
    let (x, x_ticks) = axis(loads);
    let y = Scale::fitting(true, &ends(&series));
    Plot {
        label: "Chart: answers per second over the number of connections, for each shape of \
                server; its figures are in the table below",
        x_name: "connections, logarithmic",
        x,
        x_ticks,
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels: vec![Panel {
            y_name: "answers per second, logarithmic".to_owned(),
            height: 240,
            y_ticks: y.ticks(),
            y,
            unit: Unit::PerSecond,
            band: None,
            levels: Vec::new(),
            series,
        }],
    }
    .html()
}

/// Where the client was the limit and not the server.
fn limits(servers: &Servers) -> String {
    let limit = format!("{:.0} %", CLIENT_LIMIT * 100.0);
    let mut all: Vec<(Shape, Vec<String>)> = Vec::new();
    for load in servers.loads.iter().filter(|load| load.client_is_the_limit()) {
        let at = condition(load);
        match all.iter_mut().find(|(shape, _)| *shape == load.shape) {
            Some((_, places)) => places.push(at),
            None => all.push((load.shape, vec![at])),
        }
    }
    let shares = servers.loads.iter().filter_map(|load| load.client_share);
    let most = shares.map(|share| share.estimate).reduce(f64::max);
    match (all.is_empty(), most) {
        (false, _) => {
            let part = |(shape, places): &(Shape, Vec<String>)| {
                format!("{} at {}", look::with(*shape), places.join(", "))
            };
            let parts: Vec<String> = all.iter().map(part).collect();
            format!(
                "Hollow: the client's busiest thread worked for more than {limit} of the time, and \
                 for more of it than the server's CPUs, so the client was the limit, and the \
                 server may have more to give: {}.",
                parts.join("; ")
            )
        }
        (true, Some(most)) => format!(
            "The client's busiest thread worked for {} of the time at most. It is the limit, and \
             not the server, where that is more than {limit} and more than the server's CPUs \
             worked: nowhere here.",
            words::percent(most)
        ),
        (true, None) => {
            "How busy the client was is not known: it may have been the limit.".to_owned()
        }
    }
}

/// `32 connections`, `32 connections, 32 pages`.
pub(super) fn condition(load: &Load) -> String {
    let connections = look::connections(&[load.connections]);
    match load.pages {
        0 => connections,
        pages => format!("{connections}, {pages} pages touched"),
    }
}

/// Rows of loads, headed by the conditions that they have in common.
pub(super) fn rows(servers: &Servers, row: impl Fn(&Load) -> Vec<String>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut last = None;
    for load in &servers.loads {
        let head = (load.connections, load.pages);
        if last != Some(head) {
            rows.push(vec![escape(&condition(load))]);
            last = Some(head);
        }
        rows.push(row(load));
    }
    rows
}

/// What was tried and gave no figure.
fn reasons(servers: &Servers) -> String {
    let failed = servers.loads.iter().filter(|load| load.answered_per_s.is_none());
    unmeasured::reasons(failed.map(|load| {
        let name = format!("{} at {}", look::name(load.shape), condition(load));
        (name, load.failure.as_ref().map_or(NO_LAUNCH.to_owned(), ToString::to_string))
    }))
}

fn figures(servers: &Servers) -> String {
    if servers.loads.iter().all(|load| load.answered_per_s.is_none()) {
        return String::new();
    }
    let head = [
        "Server",
        "=Answers per second (95 % interval)",
        "=CPU time of the server for one",
        "=The client's busiest thread worked",
        "=Each CPU of the server",
        "Remark",
    ];
    let row = |load: &Load| {
        let reason = load.failure.as_ref().map(|failure| escape(&failure.to_string()));
        let (Some(answered), reason) = (load.answered_per_s, reason.clone()) else {
            let reason = reason.unwrap_or_else(|| NO_LAUNCH.to_owned());
            return vec![look::coloured(load.shape), format!("Not measured: {reason}")];
        };
        let share = |share: Option<Interval>| {
            let share = share.map(|share| words::bare_interval(share.map(|share| share * 100.0)));
            share.map_or("-".to_owned(), |share| escape(&format!("{share} %")))
        };
        let cpu = load.server_cpu_ns.map(|ns| Unit::Nanoseconds.format_interval(ns));
        let limited = load.client_is_the_limit().then(|| "the client was the limit".to_owned());
        let failed = (load.failed[0] > 0).then(|| format!("{} not answered", load.failed[0]));
        let fewer = reason.map(|reason| format!("fewer launches than planned: {reason}"));
        vec![
            look::coloured(load.shape),
            escape(&Unit::PerSecond.format_interval(answered)),
            escape(&cpu.unwrap_or_else(|| "-".to_owned())),
            share(load.client_share),
            share(load.server_share),
            [limited, failed, fewer].into_iter().flatten().collect::<Vec<_>>().join("; "),
        ]
    };
    let pages = servers.loads.iter().any(|load| load.pages > 0);
    let summary = match pages {
        true => "The same in figures, and with requests that touch memory of their connection",
        false => "The same in figures",
    };
    folded(summary, &head, &rows(servers, row))
}
