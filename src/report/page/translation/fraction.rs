//! Phi, the share of a flush that a switch takes, over the number of actors.

use super::look;
use super::{View, folded};
use crate::claim::Unit;
use crate::question::tlb::plan::{Comparison, Kind, PAGES, id};
use crate::question::tlb::share::{FLUSHED, KEPT};
use crate::report::html::{escape, paragraph};
use crate::report::plot::{Panel, Plot, Series, counted};
use crate::report::scale::Scale;

/// Up to the first the translations count as kept, from the second on as flushed.
const LEVELS: [f64; 2] = [KEPT, FLUSHED];

pub(super) fn html(view: &View) -> String {
    let refills = &view.translation.refills;
    if !refills.iter().any(|refill| PAGES.contains(&refill.pages)) {
        return String::new();
    }
    // What was tried, whether it gave a figure or not.
    let tried =
        view.judged.evidence.iter().filter(|(id, _)| Comparison::Refill(Kind::Process).has(id));
    let tried = tried.map(|(_, evidence)| &evidence.b.arm).filter(|a| PAGES.contains(&a.pages));
    let mut actors: Vec<u32> = tried.map(|arm| arm.actors).collect();
    actors.sort_unstable();
    actors.dedup();
    let x_ticks: Vec<f64> = actors.iter().map(|actors| f64::from(*actors)).collect();
    let drawn = PAGES.map(|pages| (pages, series(view, pages, &actors)));
    let panels = drawn.iter().filter(|(_, series)| !series.is_empty());
    // The same axis for all panels, so that they can be compared.
    let scale = || look::scale(drawn.iter().flat_map(|(_, series)| series), &[0.0, 1.0]);
    let panels = panels.map(|(pages, series)| panel(*pages, scale(), series)).collect();
    let plot = Plot {
        label: "Chart: the share of a flush that a switch takes, over the number of actors; its \
                figures are in the table below",
        x_name: "actors that take turns on the core",
        x: Scale::fitting(false, &x_ticks),
        x_ticks: counted(x_ticks),
        spans: Vec::new(),
        cliffs: Vec::new(),
        panels,
    };
    let words = "\u{3c6} is the refill after a switch over the refill after a forced flush: near \
                 0 the translations were kept, near 1 they were lost. Where alias threads rise as \
                 processes do, the TLB is too small for so many translations, whatever a switch \
                 does. Threads are not at 0 where the kernel's own work between two visits takes \
                 part of the first level; close to its capacity one launch may lose all of it and \
                 the next nothing, as memory happens to lie, so that the interval spans both.";
    let mut head = vec!["Actors".to_owned()];
    head.extend(look::KINDS.map(|kind| format!("={}", look::name(kind))));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        PAGES.iter().flat_map(|pages| rows(view, *pages, &actors)).collect();
    paragraph("", words) + &plot.html() + &folded("The same in figures", &head, &rows)
}

/// The rings of every kind with this many pages.
fn series(view: &View, pages: u32, actors: &[u32]) -> Vec<Series> {
    let translation = &view.translation;
    let of = |kind: Kind| {
        let tried =
            |actors: &&u32| view.evidence(&id(Comparison::Refill(kind), **actors, pages)).is_some();
        let point = |actors: &u32| {
            let refill = look::find(&translation.refills, kind, *actors, pages);
            (f64::from(*actors), refill.map(|refill| refill.fraction))
        };
        let points = actors.iter().filter(tried).map(point).collect();
        Series {
            name: look::name(kind).to_owned(),
            look: look::of(kind),
            points,
            hollow: Vec::new(),
        }
    };
    look::KINDS.map(of).into_iter().filter(look::seen).collect()
}

fn panel(pages: u32, y: Scale, series: &[Series]) -> Panel {
    let [kept, flushed] = LEVELS;
    Panel {
        y_name: format!("\u{3c6}, share of a flush, {pages} pages touched per turn"),
        height: 170,
        y_ticks: y.ticks(),
        y,
        unit: Unit::Share,
        band: None,
        levels: vec![
            (kept, format!("{kept} and below: kept")),
            (flushed, format!("{flushed} and above: flushed")),
        ],
        series: series.to_vec(),
    }
}

fn rows(view: &View, pages: u32, actors: &[u32]) -> Vec<Vec<String>> {
    let row = |actors: u32| {
        let refills = &view.translation.refills;
        let figure = |kind| match look::find(refills, kind, actors, pages) {
            Some(refill) => escape(&Unit::Share.format_interval(refill.fraction)),
            None => "-".to_owned(),
        };
        let mut row = vec![actors.to_string()];
        row.extend(look::KINDS.map(figure));
        row
    };
    let tried = |actors: &&u32| {
        let of = |kind| id(Comparison::Refill(kind), **actors, pages);
        look::KINDS.into_iter().any(|kind| view.evidence(&of(kind)).is_some())
    };
    let mut rows: Vec<Vec<String>> = actors.iter().filter(tried).map(|a| row(*a)).collect();
    if !rows.is_empty() {
        rows.insert(0, vec![format!("{pages} pages, \u{3c6} (95 % interval)")]);
    }
    rows
}
