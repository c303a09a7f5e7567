//! The same on one core, on two and wherever the scheduler likes.

use super::{View, look, unmeasured};
use crate::claim::Unit;
use crate::claim::creation::Placed;
use crate::plan::creation::{PLACED, placed};
use crate::record::Placement;
use crate::report::html::{escape, hue, paragraph, table};
use crate::report::plot::Shape;
use crate::report::strips::{Strip, Strips};
use crate::report::words;
use crate::stats::Interval;

/// What creates nothing: a round trip to a thread that waits.
const ROUND_TRIP: &str = "futex/thread";
const ELSEWHERE: [(Placement, &str); 2] =
    [(Placement::TwoCores, "two cores"), (Placement::Free, "free")];

pub(super) fn html(view: &View) -> String {
    let all = &view.judged.creation.placed;
    let tried = PLACED.into_iter().flat_map(|primitive| {
        ELSEWHERE.map(|(place, words)| {
            (format!("{}, {words}", look::name(primitive)), placed(primitive, place))
        })
    });
    let missing = unmeasured::html(view, tried);
    if all.is_empty() {
        return missing;
    }
    let rows = PLACED.into_iter().filter(|primitive| all.iter().any(|p| p.primitive == *primitive));
    let head = ["", "Where", "=One core (95 % interval)", "=There", "=Ratio, in pairs"];
    let table =
        table(&head, &rows.flat_map(|primitive| figures(all, primitive)).collect::<Vec<_>>());
    chart(all) + &table + &paragraph("", &explanation(all)) + &missing
}

fn at<'p>(all: &'p [Placed], primitive: &str, placement: Placement) -> Option<&'p Placed> {
    all.iter().find(|placed| placed.primitive == primitive && placed.placement == placement)
}

fn chart(all: &[Placed]) -> String {
    let key = [
        (look::row(Shape::Circle, true), "one core".to_owned()),
        (look::row(Shape::Square, false), "two cores".to_owned()),
        (look::row(Shape::Diamond, false), "free".to_owned()),
    ];
    let row = |primitive: &&str| {
        let there = ELSEWHERE.map(|(placement, _)| at(all, primitive, placement));
        let here = there.iter().flatten().next()?.same_core_ns;
        let marks: Vec<Option<Interval>> = std::iter::once(Some(here))
            .chain(there.map(|placed| placed.map(|placed| placed.time_ns)))
            .collect();
        let shown: Vec<String> =
            marks.iter().flatten().map(|time| words::time(time.estimate)).collect();
        Some(Strip {
            label: look::name(primitive).to_owned(),
            hue: hue(words::actor(primitive)),
            value: shown.join(" · "),
            marks,
        })
    };
    Strips {
        label: "Chart: the time of creations and of a round trip on one core, on two and free; \
                its figures are in the table below",
        axis: "time, logarithmic",
        unit: Unit::Nanoseconds,
        key: key.into(),
        rows: PLACED.iter().filter_map(row).collect(),
    }
    .html()
}

fn figures(all: &[Placed], primitive: &str) -> Vec<Vec<String>> {
    let found: Vec<(&Placed, &str)> = ELSEWHERE
        .into_iter()
        .filter_map(|(placement, words)| Some((at(all, primitive, placement)?, words)))
        .collect();
    let row = |(index, (placed, words)): (usize, &(&Placed, &str))| {
        let name = look::coloured(primitive, look::name(primitive));
        vec![
            if index == 0 { name } else { String::new() },
            (*words).to_owned(),
            escape(&look::time(Some(placed.same_core_ns))),
            escape(&look::time(Some(placed.time_ns))),
            escape(&look::times(Some(placed.ratio))),
        ]
    };
    found.iter().enumerate().map(row).collect()
}

/// Whether it is the wake-up that makes creations dear on another core.
fn explanation(all: &[Placed]) -> String {
    let dearer = |primitive: &str| {
        let placed = at(all, primitive, Placement::TwoCores)?;
        Some(placed.time_ns.estimate - placed.same_core_ns.estimate)
    };
    let Some(trip) = dearer(ROUND_TRIP) else {
        return "What waking an actor on another core costs by itself was not measured.".to_owned();
    };
    let creations: Vec<(&str, f64)> = PLACED
        .into_iter()
        .filter(|primitive| *primitive != ROUND_TRIP)
        .filter_map(|primitive| Some((primitive, dearer(primitive)?)))
        .collect();
    let what = "The last row creates nothing: it is a round trip to a thread that waits, two \
                hand-overs, each of which wakes a core";
    let extra = |ns: f64| {
        let sign = if ns < 0.0 { "-" } else { "+" };
        format!("{sign}{}", words::time(ns.abs()))
    };
    let others: Vec<String> =
        creations.iter().map(|(name, ns)| format!("{} {}", look::name(name), extra(*ns))).collect();
    // A life of an actor elsewhere holds up to two wake-ups as well: its own, and that of its
    // creator when it ends.
    let explained = creations.iter().all(|(_, ns)| *ns <= trip);
    let so = match (others.is_empty(), explained) {
        (true, _) => return format!("{what}. On two cores it costs {} more.", extra(trip)),
        (_, true) => {
            "None costs more extra than that round trip: it is the wake-up, not the creation, \
             that makes another core dear."
        }
        (_, false) => {
            "Where a creation costs more extra than that round trip, the wake-up alone does not \
             explain it."
        }
    };
    format!("{what}. On two cores it changes by {}; {}. {so}", extra(trip), others.join(", "))
}
