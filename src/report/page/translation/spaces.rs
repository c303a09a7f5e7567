//! What a switch costs more among processes, and how often the kernel flushes, over the number of
//! address spaces: one chart, for the cliffs of both stand at the same places.

use super::{View, folded, look};
use crate::claim::{Unit, significant};
use crate::question::tlb::evidence::{Cause, Scan, Step};
use crate::question::tlb::plan::Kind;
use crate::report::html::escape;
use crate::report::plot::{Panel, Plot, Series, counted};
use crate::report::scale::Scale;
use crate::report::words;
use crate::stats::Interval;

/// What the textbook promises, core cycles.
const TEXTBOOK: [f64; 2] = [1000.0, 2000.0];

pub(super) fn html(view: &View) -> String {
    let translation = &view.translation;
    let scan = &translation.scan;
    if scan.is_empty() {
        return String::new();
    }
    let actors: Vec<f64> = scan.iter().map(|scan| f64::from(scan.actors)).collect();
    let mut panels = Vec::new();
    if scan.iter().any(|scan| scan.process.or(scan.vm_process).is_some()) {
        panels.push(cycles(scan));
    }
    if scan.iter().any(|scan| !scan.flushed.is_empty()) {
        panels.push(flushes(scan));
    }
    let plot = Plot {
        label: "Chart: extra core cycles per switch and flushes per switch over the number of \
                address spaces; its figures are in the table below",
        x_name: "address spaces that take turns on the core",
        x: Scale::fitting(false, &actors),
        x_ticks: counted(actors),
        spans: Vec::new(),
        cliffs: cliffs(&translation.steps),
        panels,
    };
    let head = [
        "Address spaces",
        "=Processes, cycles more (95 % interval)",
        "=CLONE_VM processes",
        "=Processes, SCHED_OTHER",
        "=Flushes per switch, each launch",
        "=Kept",
    ];
    let rows: Vec<Vec<String>> = scan.iter().map(row).collect();
    plot.html() + &folded("The same in figures", &head, &rows)
}

fn cycles(scan: &[Scan]) -> Panel {
    let series = |name: &str, look, pick: fn(&Scan) -> Option<Interval>| Series {
        name: name.to_owned(),
        look,
        points: scan.iter().map(|at| (f64::from(at.actors), pick(at))).collect(),
        hollow: Vec::new(),
    };
    let all = [
        series("processes", look::of(Kind::Process), |scan| scan.process),
        series(look::name(Kind::VmProcess), look::of(Kind::VmProcess), |scan| scan.vm_process),
        series("under SCHED_OTHER", look::OTHER, |scan| scan.process_other),
    ];
    let series: Vec<Series> = all.into_iter().filter(look::seen).collect();
    let y = look::scale(&series, &[0.0, TEXTBOOK[1]]);
    Panel {
        y_name: "core cycles per switch, more than among threads".to_owned(),
        height: 240,
        y_ticks: y.ticks(),
        y,
        unit: Unit::Cycles,
        band: Some((TEXTBOOK, "textbook: 1,000-2,000 more".to_owned())),
        levels: vec![(0.0, String::new())],
        series,
    }
}

fn flushes(scan: &[Scan]) -> Panel {
    let exact = |share: &f64| Some(Interval { estimate: *share, low: *share, high: *share });
    let launches = |at: &Scan| {
        let x = f64::from(at.actors);
        at.flushed.iter().map(|share| (x, exact(share))).collect::<Vec<_>>()
    };
    let points = scan.iter().flat_map(launches).collect();
    let series =
        vec![Series { name: String::new(), look: look::LAUNCH, points, hollow: Vec::new() }];
    Panel {
        y_name: "flushes per switch among processes, by the kernel's tracepoint; a dot per launch"
            .to_owned(),
        height: 84,
        y: look::scale(&series, &[0.0, 1.0]),
        y_ticks: vec![0.0, 0.5, 1.0],
        unit: Unit::Share,
        band: None,
        levels: Vec::new(),
        series,
    }
}

fn cliffs(steps: &[Step]) -> Vec<(f64, String)> {
    let cliffs = steps.iter().filter(|step| step.cliff);
    cliffs
        .map(|step| {
            let cause = match step.cause {
                Cause::Kernel => "the kernel flushes",
                Cause::Processor => "the processor's limit",
                Cause::LostTranslations => "translations lost",
                Cause::Unexplained | Cause::None => "unexplained",
                Cause::Untold => "cause unknown",
            };
            (f64::from(step.from) + 0.5, format!("beyond {}: {cause}", step.from))
        })
        .collect()
}

fn row(scan: &Scan) -> Vec<String> {
    let cycles =
        |figure: Option<Interval>| escape(&figure.map_or("-".to_owned(), words::bare_interval));
    let launches = |shares: &[f64]| match shares {
        [] => "-".to_owned(),
        _ => shares.iter().map(|share| significant(*share)).collect::<Vec<_>>().join(" · "),
    };
    vec![
        scan.actors.to_string(),
        cycles(scan.process),
        cycles(scan.vm_process),
        cycles(scan.process_other),
        launches(&scan.flushed),
        launches(&scan.kept),
    ]
}
