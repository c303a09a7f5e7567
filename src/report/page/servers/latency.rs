//! How late answers are when requests come at a rate that does not wait for them.

use super::throughput::{axis, condition, ends, plain, rows, series};
use super::{NO_LAUNCH, folded, look};
use crate::claim::Unit;
use crate::question::servers::evidence::{Load, Servers, Unread};
use crate::report::html::{escape, paragraph};
use crate::report::plot::{Panel, Plot};
use crate::report::scale::Scale;

/// The percentiles, and what is to be said of each.
const PERCENTILES: [(&str, u32); 3] = [
    ("half of the answers came within (p50)", 120),
    ("99 % came within (p99)", 120),
    ("99.9 % came within (p99.9)", 120),
];

pub(super) fn html(servers: &Servers) -> String {
    if servers.loads.iter().all(|load| load.due_per_s == 0.0) {
        return String::new();
    }
    paragraph("", OMISSION)
        + &paragraph("", &rates(servers))
        + &chart(&plain(servers))
        + &paragraph("note", &behind(servers))
        + &figures(servers)
}

const OMISSION: &str = "Requests are due at a fixed rate, whatever the server does, and a latency \
                        counts from the moment when the request was due. That matters: a client \
                        that waits for an answer before it asks again asks least while the server \
                        is slow, and never sees what its own requests would have waited \
                        (coordinated omission). The latencies of the closed loop are of that kind; \
                        they stand beside in the table, and say how long an answer takes when the \
                        server is given all it can answer.";

/// How many requests were due per second, and whether that was the same for all that are compared.
fn rates(servers: &Servers) -> String {
    let mut rates: Vec<(String, f64, f64)> = Vec::new();
    for load in servers.loads.iter().filter(|load| load.due_per_s > 0.0) {
        let (at, rate) = (condition(load), load.due_per_s);
        match rates.iter_mut().find(|(known, ..)| *known == at) {
            Some((_, least, most)) => (*least, *most) = (least.min(rate), most.max(rate)),
            None => rates.push((at, rate, rate)),
        }
    }
    let ends = |(_, least, most): &(String, f64, f64)| {
        [*least, *most].map(|rate| Unit::PerSecond.format(rate))
    };
    let part = |rate: &(String, f64, f64)| match ends(rate) {
        [least, most] if least == most => format!("{least} with {}", rate.0),
        [least, most] => format!("{least} to {most} with {}", rate.0),
    };
    let one_each = rates.iter().map(ends).all(|[least, most]| least == most);
    let same = match one_each {
        true => "the same for all servers with so many",
        false => "where the servers were not asked alike from the least to the most",
    };
    let parts: Vec<String> = rates.iter().map(part).collect();
    format!("Requests that were due, {same}: {}.", parts.join("; "))
}

fn chart(loads: &[&Load]) -> String {
    let panel = |(index, (name, height)): (usize, &(&str, u32))| {
        let series = series(loads, |load| load.open_ns[index].ok(), |load| load.overrun);
        let y = Scale::fitting(true, &ends(&series));
        (!series.is_empty()).then(|| Panel {
            y_name: format!("{name}, logarithmic"),
            height: *height,
            y_ticks: y.ticks(),
            y,
            unit: Unit::Nanoseconds,
            band: None,
            levels: Vec::new(),
            series,
        })
    };
    let panels: Vec<Panel> = PERCENTILES.iter().enumerate().filter_map(panel).collect();
    if panels.is_empty() {
        return String::new();
    }
    let (x, x_ticks) = axis(loads);
    Plot {
        label: "Chart: latencies at a fixed rate over the number of connections, for each shape of \
                server; its figures are in the table below",
        x_name: "connections, logarithmic",
        x,
        x_ticks,
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels,
    }
    .html()
}

/// Who did not keep up, and what is left out.
fn behind(servers: &Servers) -> String {
    let overrun = servers.loads.iter().filter(|load| load.overrun);
    let overrun: Vec<String> =
        overrun.map(|load| format!("{} at {}", look::with(load.shape), condition(load))).collect();
    let kept = match overrun.is_empty() {
        true => "Every server that was tried kept up with its rate.".to_owned(),
        false => format!(
            "Hollow: the server did not keep up with that rate, so that requests that were due \
             were not answered, or the last of them much later than they were due, and the \
             latencies say how long the run was rather than how late the server is: {}.",
            overrun.join("; ")
        ),
    };
    let tried = |load: &&Load| load.due_per_s > 0.0;
    let left_out = servers.loads.iter().filter(tried).flat_map(|load| load.open_ns);
    let absent = |why: Unread| left_out.clone().any(|latency| latency == Err(why));
    let few = absent(Unread::Few)
        .then_some(" A percentile is left out where fewer than ten requests lie beyond it.");
    let unanswered = absent(Unread::Unanswered).then_some(
        " A request that was never answered is later than any answer: a percentile that reaches \
         into these is left out.",
    );
    [Some(kept.as_str()), few, unanswered].into_iter().flatten().collect()
}

fn figures(servers: &Servers) -> String {
    let head = [
        "Server",
        "#Due",
        "=p50 (95 % interval)",
        "=p99",
        "=p99.9",
        "=Closed loop: p50",
        "=p99",
        "=p99.9",
        "Remark",
    ];
    let row = |load: &Load| {
        let due = match load.due_per_s > 0.0 {
            true => escape(&Unit::PerSecond.format(load.due_per_s)),
            false => "-".to_owned(),
        };
        let lost = [(load.failed[1], "not answered"), (load.unsent, "never sent")];
        let lost = lost.into_iter().filter(|(count, _)| *count > 0);
        let lost = lost.map(|(count, how)| format!("{count} {how}"));
        let overrun = load.overrun.then_some("did not keep up");
        let failure = load.failure.as_ref().map(|failure| escape(&failure.to_string()));
        if load.due_per_s == 0.0 && load.closed_ns.iter().all(Result::is_err) {
            let reason = failure.unwrap_or_else(|| NO_LAUNCH.to_owned());
            return vec![look::coloured(load.shape), format!("Not measured: {reason}")];
        }
        let remarks = overrun.map(str::to_owned).into_iter().chain(lost).chain(failure);
        let mut row = vec![look::coloured(load.shape), due];
        row.extend(load.open_ns.map(look::latency));
        row.extend(load.closed_ns.map(look::latency));
        row.push(remarks.collect::<Vec<_>>().join("; "));
        row
    };
    folded("The same in figures, and the latencies of the closed loop", &head, &rows(servers, row))
}
