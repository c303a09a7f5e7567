//! The same on one core, on two and wherever the scheduler likes.

use super::{View, look, unmeasured};
use crate::claim::Unit;
use crate::question::creation::evidence::Placed;
use crate::question::creation::plan::{PLACED, placed};
use crate::record::{Placement, Record};
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
    let (record, all) = (view.record, &view.creation.placed);
    let tried = PLACED.into_iter().flat_map(|primitive| {
        ELSEWHERE.map(|(place, words)| {
            (format!("{}, {words}", look::name(record, primitive)), placed(primitive, place))
        })
    });
    let missing = unmeasured::html(view, tried);
    if all.is_empty() {
        return missing;
    }
    let rows = PLACED.into_iter().filter(|primitive| all.iter().any(|p| p.primitive == *primitive));
    let head = ["", "Where", "=One core (95 % interval)", "=There", "=Ratio, in pairs"];
    let table = table(
        &head,
        &rows.flat_map(|primitive| figures(record, all, primitive)).collect::<Vec<_>>(),
    );
    chart(record, all) + &table + &paragraph("", &explanation(record, all)) + &missing
}

fn at<'p>(all: &'p [Placed], primitive: &str, placement: Placement) -> Option<&'p Placed> {
    all.iter().find(|placed| placed.primitive == primitive && placed.placement == placement)
}

fn chart(record: &Record, all: &[Placed]) -> String {
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
            label: look::name(record, primitive).to_owned(),
            hue: hue(record.actor(primitive)),
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

fn figures(record: &Record, all: &[Placed], primitive: &str) -> Vec<Vec<String>> {
    let found: Vec<(&Placed, &str)> = ELSEWHERE
        .into_iter()
        .filter_map(|(placement, words)| Some((at(all, primitive, placement)?, words)))
        .collect();
    let row = |(index, (placed, words)): (usize, &(&Placed, &str))| {
        let name = look::coloured(record, primitive, look::name(record, primitive));
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
fn explanation(record: &Record, all: &[Placed]) -> String {
    let two_cores = |primitive: &str| at(all, primitive, Placement::TwoCores);
    let dearer = |primitive: &str| {
        let placed = two_cores(primitive).filter(|placed| placed.sound)?;
        Some(Interval::combination(&[(1.0, placed.time_ns), (-1.0, placed.same_core_ns)]))
    };
    let Some(trip) = dearer(ROUND_TRIP) else {
        let what = "What waking an actor on another core costs by itself was";
        return match two_cores(ROUND_TRIP) {
            Some(_) => format!("{what} not measured far enough."),
            None => format!("{what} not measured."),
        };
    };
    let creations: Vec<(&str, Interval)> = PLACED
        .into_iter()
        .filter(|primitive| *primitive != ROUND_TRIP)
        .filter_map(|primitive| Some((primitive, dearer(primitive)?)))
        .collect();
    let what = "The last row creates nothing: it is a round trip to a thread that waits, two \
                hand-overs, each of which wakes a core";
    let extra = |found: Interval| {
        let sign = if found.estimate < 0.0 { "-" } else { "+" };
        format!("{sign}{}", words::time(found.estimate.abs()))
    };
    let others: Vec<String> = creations
        .iter()
        .map(|(name, ns)| format!("{} {}", look::name(record, name), extra(*ns)))
        .collect();
    let explained = creations.iter().all(|(_, ns)| ns.low <= trip.high);
    let so = match (others.is_empty(), explained, alike(&creations)) {
        (true, _, _) => return format!("{what}. On two cores it costs {} more.", extra(trip)),
        (_, true, _) => {
            "None certainly costs more extra than that round trip: that a second core adds more \
             to a creation than wake-ups does not show."
        }
        (_, _, true) => {
            "All creations cost about as much extra, whatever they create: it is the way to \
             another core and back, not the creation, that is dear there."
        }
        _ => {
            "Where a creation certainly costs more extra than that round trip, the wake-up alone \
             does not explain it."
        }
    };
    format!("{what}. On two cores it changes by {}; {}. {so}", extra(trip), others.join(", "))
}

/// Creations that cost more extra by at most this factor than others count as alike.
const ALIKE: f64 = 1.5;

/// Do several creations cost about the same extra?
fn alike(creations: &[(&str, Interval)]) -> bool {
    let least = creations.iter().map(|(_, ns)| ns.low).fold(f64::MAX, f64::min);
    let most = creations.iter().map(|(_, ns)| ns.high).fold(f64::MIN, f64::max);
    creations.len() > 1 && least > 0.0 && most <= ALIKE * least
}
