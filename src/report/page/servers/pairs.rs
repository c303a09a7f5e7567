//! Ratios in pairs of batches: over the number of connections, with a connection per request, on
//! all CPUs.

use super::{View, folded, look};
use crate::claim::{ArmEvidence, Evidence, Unit};
use crate::plan::Grid;
use crate::question::servers::evidence::client_is_the_limit;
use crate::question::servers::plan::{
    PAGES, RACES, Race, USUAL, all_cpus, loadings, per_core, race, race_each, started,
};
use crate::record::{Id, Shape, Stop};
use crate::report::html::{escape, paragraph, table};
use crate::stats::Interval;

/// What is compared: the condition, the two servers (time of the second over that of the first),
/// and the experiment.
struct Compared {
    condition: String,
    shapes: [Shape; 2],
    id: Id,
}

pub(super) fn html(view: &View) -> String {
    let tried = |compared: &Compared| view.record.cell(&compared.id).is_some();
    let beyond: Vec<Compared> = beyond().into_iter().filter(tried).collect();
    let kept: Vec<Compared> = kept().into_iter().filter(tried).collect();
    if beyond.is_empty() && kept.is_empty() {
        return String::new();
    }
    let rows = |all: &[Compared]| all.iter().map(|one| row(view, one)).collect::<Vec<_>>();
    let shown = match beyond.is_empty() {
        true => String::new(),
        false => table(&HEAD, &rows(&beyond)),
    };
    let more = match kept.is_empty() {
        true => String::new(),
        false => folded("Connections that are kept, by their number", &HEAD, &rows(&kept)),
    };
    paragraph("", METHOD) + &shown + &more
}

const METHOD: &str = "Each ratio is the time per request of the second server over that of the \
                      first, from pairs of batches next to each other in time: above one, the \
                      first answers more. With a connection per request the client connects, asks, \
                      is answered and closes. On all CPUs nobody is pinned, and the client takes \
                      CPU time from the servers: what they gain by a second CPU is what the client \
                      leaves of it.";

const HEAD: [&str; 6] = [
    "Condition",
    "Second over first",
    "=In pairs (95 % interval)",
    "=Time per request of the first",
    "=Of the second",
    "Remark",
];

/// A connection per request, and all CPUs.
fn beyond() -> Vec<Compared> {
    let mut all = Vec::new();
    for which in RACES {
        // Every number of connections that the grids know: those that were not planned are not
        // found.
        for connections in numbers() {
            all.push(Compared {
                condition: format!("a connection per request, {connections} at a time"),
                shapes: which.shapes(),
                id: race_each(which, connections),
            });
        }
    }
    let pool = Shape::ThreadPool;
    let [kept, each] = started();
    let ways = [
        (each, format!("a connection per request, {USUAL} at a time")),
        (kept, format!("{USUAL} connections kept")),
    ];
    all.extend(ways.map(|(id, condition)| Compared {
        condition,
        shapes: [pool, Shape::ThreadPerConnection],
        id,
    }));
    all.extend([0, PAGES].map(|pages| Compared {
        condition: everywhere(pages),
        shapes: [Shape::Prefork, pool],
        id: all_cpus(pages),
    }));
    all.push(Compared {
        condition: everywhere(0),
        shapes: [Shape::EpollPerCore, Shape::Epoll],
        id: per_core(),
    });
    all
}

fn everywhere(pages: u32) -> String {
    match pages {
        0 => format!("all CPUs, {USUAL} connections kept"),
        pages => format!("all CPUs, {USUAL} connections kept, {pages} pages touched"),
    }
}

/// Connections that are kept: the races over their number.
fn kept() -> Vec<Compared> {
    let one = |which: Race, connections: u32, pages: u32| Compared {
        condition: match pages {
            0 => look::connections(&[connections]),
            pages => format!("{}, {pages} pages touched", look::connections(&[connections])),
        },
        shapes: which.shapes(),
        id: race(which, connections, pages),
    };
    let grid = |which: Race| {
        [0, PAGES].into_iter().flat_map(move |pages| {
            numbers().into_iter().map(move |connections| one(which, connections, pages))
        })
    };
    RACES.into_iter().flat_map(grid).collect()
}

/// All numbers of connections that any grid has.
fn numbers() -> Vec<u32> {
    let all = loadings(Grid::Full).into_iter().filter(|load| load.pages == 0);
    let mut numbers: Vec<u32> = all.map(|load| load.connections).collect();
    numbers.dedup();
    numbers
}

fn row(view: &View, compared: &Compared) -> Vec<String> {
    let [first, second] = compared.shapes.map(look::name);
    let named = vec![escape(&compared.condition), escape(&format!("{second} over {first}"))];
    let evidence = view.evidence(&compared.id);
    let Some((evidence, ratio)) = evidence.and_then(|e| Some((e, e.ratio?))) else {
        return [named, vec![format!("Not measured: {}", escape(&reason(view, &compared.id)))]]
            .concat();
    };
    [named, figures(evidence, ratio, saturated(evidence, compared))].concat()
}

fn figures(evidence: &Evidence, ratio: Interval, saturated: Option<Shape>) -> Vec<String> {
    let time = |ns: Option<Interval>| {
        ns.map_or("-".to_owned(), |ns| escape(&Unit::Nanoseconds.format_interval(ns)))
    };
    let limit = saturated.map(|shape| format!("the client was the limit of {}", look::with(shape)));
    vec![
        escape(&Unit::Times.format_interval(ratio)),
        time(evidence.a.time_ns),
        time(evidence.b.time_ns),
        escape(&limit.unwrap_or_default()),
    ]
}

/// Why there is no ratio.
fn reason(view: &View, id: &Id) -> String {
    match view.record.cell(id).map(|cell| &cell.stop) {
        Some(Stop::Failed(failure)) => failure.to_string(),
        _ => "too few samples for an interval".to_owned(),
    }
}

/// The first of the two servers whose client was the limit.
fn saturated(evidence: &Evidence, compared: &Compared) -> Option<Shape> {
    let limit = |arm: &ArmEvidence| {
        arm.busy_shares().is_some_and(|[client, server]| client_is_the_limit(client, server))
    };
    let arms = [&evidence.a, &evidence.b].into_iter().zip(compared.shapes);
    arms.filter(|(arm, _)| limit(arm)).map(|(_, shape)| shape).next()
}
