//! A fork in bigger and bigger parents: over memory, mappings, descriptors and threads.

use super::slopes::label;
use super::{View, folded, look};
use crate::claim::creation::{Point, Sweep};
use crate::claim::{A1, Unit, significant};
use crate::plan::creation::Axis;
use crate::report::html::{element, escape};
use crate::report::plot::{Look, Panel, Plot, Series};
use crate::report::scale::Scale;
use crate::stats::Interval;

/// What the textbook promises of creating a process, nanoseconds.
const TEXTBOOK: [f64; 2] = [A1.band.low, A1.band.high];
/// Nothing has no place on a logarithmic axis: it stands as far before the first point.
const BEFORE: f64 = 4.0;

pub(super) fn html(view: &View) -> String {
    let sweeps = &view.judged.creation.sweeps;
    let drawn = |axis| sweeps.iter().find(|s| s.axis == axis).filter(|s| s.points.len() > 1);
    let rest = [Axis::Mappings, Axis::Descriptors, Axis::Threads].into_iter().filter_map(drawn);
    let rest: Vec<&Sweep> = rest.collect();
    let memory = [Axis::Memory, Axis::HugeMemory].into_iter().filter_map(drawn).collect();
    let charts = memory_chart(view, memory) + &small_charts(&rest);
    if charts.is_empty() { charts } else { charts + &figures(sweeps) }
}

/// All that goes over the parent's memory in one chart, so that slopes and ends can be compared.
fn memory_chart(view: &View, sweeps: Vec<&Sweep>) -> String {
    if sweeps.is_empty() {
        return String::new();
    }
    let mut series: Vec<Series> = sweeps.iter().map(|sweep| fork(sweep, first(&sweeps))).collect();
    if let Some(memory) = sweeps.iter().find(|sweep| sweep.axis == Axis::Memory) {
        series.push(thread(memory, first(&sweeps)));
    }
    for flat in view.judged.creation.flats.iter().filter(|flat| flat.primitive != "thread/pthread")
    {
        let small = flat.points.first().map(|(_, small, _, _)| (0, *small));
        let points = flat.points.iter().map(|(at, _, big, _)| (*at, *big));
        let points = small.into_iter().chain(points);
        let points = points.map(|(at, figure)| (place(at, first(&sweeps)), Some(figure))).collect();
        let name = look::name(flat.primitive).split(',').next().unwrap_or_default().to_owned();
        series.push(Series { name, look: look::flat(flat.primitive), points, hollow: Vec::new() });
    }
    let cliffs = sweeps.iter().filter_map(|sweep| {
        let at = sweep.one_ms_at?;
        let pages = if sweep.axis == Axis::Memory { "" } else { "huge pages: " };
        Some((at.estimate, format!("{pages}1 ms at {} MiB", significant(at.estimate))))
    });
    let named = "private memory of the parent, MiB, logarithmic; 0 is the lab alone";
    plot(named, &sweeps, cliffs.collect(), panel(series, 280, true))
}

/// The other axes side by side.
fn small_charts(sweeps: &[&Sweep]) -> String {
    let chart = |sweep: &&Sweep| {
        let series = vec![fork(sweep, first(&[sweep])), thread(sweep, first(&[sweep]))];
        let named = format!("{} of the parent, logarithmic", sweep.axis.unit());
        plot(&named, &[sweep], Vec::new(), panel(series, 150, false))
    };
    let charts: String = sweeps.iter().map(chart).collect();
    if charts.is_empty() { charts } else { element("div", "beside-each-other", &charts) + "\n" }
}

fn plot(x_name: &str, sweeps: &[&Sweep], cliffs: Vec<(f64, String)>, panel: Panel) -> String {
    let first = first(sweeps);
    let mut at: Vec<u32> = sweeps.iter().flat_map(|sweep| places(sweep)).collect();
    at.sort_unstable();
    at.dedup();
    let ends: Vec<f64> = at.iter().map(|at| place(*at, first)).collect();
    Plot {
        label: "Chart: the time of a fork and of a thread over what the parent holds; its figures \
                are in the table below",
        x_name,
        x: Scale::fitting(true, &ends),
        x_ticks: at.iter().map(|at| (place(*at, first), at.to_string())).collect(),
        spans: Vec::new(),
        cliffs,
        panels: vec![panel],
    }
    .html()
}

fn panel(series: Vec<Series>, height: u32, textbook: bool) -> Panel {
    let figures = series.iter().flat_map(|series| &series.points).filter_map(|(_, figure)| *figure);
    let mut ends: Vec<f64> = figures.flat_map(|figure| [figure.low, figure.high]).collect();
    if textbook {
        ends.extend(TEXTBOOK);
    }
    let y = Scale::fitting(true, &ends);
    Panel {
        y_name: "created to reaped, logarithmic".to_owned(),
        height,
        y_ticks: y.ticks(),
        y,
        unit: Unit::Nanoseconds,
        band: textbook.then(|| (TEXTBOOK, format!("textbook: a process takes {}", A1.promise))),
        levels: if textbook { vec![(TEXTBOOK[0], String::new())] } else { Vec::new() },
        series,
    }
}

/// Where anything was tried.
fn places(sweep: &Sweep) -> Vec<u32> {
    let tried = sweep.points.iter().map(|point| point.at);
    tried.chain(sweep.missing.iter().map(|(at, _)| *at)).collect()
}

/// The least that is more than nothing.
fn first(sweeps: &[&Sweep]) -> f64 {
    let tried = sweeps.iter().flat_map(|sweep| places(sweep)).filter(|at| *at > 0);
    f64::from(tried.min().unwrap_or(1))
}

fn place(at: u32, first: f64) -> f64 {
    if at == 0 { first / BEFORE } else { f64::from(at) }
}

fn fork(sweep: &Sweep, first: f64) -> Series {
    let (name, look) = match sweep.axis {
        Axis::Memory => ("fork, base pages", look::FORK),
        Axis::HugeMemory => ("fork, huge pages", look::HUGE),
        Axis::Mappings | Axis::Descriptors | Axis::Threads => ("fork", look::FORK),
    };
    series(name, look, sweep, first, |point| point.fork_ns)
}

fn thread(sweep: &Sweep, first: f64) -> Series {
    series("pthread", look::THREAD, sweep, first, |point| point.thread_ns)
}

/// The line of one actor, interrupted where a point was tried and not measured.
fn series(
    name: &str,
    look: Look,
    sweep: &Sweep,
    first: f64,
    pick: fn(&Point) -> Interval,
) -> Series {
    let mut at = places(sweep);
    at.sort_unstable();
    let points = at.into_iter().map(|at| {
        let point = sweep.points.iter().find(|point| point.at == at);
        (place(at, first), point.map(pick))
    });
    Series { name: name.to_owned(), look, points: points.collect(), hollow: Vec::new() }
}

fn figures(sweeps: &[Sweep]) -> String {
    let head = ["Parent", "=Fork (95 % interval)", "=pthread", "=Ratio, in pairs"];
    let mut rows = Vec::new();
    for sweep in sweeps.iter().filter(|sweep| !sweep.points.is_empty()) {
        let title = match sweep.axis {
            Axis::Memory => "memory in base pages",
            Axis::HugeMemory => "memory in huge pages",
            Axis::Mappings | Axis::Descriptors | Axis::Threads => sweep.axis.unit(),
        };
        rows.push(vec![title.to_owned()]);
        rows.extend(sweep.points.iter().map(|point| {
            vec![
                escape(&label(sweep.axis, point.at)),
                escape(&look::time(Some(point.fork_ns))),
                escape(&look::time(Some(point.thread_ns))),
                escape(&look::times(Some(point.ratio))),
            ]
        }));
    }
    folded("The same in figures", &head, &rows)
}
