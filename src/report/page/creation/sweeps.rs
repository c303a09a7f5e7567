//! A fork in bigger and bigger parents: over memory, mappings, descriptors and threads.

use super::slopes::label;
use super::{View, folded, look};
use crate::claim::{Unit, significant};
use crate::question::creation::claims::A1;
use crate::question::creation::evidence::{Point, Sweep};
use crate::question::creation::plan::Axis;
use crate::report::html::{element, escape};
use crate::report::plot::{Look, Panel, Plot, Series};
use crate::report::scale::Scale;
use crate::stats::Interval;

/// What the textbook promises of creating a process, nanoseconds.
const TEXTBOOK: [f64; 2] = [A1.band.low, A1.band.high];
/// Where a record does not say what its small parent held, that stands as far before the first
/// point.
const BEFORE: f64 = 4.0;

pub(super) fn html(view: &View) -> String {
    let sweeps = &view.creation.sweeps;
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
    let mut series: Vec<Series> = sweeps.iter().map(|sweep| fork(sweep, small(&sweeps))).collect();
    if let Some(memory) = sweeps.iter().find(|sweep| sweep.axis == Axis::Memory) {
        series.push(thread(memory, small(&sweeps)));
    }
    for flat in view.creation.flats.iter().filter(|flat| flat.primitive != "thread/pthread") {
        let least = flat.points.first().map(|(_, small, _, _)| (0, *small));
        let points = flat.points.iter().map(|(at, _, big, _)| (*at, *big));
        let points = least.into_iter().chain(points);
        let points = points.map(|(at, figure)| (place(at, small(&sweeps)), Some(figure))).collect();
        let name = look::name(view.record, flat.primitive)
            .split(',')
            .next()
            .unwrap_or_default()
            .to_owned();
        series.push(Series {
            name,
            look: look::flat(view.record.actor(flat.primitive)),
            points,
            hollow: Vec::new(),
        });
    }
    let cliffs = sweeps.iter().filter_map(|sweep| {
        let at = sweep.one_ms_at?;
        let pages = if sweep.axis == Axis::Memory { "" } else { "huge pages: " };
        Some((at.estimate, format!("{pages}1 ms at {} MiB", significant(at.estimate))))
    });
    let named = "private memory held beyond the small parent, MiB, logarithmic";
    plot(named, &sweeps, cliffs.collect(), panel(series, 280, true))
}

/// The other axes side by side.
fn small_charts(sweeps: &[&Sweep]) -> String {
    let chart = |sweep: &&Sweep| {
        let series = vec![fork(sweep, small(&[sweep])), thread(sweep, small(&[sweep]))];
        let named = format!("{} held beyond the small parent, logarithmic", sweep.axis.name());
        plot(&named, &[sweep], Vec::new(), panel(series, 150, false))
    };
    let charts: String = sweeps.iter().map(chart).collect();
    if charts.is_empty() { charts } else { element("div", "beside-each-other", &charts) + "\n" }
}

fn plot(x_name: &str, sweeps: &[&Sweep], cliffs: Vec<(f64, String)>, panel: Panel) -> String {
    let small = small(sweeps);
    let mut at: Vec<u32> = sweeps.iter().flat_map(|sweep| places(sweep)).collect();
    at.sort_unstable();
    at.dedup();
    let ends: Vec<f64> = at.iter().map(|at| place(*at, small)).collect();
    Plot {
        label: "Chart: the time of a fork and of a thread over what the parent holds; its figures \
                are in the table below",
        x_name,
        x: Scale::fitting(true, &ends),
        x_ticks: at.iter().map(|at| (place(*at, small), tick(*at, sweeps))).collect(),
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

/// Place of the small parent: what it holds by itself.
fn small(sweeps: &[&Sweep]) -> f64 {
    let tried = sweeps.iter().flat_map(|sweep| places(sweep)).filter(|at| *at > 0);
    let before = f64::from(tried.min().unwrap_or(1)) / BEFORE;
    sweeps.iter().find_map(|sweep| sweep.small).unwrap_or(before)
}

fn place(at: u32, small: f64) -> f64 {
    if at == 0 { small } else { f64::from(at) }
}

/// What stands below a place: what is held beyond the small parent, or what that holds.
fn tick(at: u32, sweeps: &[&Sweep]) -> String {
    let held = sweeps.iter().find_map(|sweep| sweep.small).filter(|_| at == 0);
    match held {
        None => at.to_string(),
        // A count is whole.
        Some(count) if count.fract() == 0.0 => format!("small: {count}"),
        Some(mebibytes) => format!("small: {}", significant(mebibytes)),
    }
}

fn fork(sweep: &Sweep, small: f64) -> Series {
    let (name, look) = match sweep.axis {
        Axis::Memory => ("fork, base pages", look::FORK),
        Axis::HugeMemory => ("fork, huge pages", look::HUGE),
        Axis::Mappings | Axis::Descriptors | Axis::Threads => ("fork", look::FORK),
    };
    series(name, look, sweep, small, |point| point.fork_ns)
}

fn thread(sweep: &Sweep, small: f64) -> Series {
    series("pthread", look::THREAD, sweep, small, |point| point.thread_ns)
}

/// The line of one actor, interrupted where a point was tried and not measured.
fn series(
    name: &str,
    look: Look,
    sweep: &Sweep,
    small: f64,
    pick: fn(&Point) -> Interval,
) -> Series {
    let mut at = places(sweep);
    at.sort_unstable();
    let points = at.into_iter().map(|at| {
        let point = sweep.points.iter().find(|point| point.at == at);
        (place(at, small), point.map(pick))
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
            Axis::Mappings | Axis::Descriptors | Axis::Threads => sweep.axis.name(),
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
