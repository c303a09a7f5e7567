//! What the first touch of a page costs more, over the number of pages.

use super::look;
use super::{View, folded};
use crate::claim::Unit;
use crate::question::tlb::evidence::Refill;
use crate::question::tlb::plan::{ACTORS, Comparison, Kind, id};
use crate::report::html::escape;
use crate::report::plot::{Panel, Plot, Series, counted};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

/// More labels than this run into each other on a narrow page.
const MOST_TICKS: usize = 7;

pub(super) fn html(view: &View) -> String {
    let ends = [*ACTORS.start(), *ACTORS.end()];
    let refills: Vec<&Refill> = view
        .translation
        .refills
        .iter()
        .filter(|refill| ends.contains(&refill.actors) && refill.cycles_per_page.is_some())
        .collect();
    let mut pages: Vec<u32> = refills.iter().map(|refill| refill.pages).collect();
    pages.sort_unstable();
    pages.dedup();
    if pages.is_empty() {
        return String::new();
    }
    let drawn = ends.map(|actors| (actors, series(view, actors, &pages)));
    // The same axis for all panels, so that they can be compared.
    let scale = || look::scale(drawn.iter().flat_map(|(_, series)| series), &[0.0]);
    let panels = drawn.iter().filter(|(_, series)| !series.is_empty());
    let panels = panels.map(|(actors, series)| panel(*actors, scale(), series)).collect();
    let places: Vec<f64> = pages.iter().map(|pages| f64::from(*pages)).collect();
    let plot = Plot {
        label: "Chart: what the first touch of a page costs more than the second, over the \
                number of pages; its figures are in the table below",
        x_name: "pages that each actor touches per turn, logarithmic",
        x: Scale::fitting(true, &places),
        x_ticks: counted(ticks(&pages)),
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels,
    };
    let mut head = vec!["Pages".to_owned()];
    head.extend(look::KINDS.map(|kind| format!("={}", look::name(kind))));
    head.push("=forced flush".to_owned());
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        ends.into_iter().flat_map(|actors| rows(&refills, actors, &pages)).collect();
    plot.html() + &folded("The same in figures", &head, &rows)
}

fn ticks(pages: &[u32]) -> Vec<f64> {
    let few = pages.len() <= MOST_TICKS;
    let named = pages.iter().filter(|pages| few || pages.is_power_of_two());
    named.map(|pages| f64::from(*pages)).collect()
}

/// The rings of every kind with this many actors, and the forced flush.
fn series(view: &View, actors: u32, pages: &[u32]) -> Vec<Series> {
    let points = |kind: Kind, pick: fn(&Refill) -> Option<Interval>| {
        let tried =
            |pages: &&u32| view.evidence(&id(Comparison::Refill(kind), actors, **pages)).is_some();
        let point = |pages: &u32| {
            let refill = look::find(&view.translation.refills, kind, actors, *pages);
            (f64::from(*pages), refill.and_then(pick))
        };
        pages.iter().filter(tried).map(point).collect()
    };
    let ring = |kind| Series {
        name: look::name(kind).to_owned(),
        look: look::of(kind),
        points: points(kind, |refill| refill.cycles_per_page),
        hollow: Vec::new(),
    };
    let mut series: Vec<Series> = look::KINDS.map(ring).into();
    series.push(Series {
        name: "forced flush".to_owned(),
        look: look::FLUSH,
        points: points(Kind::Process, |refill| refill.flushed_cycles_per_page),
        hollow: Vec::new(),
    });
    series.retain(look::seen);
    series
}

fn panel(actors: u32, y: Scale, series: &[Series]) -> Panel {
    Panel {
        y_name: format!("core cycles per page, first touch minus second, {actors} actors"),
        height: 170,
        y_ticks: y.ticks(),
        y,
        unit: Unit::Cycles,
        band: None,
        levels: vec![(0.0, String::new())],
        series: series.to_vec(),
    }
}

fn rows(refills: &[&Refill], actors: u32, pages: &[u32]) -> Vec<Vec<String>> {
    let shown = |figure: Option<Interval>| {
        figure.map_or("-".to_owned(), |cycles| escape(&words::bare_interval(cycles)))
    };
    let row = |pages: u32| {
        let at = |kind| {
            let same = |r: &&&Refill| (r.kind, r.actors, r.pages) == (kind, actors, pages);
            refills.iter().find(same)
        };
        let mut row = vec![pages.to_string()];
        row.extend(look::KINDS.map(|kind| shown(at(kind).and_then(|r| r.cycles_per_page))));
        row.push(shown(at(Kind::Process).and_then(|r| r.flushed_cycles_per_page)));
        row
    };
    let with = |pages: &&u32| refills.iter().any(|r| r.actors == actors && r.pages == **pages);
    let mut rows: Vec<Vec<String>> = pages.iter().filter(with).map(|p| row(*p)).collect();
    if !rows.is_empty() {
        rows.insert(0, vec![format!("{actors} actors, core cycles per page (95 % interval)")]);
    }
    rows
}
