//! What the questions hand to the page of details: everything that their evidence says.

use super::contention::drill::Drill;
use super::contention::evidence::{Company, Contention};
use super::creation::evidence::{Creation, Placed};
use super::memory::evidence::Memory;
use super::servers;
use super::tlb::evidence::{Cause, Step, Translation};
use crate::claim::{Unit, grouped};
use crate::report::face::{Detail, View};
use crate::report::table::Table;
use crate::stats::Interval;

/// The tables of all questions.
pub(super) fn details(view: View) -> Vec<Detail> {
    let creation = Creation::of(view.record, view.judged);
    let tlb = Translation::of(view.record, view.judged);
    let memory = Memory::of(view.record);
    let own = [
        ways(&creation),
        placed(&creation),
        steps(&tlb),
        connections(&memory),
        company(&Contention::of(view.judged)),
        counters(&Drill::of(view.record, view.judged), &memory),
    ];
    own.into_iter().chain(servers::details::details(view.record)).collect()
}

/// A table for the page of details; its headings stand between bars.
pub(super) fn detail(
    id: &'static str,
    caption: &str,
    head: &str,
    note: &'static str,
    rows: Vec<Vec<String>>,
) -> Detail {
    let head = head.split(" | ").map(str::to_owned).collect();
    Detail { id, note, table: Table { caption: caption.to_owned(), head, rows } }
}

/// A value in words, or a dash.
pub(super) fn or_dash<T>(value: Option<T>, words: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), words)
}

/// An interval of a unit, or a dash.
pub(super) fn interval(unit: Unit, figure: Option<Interval>) -> String {
    or_dash(figure, |figure| unit.format_interval(figure))
}

fn time(figure: Option<Interval>) -> String {
    interval(Unit::Nanoseconds, figure)
}

fn ways(creation: &Creation) -> Detail {
    let rows = creation.ways.iter().map(|way| {
        vec![
            way.primitive.to_owned(),
            time(way.call_ns),
            time(way.first_ns),
            time(Some(way.reaped_ns)),
            time(way.bill_ns_per_page),
            interval(Unit::Times, way.ratio),
        ]
    });
    let head = "Way to create | Call returns | First instruction | Created to reaped | \
                Copy-on-write fault, per page | vs pthread_create";
    let note = "Moments of one creation, stamped: somewhat slower than without stamps.";
    detail("ways", "Moments of each way to create", head, note, rows.collect())
}

fn placed(creation: &Creation) -> Detail {
    let row = |placed: &Placed| {
        vec![
            placed.primitive.to_owned(),
            placed.placement.to_string(),
            time(Some(placed.same_core_ns)),
            time(Some(placed.time_ns)),
            interval(Unit::Times, Some(placed.ratio)),
            if placed.sound { "yes" } else { "no" }.to_owned(),
        ]
    };
    let head = "Way to create | Placement | On one core | There | Ratio | Enough samples";
    let rows = creation.placed.iter().map(row).collect();
    detail("placements", "Creation on one core and on another", head, "", rows)
}

fn steps(tlb: &Translation) -> Detail {
    let scan = |actors| tlb.scan.iter().find(move |scan| scan.actors == actors);
    let per_switch = |figures: &[f64]| {
        let words: Vec<String> = figures.iter().map(|figure| format!("{figure:.2}")).collect();
        if words.is_empty() { "–".to_owned() } else { words.join(", ") }
    };
    let row = |step: &Step| {
        let next = scan(step.from + 1);
        let cause = match step.cause {
            Cause::None => "no jump",
            Cause::Kernel => "the kernel begins to flush",
            Cause::Processor => "the processor holds fewer address spaces than the kernel",
            Cause::LostTranslations => "TLB entries are lost; the tracepoint is missing",
            Cause::Unexplained => "not explained by TLB entries",
            Cause::Untold => "evidence is missing",
        };
        vec![
            format!("{} to {}", step.from, step.from + 1),
            interval(Unit::Times, step.process),
            interval(Unit::Times, step.thread),
            interval(Unit::Times, step.vm_process),
            interval(Unit::Times, step.excess),
            cause.to_owned(),
            or_dash(next, |scan| interval(Unit::Cycles, scan.process)),
            or_dash(next, |scan| interval(Unit::Cycles, scan.process_other)),
            or_dash(next, |scan| per_switch(&scan.flushed)),
            or_dash(next, |scan| per_switch(&scan.kept)),
        ]
    };
    let head = "Actors per core | Processes | Threads | CLONE_VM processes | Excess | Cause | \
                Extra cycles | Extra cycles, SCHED_OTHER | Flushes per switch | Switches without \
                a flush";
    let note = "Time per switch with one more actor over time without it. Flushes: the kernel's \
                tlb:tlb_flush tracepoint, one figure per launch.";
    detail("steps", "Where the cost of a switch jumps, and the cause", head, note, {
        tlb.steps.iter().map(row).collect()
    })
}

fn connections(memory: &Memory) -> Detail {
    let rows = memory.servings.iter().map(|serving| {
        let refused: Vec<String> = serving
            .refused
            .iter()
            .map(|(limit, count)| format!("{limit}: {}", grouped(format!("{count:.0}"))))
            .collect();
        vec![
            serving.name.to_owned(),
            Unit::Bytes.format_interval(serving.bytes),
            if refused.is_empty() { "none".to_owned() } else { refused.join(", ") },
        ]
    });
    let note = "Extrapolated from the memory of one; 10,000 were not created.";
    let head = "Served by | Memory | Limits below 10,000";
    detail("ten-thousand", "10,000 connections", head, note, rows.collect())
}

fn company(contention: &Contention) -> Detail {
    let alone = |company: Option<Company>| {
        [
            time(company.map(|company| company.alone_ns)),
            interval(Unit::Times, company.map(|company| company.ratio)),
        ]
    };
    let rows = contention.kinds.iter().map(|kind| {
        let figures = [
            kind.name.to_owned(),
            time(kind.threads_ns),
            time(kind.processes_ns),
            interval(Unit::Times, kind.ratio),
        ];
        let [threads, processes] = [kind.among_threads, kind.among_processes].map(alone);
        figures.into_iter().chain(threads).chain(processes).collect()
    });
    let head = "Work | Threads | Processes | Threads / processes | One thread | All threads / one \
                | One process | All processes / one";
    detail("contention", "Work on all CPUs, against one worker", head, "", rows.collect())
}

fn counters(drill: &Drill, memory: &Memory) -> Detail {
    let points = drill.points.iter().map(|point| {
        vec![
            format!("count to {}", grouped(point.turns.to_string())),
            time(Some(point.threads_ns)),
            time(Some(point.processes_ns)),
            interval(Unit::Times, Some(point.ratio)),
        ]
    });
    let shared = drill.atomic.map(|atomic| {
        vec![
            format!("one atomic counter, to {}", grouped(atomic.turns.to_string())),
            time(Some(atomic.shared_ns)),
            "–".to_owned(),
            format!("{} of own counters", Unit::Times.format_interval(atomic.ratio)),
        ]
    });
    let most = vec![
        "most memory".to_owned(),
        interval(Unit::Bytes, memory.drill.threads),
        interval(Unit::Bytes, memory.drill.processes),
        "–".to_owned(),
    ];
    let known = memory.drill.threads.is_some() || memory.drill.processes.is_some();
    let rows = points.chain(shared).chain(known.then_some(most)).collect();
    let note = "Ten workers, created one after the other.";
    let head = "Ten workers | Threads | Processes | Ratio";
    detail("ten-counters", "Worked example: ten counters", head, note, rows)
}
