//! Charts of switches and of the TLB.

use super::evidence::Translation;
use super::kept::Kept;
use super::plan::{ACTORS, Comparison, Kind, id};
use super::share::{FLUSHED, KEPT};
use crate::claim::{Brief, Estimand, Unit, counted, grouped, ordinal, times};
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Figure, HorizontalBand, Lines, Look, Series, Stroke, VerticalRule,
};
use crate::stats::Interval;

fn number(value: f64) -> String {
    format!("{value:.0}")
}

fn cycles(value: f64) -> String {
    Unit::Cycles.brief(value)
}

/// What the rings show over the number of actors.
fn over_actors(
    view: View,
    family: Comparison,
    pages: u32,
    read: impl Fn(&crate::claim::Evidence) -> Option<Interval>,
) -> Vec<(f64, Interval)> {
    let point = |actors| {
        let evidence = view.judged.evidence.get(&id(family, actors, pages))?;
        Some((f64::from(actors), read(evidence)?))
    };
    ACTORS.filter_map(point).collect()
}

fn line(label: &str, look: Look, stroke: Stroke, points: Vec<(f64, Interval)>) -> Option<Series> {
    let label = label.to_owned();
    (!points.is_empty()).then_some(Series { label, look, stroke, points, breaks: Vec::new() })
}

/// Where switches begin to flush, as a line across a chart.
fn boundary(found: &Translation) -> Option<VerticalRule> {
    let Kept::Exactly(most) = found.kept else { return None };
    Some(VerticalRule {
        at: f64::from(most) + 0.5,
        left: "TLB kept".to_owned(),
        right: "flushed".to_owned(),
    })
}

fn values(series: &[Series]) -> Vec<f64> {
    series.iter().flat_map(|s| &s.points).map(|(_, value)| value.estimate).collect()
}

fn actors() -> Axis {
    let ends = [f64::from(*ACTORS.start()), f64::from(*ACTORS.end())];
    Axis::counts("processes taking turns on one core", &ends, number, number)
}

/// Extra cycles of a process switch over processes per core.
pub(in crate::question) fn hero(view: View) -> Option<Box<dyn Figure>> {
    let found = Translation::of(view.record, view.judged);
    let extra =
        |evidence: &crate::claim::Evidence| Estimand::ExtraCycles.figure(evidence, view.record);
    let at = |pages| over_actors(view, Comparison::Switch, pages, extra);
    let rule = boundary(&found);
    let breaks: Vec<f64> = rule.iter().map(|rule| rule.at).collect();
    let kinds = [
        ("48 pages", 48, Stroke::Dotted),
        ("16 pages", 16, Stroke::Dashed),
        ("none touched", 0, Stroke::Solid),
    ];
    let series = kinds.into_iter().filter_map(|(label, pages, stroke)| {
        Some(Series { breaks: breaks.clone(), ..line(label, Look::Process, stroke, at(pages))? })
    });
    let series: Vec<Series> = series.collect();
    if series.is_empty() {
        return None;
    }
    let mut all = values(&series);
    all.push(2000.0);
    let title = match found.kept {
        Kept::Exactly(most) => {
            // Where Linux does not flush yet, the processor holds fewer.
            let how = match found.slots == Ok(Kept::Exactly(most)) {
                true => "every switch flushes",
                false => "switches lose",
            };
            format!("From the {} process on a core, {how} the TLB", ordinal(most + 1))
        }
        Kept::AtLeast(most) => {
            format!("Up to {} processes per core keep their TLB entries", counted(most))
        }
        _ => "What a process switch costs more than a thread switch".to_owned(),
    };
    Some(Box::new(Lines {
        title,
        description: "Extra core cycles of a switch between processes, over one between threads, \
                      by the number of processes that take turns on one core and the pages that \
                      each touches."
            .to_owned(),
        x: actors(),
        y: Axis::from_zero("extra cycles per switch", &all, |v| grouped(number(v)), cycles),
        bands: vec![HorizontalBand {
            low: 1000.0,
            high: 2000.0,
            label: "textbook: 1,000–2,000".to_owned(),
        }],
        rules: rule.into_iter().collect(),
        series,
    }))
}

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    [refills(view), ratios(view), pages(view)].into_iter().flatten().map(Part::Chart).collect()
}

/// The share of the TLB that a switch takes: claims B1 and B4 are two limits on one measurement.
fn refills(view: View) -> Option<Box<dyn Figure>> {
    let found = Translation::of(view.record, view.judged);
    let of =
        |kind| over_actors(view, Comparison::Refill(kind), 16, |evidence| evidence.refill_fraction);
    let rule = boundary(&found);
    let series: Vec<Series> = [
        line("processes", Look::Process, Stroke::Solid, of(Kind::Process)),
        line("CLONE_VM", Look::Accent, Stroke::Dashed, of(Kind::VmProcess)),
        line("threads", Look::Thread, Stroke::Solid, of(Kind::Thread)),
    ]
    .into_iter()
    .flatten()
    .map(|series| Series { breaks: rule.iter().map(|rule| rule.at).collect(), ..series })
    .collect();
    let all = values(&series);
    let share = |value: f64| format!("{:.0} %", value * 100.0);
    let title = match found.kept {
        Kept::Exactly(most) => format!(
            "Up to {} processes per core keep their TLB entries across switches",
            counted(most)
        ),
        _ => "TLB refill after a switch, against a forced flush".to_owned(),
    };
    (!all.is_empty()).then(|| {
        Box::new(Lines {
            title,
            description: "What touching 16 pages after a switch costs more than touching them \
                          again, as a share of the same after a forced flush, by actors per core."
                .to_owned(),
            x: actors(),
            y: Axis::from_zero("TLB refill, share of a forced flush", &all, share, share),
            bands: vec![
                HorizontalBand { low: FLUSHED, high: f64::INFINITY, label: "flushed".to_owned() },
                HorizontalBand { low: f64::NEG_INFINITY, high: KEPT, label: "kept".to_owned() },
            ],
            rules: rule.into_iter().collect(),
            series,
        }) as Box<dyn Figure>
    })
}

/// Process switches over thread switches: claim B3.
fn ratios(view: View) -> Option<Box<dyn Figure>> {
    let of = |pages| over_actors(view, Comparison::Switch, pages, |evidence| evidence.ratio);
    let kinds = [
        ("48 pages", 48, Stroke::Dotted),
        ("16 pages", 16, Stroke::Dashed),
        ("none touched", 0, Stroke::Solid),
    ];
    let series = kinds
        .into_iter()
        .filter_map(|(label, pages, stroke)| line(label, Look::Process, stroke, of(pages)));
    let series: Vec<Series> = series.collect();
    let mut all = values(&series);
    let most = all.iter().copied().fold(f64::NAN, f64::max);
    all.extend([1.0, 2.2]);
    (!series.is_empty()).then(|| {
        Box::new(Lines {
            title: format!(
                "A process switch takes at most {} as long as a thread switch",
                times(most)
            ),
            description: "Time of a switch between processes over one between threads, by the \
                          number of actors on the core and the pages that each touches."
                .to_owned(),
            x: actors(),
            y: Axis::from_zero("process switch / thread switch", &all, |v| format!("{v}×"), times),
            bands: vec![HorizontalBand {
                low: 2.0, high: 5.0, label: "textbook: 2–5×".to_owned()
            }],
            rules: Vec::new(),
            series,
        }) as Box<dyn Figure>
    })
}

/// Extra cycles over the pages touched.
fn pages(view: View) -> Option<Box<dyn Figure>> {
    let found = Translation::of(view.record, view.judged);
    let of = |actors: u32, stroke| {
        let of_ring = found.lines.iter().find(|line| line.actors == actors)?;
        let first = (0.0, of_ring.direct);
        let rest = of_ring.indirect.iter().map(|(pages, added)| {
            let whole = Interval::combination(&[(1.0, of_ring.direct), (1.0, *added)]);
            (f64::from(*pages), whole)
        });
        let points = std::iter::once(first).chain(rest).collect();
        line(&format!("{actors} processes"), Look::Process, stroke, points)
    };
    let series: Vec<Series> =
        [of(9, Stroke::Solid), of(2, Stroke::Dashed)].into_iter().flatten().collect();
    let all = values(&series);
    (!series.is_empty()).then(|| {
        Box::new(Lines {
            title: "Where switches flush, each page touched adds to their cost".to_owned(),
            description: "Extra core cycles of a switch between processes by the pages that each \
                          touches between switches."
                .to_owned(),
            x: Axis::counts("pages touched between switches", &[0.0, 48.0], number, number),
            y: Axis::from_zero("extra cycles per switch", &all, |v| grouped(number(v)), cycles),
            bands: Vec::new(),
            rules: Vec::new(),
            series,
        }) as Box<dyn Figure>
    })
}
