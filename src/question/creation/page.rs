//! Charts of creation.

use super::evidence::{Creation, Sweep, Writer};
use super::plan::{Axis as Grows, SHOWN_FLAT, stalled, stamped};
use crate::claim::{Brief, Unit, times};
use crate::report::face::{Part, View};
use crate::report::figure::{
    Axis, Bars, Cell, Column, Figure, HorizontalBand, Lines, Look, Row, Scale, Series, Stroke,
    VerticalRule,
};
use crate::stats::Interval;

const MEBIBYTE: f64 = 1048576.0;

fn memory(mib: f64) -> String {
    if mib == 0.0 { "small".to_owned() } else { Unit::Bytes.brief(mib * MEBIBYTE) }
}

fn time(ns: f64) -> String {
    Unit::Nanoseconds.brief(ns)
}

/// Powers of ten of time: `10 µs`.
fn decade(ns: f64) -> String {
    Unit::Nanoseconds.brief(ns).replace(".0 ", " ")
}

/// Fork over the parent's memory, with a thread beside it.
pub(in crate::question) fn hero(view: View) -> Option<Box<dyn Figure>> {
    let creation = Creation::of(view.record, view.judged);
    let sweep = |axis| creation.sweeps.iter().find(|sweep: &&Sweep| sweep.axis == axis);
    let base = sweep(Grows::Memory)?;
    let line = |sweep: &Sweep, fork: bool| -> Vec<(f64, Interval)> {
        let point = |p: &super::evidence::Point| if fork { p.fork_ns } else { p.thread_ns };
        sweep.points.iter().map(|p| (f64::from(p.at), point(p))).collect()
    };
    let series = |label: &str, look, stroke, points| Series {
        label: label.to_owned(),
        look,
        stroke,
        points,
        breaks: Vec::new(),
    };
    let mut all = vec![series("fork", Look::Process, Stroke::Solid, line(base, true))];
    if let Some(huge) = sweep(Grows::HugeMemory) {
        all.push(series("huge pages", Look::Process, Stroke::Dashed, line(huge, true)));
    }
    let calls = calls(view, base);
    if calls.len() > 1 {
        all.push(series("fork's call alone", Look::Accent, Stroke::Dotted, calls));
    }
    for flat in &creation.flats {
        if flat.primitive == SHOWN_FLAT {
            let first = flat.points.first().map(|(_, small, _)| (0.0, *small));
            let rest = flat.points.iter().map(|(mib, _, big)| (f64::from(*mib), *big));
            let points = first.into_iter().chain(rest).collect();
            all.push(series("posix_spawn", Look::Process, Stroke::Dotted, points));
        }
    }
    all.push(series("thread", Look::Thread, Stroke::Solid, line(base, false)));
    let values: Vec<f64> =
        all.iter().flat_map(|s| &s.points).map(|(_, time)| time.estimate).collect();
    let places: Vec<f64> = base.points.iter().map(|p| f64::from(p.at)).collect();
    let (first, last) = (base.points.first()?, base.points.last()?);
    let rule = base.reaches(1e6, |point| point.fork_ns.estimate).map(|at| VerticalRule {
        at,
        left: String::new(),
        right: format!("1 ms at {}", memory(at)),
    });
    Some(Box::new(Lines {
        title: format!(
            "Fork's cost grows with the parent: {} to {} at {}",
            time(first.fork_ns.estimate),
            time(last.fork_ns.estimate),
            memory(f64::from(last.at))
        ),
        description: format!(
            "Time to create and reap against parent memory: fork rises from {} to {}; a thread \
             stays at {}.",
            time(first.fork_ns.estimate),
            time(last.fork_ns.estimate),
            time(first.thread_ns.estimate)
        ),
        x: Axis::sweep("memory that the parent has touched", &places, memory, memory),
        y: Axis::decades("create, exit and wait", &values, decade, time),
        bands: Vec::new(),
        rules: rule.into_iter().collect(),
        series: all,
    }))
}

/// What the caller of fork waits for, over the parent's memory.
fn calls(view: View, sweep: &Sweep) -> Vec<(f64, Interval)> {
    let call = |at: u32| {
        let id = if at == 0 { stamped("process/fork") } else { stalled(Grows::Memory, at) };
        Some((f64::from(at), view.judged.evidence.get(&id)?.b.call_ns?))
    };
    sweep.points.iter().filter_map(|point| call(point.at)).collect()
}

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    let creation = Creation::of(view.record, view.judged);
    let charts = [ways(&creation), pools(&creation), slopes(&creation), flags(&creation)];
    let more = [hand_offs(&creation), writes(&creation)];
    charts.into_iter().chain(more).flatten().map(Part::Chart).collect()
}

fn bar(value: Interval, text: String) -> Cell {
    Cell::Bar { value, text, open_end: false }
}

fn bars(
    title: String,
    subject: &str,
    heading: &str,
    scale: Scale,
    rows: Vec<Row>,
) -> Option<Box<dyn Figure>> {
    let columns = vec![Column { heading: heading.to_owned(), scale, format: Box::new(time) }];
    let description = format!("{heading}, by {subject}.");
    let subject = subject.to_owned();
    (!rows.is_empty())
        .then(|| Box::new(Bars { title, description, subject, columns, rows }) as Box<dyn Figure>)
}

/// What a way to create is called, and who it creates.
fn named(primitive: &str) -> (&str, Look) {
    match primitive {
        "clone/thread" => ("raw clone, thread", Look::Thread),
        "thread/pthread" => ("pthread_create", Look::Thread),
        "thread/pthread-fresh-stack" => ("pthread_create, new stack", Look::Thread),
        "thread/std" => ("std::thread", Look::Thread),
        "thread/scoped" => ("std::thread::scope", Look::Thread),
        "clone/vm" => ("clone(CLONE_VM)", Look::Accent),
        "clone/vm-vfork" => ("vfork", Look::Accent),
        "clone/none" => ("raw clone, process", Look::Process),
        "process/fork" => ("fork", Look::Process),
        "process/vfork-exec-tiny" => ("vfork + exec, tiny program", Look::Process),
        "process/spawn-tiny" => ("posix_spawn, tiny program", Look::Process),
        "process/command-tiny" => ("std::process::Command", Look::Process),
        "process/fork-exec-tiny" => ("fork + exec, tiny program", Look::Process),
        "process/fork-exec-static" => ("fork + exec, static program", Look::Process),
        "process/fork-exec-dynamic" => ("fork + exec, dynamic program", Look::Process),
        "process/spawn-dynamic" => ("posix_spawn, dynamic program", Look::Process),
        "process/fork-working" => ("fork, child writes 64 pages", Look::Process),
        other => (other, Look::Plain),
    }
}

fn ways(creation: &Creation) -> Option<Box<dyn Figure>> {
    let mut ways: Vec<_> = creation.ways.iter().collect();
    ways.sort_by(|one, other| one.reaped_ns.estimate.total_cmp(&other.reaped_ns.estimate));
    let rows = ways.iter().map(|way| {
        let (label, look) = named(way.primitive);
        let cells = vec![bar(way.reaped_ns, time(way.reaped_ns.estimate))];
        Row { label: label.to_owned(), look, cells }
    });
    let title = match (ways.first(), ways.last()) {
        (Some(first), Some(last)) => format!(
            "Ways to create take from {} to {}",
            time(first.reaped_ns.estimate),
            time(last.reaped_ns.estimate)
        ),
        _ => String::new(),
    };
    bars(
        title,
        "way to create",
        "create, exit and wait, with time stamps",
        Scale::Log,
        rows.collect(),
    )
}

/// Fork over a fresh pool, by the size of the pool.
fn pools(creation: &Creation) -> Option<Box<dyn Figure>> {
    let names =
        [("small", "small parent", Stroke::Solid), ("64MiB", "64 MiB parent", Stroke::Dashed)];
    let series: Vec<Series> = names
        .into_iter()
        .filter_map(|(name, label, stroke)| {
            let race = creation.races.iter().find(|race| race.name == name)?;
            let points = race.points.iter().map(|p| (f64::from(p.threads), p.ratio)).collect();
            let label = label.to_owned();
            Some(Series { label, look: Look::Process, stroke, points, breaks: Vec::new() })
        })
        .collect();
    let points = || series.iter().flat_map(|s| &s.points);
    let values: Vec<f64> = points().map(|(_, ratio)| ratio.estimate).collect();
    let mut places: Vec<f64> = points().map(|(at, _)| *at).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let last = places.last().copied()?;
    let won = |s: &Series| s.points.iter().find(|(_, r)| r.estimate < 1.0).map(|(at, _)| *at);
    let title = match series.first().and_then(won) {
        Some(at) => format!("A fork is ready before a pool of {at:.0} threads is built"),
        None => format!("A pool of up to {last:.0} threads is ready before a fork"),
    };
    Some(Box::new(Lines {
        title,
        description: "Time until a forked child is ready over time until all threads of a new \
                      pool are, by the number of threads; below 1 the fork is first."
            .to_owned(),
        x: Axis::sweep(
            "threads of the pool",
            &places,
            |n| format!("{n:.0}"),
            |n| format!("{n:.0}"),
        ),
        y: Axis::decades("fork over pool", &values, |r| format!("{r}×"), times),
        bands: vec![HorizontalBand {
            low: 0.0,
            high: 1.0,
            label: "textbook: fork first".to_owned(),
        }],
        rules: Vec::new(),
        series,
    }))
}

/// What each thing that a parent holds adds to a fork.
fn slopes(creation: &Creation) -> Option<Box<dyn Figure>> {
    let rows: Vec<Row> = creation
        .sweeps
        .iter()
        .filter_map(|sweep| {
            let slope = sweep.ns_per_unit?;
            let label = match sweep.axis {
                Grows::Memory => "each page of memory",
                Grows::HugeMemory => "each huge page",
                Grows::ScatteredMemory => "each page of scattered memory",
                Grows::CleanMappings => "each clean mapping",
                Grows::Mappings => "each mapping",
                Grows::Descriptors => "each descriptor",
                Grows::Threads => "each idle thread",
            };
            let cells = vec![bar(slope, time(slope.estimate))];
            Some(Row { label: label.to_owned(), look: Look::Process, cells })
        })
        .collect();
    let title = "What fork's cost depends on".to_owned();
    bars(title, "what the parent holds", "added to a fork", Scale::Log, rows)
}

/// The sets of clone flags in a small parent.
fn flags(creation: &Creation) -> Option<Box<dyn Figure>> {
    let rows = creation.flag_sets.iter().map(|set| {
        let look = match set.name {
            "thread" => Look::Thread,
            "none" | "files" | "fs-files" => Look::Process,
            _ => Look::Accent,
        };
        let cells = vec![bar(set.time_ns, time(set.time_ns.estimate))];
        Row { label: set.flags.to_owned(), look, cells }
    });
    let title = "Sharing memory is what makes a thread cheap to create".to_owned();
    bars(title, "clone flags", "create, exit and wait", Scale::Linear, rows.collect())
}

/// A task for a worker that waits, against a worker for the task.
fn hand_offs(creation: &Creation) -> Option<Box<dyn Figure>> {
    let rows: Vec<Row> = creation
        .dispatches
        .iter()
        .filter_map(|dispatch| {
            let (label, look) = match dispatch.name {
                "futex-thread/pthread" => ("thread", Look::Thread),
                "futex-process/fork" => ("fork", Look::Process),
                "futex-process/fork-exec-dynamic" => ("fork + exec", Look::Process),
                _ => return None,
            };
            let cells = vec![
                bar(dispatch.create_ns, time(dispatch.create_ns.estimate)),
                bar(dispatch.dispatch_ns, time(dispatch.dispatch_ns.estimate)),
                Cell::Text(times(dispatch.ratio.estimate)),
            ];
            Some(Row { label: label.to_owned(), look, cells })
        })
        .collect();
    let column = |heading: &str| Column {
        heading: heading.to_owned(),
        scale: Scale::Log,
        format: Box::new(time),
    };
    let columns = vec![column("a worker per task"), column("a waiting worker"), column("saved")];
    rows.first()?;
    Some(Box::new(Bars {
        title: "Handing a task to a waiting worker against creating one".to_owned(),
        description: "Time to create and reap a worker, and to hand a task to one that waits and \
                      back, by kind of worker."
            .to_owned(),
        subject: "worker".to_owned(),
        columns,
        rows,
    }))
}

/// Who pays for copy-on-write.
fn writes(creation: &Creation) -> Option<Box<dyn Figure>> {
    let rows = creation.writes.iter().map(|write| {
        let (label, look) = match write.who {
            Writer::Alone => ("no fork", Look::Plain),
            Writer::ParentAfter => ("parent, child has exited", Look::Process),
            Writer::ParentMeanwhile => ("parent, child lives", Look::Process),
            Writer::Child => ("child, parent lives", Look::Process),
        };
        let cells = vec![bar(write.ns_per_page, time(write.ns_per_page.estimate))];
        Row { label: label.to_owned(), look, cells }
    });
    let title = "The first writer pays for the copy".to_owned();
    bars(title, "writer", "writing a page", Scale::Linear, rows.collect())
}
