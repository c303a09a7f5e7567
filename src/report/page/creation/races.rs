//! One fork against a pool of threads that is built from scratch: which is ready first.

use super::{View, folded, look, unmeasured};
use crate::claim::{Unit, significant};
use crate::question::creation::evidence::{BreakEven, Race, RacePoint};
use crate::question::creation::plan::{POOL_SIZES, RACES, Rival, race};
use crate::record::Placement;
use crate::report::html::{element, escape, paragraph, text};
use crate::report::plot::{Look, Panel, Plot, Series, counted};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let missing = missing(view);
    let races: Vec<&Race> =
        view.creation.races.iter().filter(|race| !race.points.is_empty()).collect();
    if races.is_empty() {
        return missing;
    }
    let charts: String = races.iter().map(|race| chart(race, &races)).collect();
    let charts = element("div", "beside-each-other", &charts) + "\n";
    paragraph("", WORDS) + &charts + &figures(&races) + &missing
}

const WORDS: &str = "The pool is ready when all its threads have checked in, the child when it has \
                     done what its race says. Where the two lines cross a fork breaks even: with \
                     more threads it is ready first. Shaded: the interval of that crossing, as far \
                     as it was measured, or the gap between two sizes that it lies in.";

/// The pools that were tried and not measured: in one race, or in all.
fn missing(view: &View) -> String {
    let failed = POOL_SIZES.into_iter().flat_map(|threads| {
        let ids = RACES.map(|(name, ..)| (title(name), race(name, threads)));
        let failed = unmeasured::failed(view, ids);
        let same = failed.len() == RACES.len() && failed.iter().all(|(_, why)| *why == failed[0].1);
        let named = |(title, why): (String, String)| match same {
            true => (format!("a pool of {threads} threads, in every race"), why),
            false => (format!("a pool of {threads} threads, {title}"), why),
        };
        failed.into_iter().map(named).take(if same { 1 } else { RACES.len() }).collect::<Vec<_>>()
    });
    unmeasured::reasons(failed)
}

/// A race in words.
pub(super) fn title(name: &str) -> String {
    let known = RACES.into_iter().find(|(known, ..)| *known == name);
    let Some((_, rival, mebibytes, placement)) = known else { return name.to_owned() };
    let parent = match mebibytes {
        0 => "small parent".to_owned(),
        _ => format!("{mebibytes}\u{a0}MiB parent"),
    };
    let rival = match rival {
        Rival::Working => "the child writes 16 pages",
        Rival::Exec => "the child runs a tiny program",
    };
    let free = match placement {
        Placement::SameCore => "",
        Placement::TwoCores => ", on two cores",
        Placement::AllCores => ", on all cores",
        Placement::Free => ", free to use all cores",
    };
    format!("{parent}, {rival}{free}")
}

/// From how many threads on the fork wins, in words.
pub(super) fn wins(race: &Race) -> String {
    match race.break_even {
        BreakEven::At(at) => {
            let [threads, low, high] = [at.estimate, at.low, at.high].map(significant);
            format!("is ready first from {threads} threads on [{low}, {high}]")
        }
        BreakEven::Between(low, high) => {
            format!("is ready first from somewhere between {low} and {high} threads on")
        }
        BreakEven::Always => "is ready first against every pool that was measured".to_owned(),
        BreakEven::NotUpTo(threads) => {
            format!("is ready first against no pool of up to {threads} threads")
        }
        BreakEven::Unknown => {
            "breaks even at a number of threads that the points do not tell".to_owned()
        }
    }
}

/// All charts have the same vertical axis, so that they can be compared.
fn chart(race: &Race, all: &[&Race]) -> String {
    let points = |all: &[RacePoint], pick: fn(&RacePoint) -> Interval| {
        all.iter().map(|point| (f64::from(point.threads), Some(pick(point)))).collect()
    };
    let series = |name: &str, look: Look, pick| Series {
        name: name.to_owned(),
        look,
        points: points(&race.points, pick),
        hollow: Vec::new(),
    };
    let ready = |point: &RacePoint| [point.pool_ready_ns, point.child_ready_ns];
    let figures = all.iter().flat_map(|race| &race.points).flat_map(ready);
    let ends: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).collect();
    let y = Scale::fitting(true, &ends);
    let (cliffs, spans) = match race.break_even {
        BreakEven::At(at) => {
            let name = format!("even at {}", significant(at.estimate));
            (vec![(at.estimate, name)], vec![[at.low, at.high]])
        }
        BreakEven::Between(low, high) => (Vec::new(), vec![[low, high].map(f64::from)]),
        BreakEven::Always | BreakEven::NotUpTo(_) | BreakEven::Unknown => (Vec::new(), Vec::new()),
    };
    let threads: Vec<f64> = race.points.iter().map(|point| f64::from(point.threads)).collect();
    let plot = Plot {
        label: "Chart: when a pool is ready and when a forked child is, over the threads of the \
                pool; its figures are in the table below",
        x_name: "threads of the pool, logarithmic",
        x: Scale::fitting(true, &threads),
        x_ticks: counted(threads),
        spans,
        cliffs,
        panels: vec![Panel {
            y_name: "until ready, logarithmic".to_owned(),
            height: 170,
            y_ticks: y.ticks(),
            y,
            unit: Unit::Nanoseconds,
            band: None,
            levels: Vec::new(),
            series: vec![
                series("pool", look::THREAD, |point| point.pool_ready_ns),
                series("child", look::FORK, |point| point.child_ready_ns),
            ],
        }],
    };
    let heading = text("b", "", &words::sentence_case(&title(race.name)));
    let wins = escape(&format!(": the fork {}.", wins(race)));
    element("div", "", &(element("p", "note", &(heading + &wins)) + "\n" + &plot.html()))
}

fn figures(races: &[&Race]) -> String {
    let head = [
        "Threads",
        "=Pool ready (95 % interval)",
        "=Child ready",
        "=Child over pool, in pairs",
        "=Pool until all joined",
        "=Child until reaped",
    ];
    let mut rows = Vec::new();
    for race in races {
        rows.push(vec![escape(&words::sentence_case(&title(race.name)))]);
        rows.extend(race.points.iter().map(|point| {
            vec![
                point.threads.to_string(),
                escape(&look::time(Some(point.pool_ready_ns))),
                escape(&look::time(Some(point.child_ready_ns))),
                escape(&look::times(Some(point.ratio))),
                escape(&look::time(Some(point.pool_total_ns))),
                escape(&look::time(Some(point.child_total_ns))),
            ]
        }));
    }
    folded("The same in figures, and until all is over", &head, &rows)
}
