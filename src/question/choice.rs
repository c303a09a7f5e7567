//! Which one should I use? The questions that a reader asks in order, each answered with this
//! machine's own figures, and from where on the choice stops to matter.

use super::creation::evidence::Creation;
use super::memory::evidence::Memory;
use super::memory::plan::units;
use super::servers::page::{Model, lead, named, stops_to_matter};
use crate::claim::{Brief, Unit};
use crate::record::Shape;
use crate::report::face::View;
use crate::report::table::Table;
use crate::stats::Interval;
use maud::{Markup, html};

fn time(ns: f64) -> String {
    Unit::Nanoseconds.brief(ns)
}

fn bytes(value: f64) -> String {
    Unit::Bytes.brief(value)
}

/// What isolation costs and buys here, as far as the run has it.
#[derive(Default)]
struct Costs {
    thread_ns: Option<f64>,
    fork_ns: Option<f64>,
    /// A task to a thread that waits, and back.
    hand_off_ns: Option<f64>,
    /// The same to a process.
    process_hand_off_ns: Option<f64>,
    thread_bytes: Option<f64>,
    fork_bytes: Option<f64>,
    switch_ns: Option<f64>,
}

impl Costs {
    fn of(view: View) -> Self {
        let creation = Creation::of(view.record, view.judged);
        let memory = Memory::of(view.record);
        let small = creation.sweeps.iter().flat_map(|sweep| &sweep.points).find(|p| p.at == 0);
        let unit = |kind| memory.unit(&units(kind)).map(|unit| unit.total_bytes.estimate);
        let hand_off = |name| {
            let found = creation.dispatches.iter().find(|dispatch| dispatch.name == name);
            found.map(|dispatch| dispatch.dispatch_ns.estimate)
        };
        let ring = view
            .judged
            .cells("B3")
            .iter()
            .find(|cell| cell.def.title == "nothing touched, 2 address spaces");
        let extra = ring
            .and_then(|cell| view.judged.evidence.get(&cell.def.id()))
            .and_then(|evidence| evidence.extra_ns_per_switch);
        let way = creation.ways.iter().find(|way| way.primitive == "thread/pthread");
        let (thread_bytes, fork_bytes) = (unit("thread"), unit("fork"));
        if !view.record.machine.has_real_time() {
            return Costs { thread_bytes, fork_bytes, ..Costs::default() };
        }
        Costs {
            thread_ns: small
                .map(|p| p.thread_ns.estimate)
                .or_else(|| way.map(|way| way.reaped_ns.estimate)),
            fork_ns: small.map(|p| p.fork_ns.estimate),
            hand_off_ns: hand_off("futex-thread/pthread"),
            process_hand_off_ns: hand_off("futex-process/fork"),
            thread_bytes,
            fork_bytes,
            switch_ns: extra.map(|extra: Interval| extra.estimate),
        }
    }
}

/// The section's content.
pub(super) fn html(view: View) -> Markup {
    let costs = Costs::of(view);
    let models = Model::all(view);
    html! {
        ol { @for answer in questions(&costs, &models) { li { (answer) } } }
        @if let Some(table) = servers(&models) { (table.html()) }
        @if let Some(table) = workers(&costs) { (table.html()) }
        @for line in limits(&costs, &models) { p { (line) } }
    }
}

/// What a process costs more than a thread, per creation, switch and worker.
fn price(costs: &Costs) -> String {
    let creation = costs
        .fork_ns
        .zip(costs.thread_ns)
        .map(|(fork, thread)| format!("{} more per creation", time(fork - thread)));
    let switch = costs.switch_ns.map(|ns| format!("{} per switch", time(ns)));
    let memory = costs
        .fork_bytes
        .zip(costs.thread_bytes)
        .map(|(fork, thread)| format!("{} per idle worker", bytes(fork - thread)));
    let parts: Vec<String> = [creation, switch, memory].into_iter().flatten().collect();
    match parts.is_empty() {
        true => "What isolation costs was not measured in this run.".to_owned(),
        false => format!("A process costs {}.", parts.join(", ")),
    }
}

fn questions(costs: &Costs, models: &[Model]) -> Vec<String> {
    let lost = |shape| models.iter().find(|model| model.shape == shape).and_then(Model::lost);
    let crash = match (lost(Shape::ThreadPool), lost(Shape::Prefork)) {
        (Some(threads), Some(prefork)) => format!(
            "A crash of one worker took {threads} connections from a thread pool and {prefork} \
             from prefork processes."
        ),
        _ => "What a crash takes was not measured in this run.".to_owned(),
    };
    let switch = match costs.switch_ns {
        Some(ns) => format!(
            "A process switch costs {} more than a thread switch while few processes share a \
             core; see Switch and TLB for where that ends.",
            time(ns)
        ),
        None => "What a switch costs was not measured in this run.".to_owned(),
    };
    let events = lead(models, Shape::Epoll, Shape::ThreadPool);
    let io = match events {
        Some(lead) => format!(
            "One event loop served {lead} the requests of a thread pool here; consider it first."
        ),
        None => "Consider an event loop first; servers were not measured in this run.".to_owned(),
    };
    vec![
        "Do workers share mutable state? Threads share all of it and can corrupt it; processes \
         share only what they map on purpose (claim E5 says at which speed)."
            .to_owned(),
        format!("Must a crash be contained? {crash}"),
        format!("Does isolation cost too much? {}", price(costs)),
        format!("Do workers switch often, or need the cache? {switch}"),
        format!("Is it I/O with many connections? {io}"),
        "Must it be portable? fork is cheap on Linux only; a thread is created alike everywhere."
            .to_owned(),
    ]
}

fn servers(models: &[Model]) -> Option<Table> {
    let row = |model: &Model| {
        let least = if model.limited() { "≥ " } else { "" };
        let rate = model.rate().map_or("–".to_owned(), |rate| {
            format!("{least}{}", Unit::PerSecond.brief(rate.estimate))
        });
        let p50 = model.load.as_ref().and_then(|load| load.open_ns[0].as_ref().ok().copied());
        vec![
            named(model.shape).0.to_owned(),
            rate,
            p50.map_or("–".to_owned(), |p50| time(p50.estimate)),
            model.memory.map_or("–".to_owned(), |memory| bytes(memory.estimate)),
            model.lost().unwrap_or("–".to_owned()),
        ]
    };
    (!models.is_empty()).then(|| Table {
        caption: "Servers, 32 connections".to_owned(),
        head: [
            "Model",
            "Requests/s",
            "Latency p50",
            "Memory per idle connection",
            "Lost in a crash",
        ]
        .map(str::to_owned)
        .into(),
        rows: models.iter().map(row).collect(),
    })
}

fn workers(costs: &Costs) -> Option<Table> {
    let shown = |ns: Option<f64>| ns.map_or("–".to_owned(), time);
    let memory = |used: Option<f64>| used.map_or("–".to_owned(), bytes);
    let row = |name: &str, per_task: String, used: String, crash: &str| {
        vec![name.to_owned(), per_task, used, crash.to_owned()]
    };
    costs.thread_ns.or(costs.fork_ns)?;
    Some(Table {
        caption: "Workers".to_owned(),
        head: ["Model", "Cost per task", "Memory while idle", "A crash ends"]
            .map(str::to_owned)
            .into(),
        rows: vec![
            row("a thread per task", shown(costs.thread_ns), "none".to_owned(), "all tasks"),
            row("a fork per task", shown(costs.fork_ns), "none".to_owned(), "its own task"),
            row("a thread pool", shown(costs.hand_off_ns), memory(costs.thread_bytes), "all tasks"),
            row(
                "a process pool",
                shown(costs.process_hand_off_ns),
                memory(costs.fork_bytes),
                "its own task",
            ),
        ],
    })
}

/// From where on the choice stops to matter: less than a twentieth of the whole.
fn limits(costs: &Costs, models: &[Model]) -> Vec<String> {
    let handler = stops_to_matter(models).map(|ns| {
        format!(
            "Where it stops to matter: once a request takes its handler more than {} of CPU time, \
             the models differ by less than 5 %.",
            time(ns)
        )
    });
    let task = costs.fork_ns.zip(costs.process_hand_off_ns).map(|(fork, hand_off)| {
        format!(
            "For a task of more than {}, forking per task or handing to a pool differ by less \
             than 5 %.",
            time((fork - hand_off) / 0.05)
        )
    });
    let slice = costs.switch_ns.filter(|ns| *ns > 0.0).map(|ns| {
        format!(
            "For workers that run {} or more between switches, thread or process is less than \
             5 % of the time.",
            time(ns / 0.05)
        )
    });
    [handler, task, slice].into_iter().flatten().collect()
}
