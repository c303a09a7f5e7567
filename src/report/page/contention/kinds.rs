//! Workers that do the same on every CPU, as threads and as processes, kind by kind.

use super::{View, folded, said};
use crate::claim::{CellVerdict, Unit};
use crate::question::contention::evidence::{Company, Contention, Kind};
use crate::question::contention::plan::{KERNEL_KINDS, against};
use crate::report::html::{escape, paragraph, table};
use crate::report::plot::{Line, Look, Shape};
use crate::report::strips::{Strip, Strips};
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let contention = &view.contention;
    if contention.is_empty() {
        return String::new();
    }
    said(lead(view))
        + &paragraph("", METHOD)
        + &ratios(contention)
        + &paragraph("note", NOTE)
        + &chart(contention)
        + &times(contention)
        + &said(false_sharing(contention))
}

const METHOD: &str = "One worker on each CPU, all at the same time: threads of one process, or \
                      forked processes and their creator. Both run the same code on the same \
                      layout of memory; an operation is once by every worker.";

const NOTE: &str = "The ratio is the time of threads over that of processes, in pairs: above one, \
                    processes are the faster. Counters and atomics never enter the kernel, a mutex \
                    does where a worker has to sleep or to wake another; and a core neither knows \
                    nor cares whose address space it runs in.";

/// A kind for people.
pub(super) fn name(kind: &str) -> &str {
    match kind {
        "mmap" => "mmap + touch + munmap",
        "fault" => "faults + madvise(DONTNEED)",
        "read" => "pread of one descriptor",
        "open" => "open + close",
        "malloc" => "malloc + free",
        "private" => "private counters",
        "padded" => "atomics on lines apart",
        "same-line" => "atomics on one line",
        "same-word" => "atomics on one word",
        "mutex" => "one process-shared mutex",
        _ => kind,
    }
}

/// What threads share in it, and processes do not.
fn why(kind: &str) -> &'static str {
    match kind {
        "mmap" => {
            "The lock of the address space is taken for each mapping; each unmapping interrupts \
             the other cores, which must drop translations."
        }
        "fault" => {
            "Giving pages back interrupts the other cores, which must drop translations. A fault \
             interrupts nobody; since Linux 6.4 it takes a lock of its mapping alone, before that \
             the address space's."
        }
        "read" => {
            "Where a table of files has several users, each call counts a reference to the file, \
             on one line for all."
        }
        "open" => {
            "The table of descriptors has one lock, and one map of what is free. The folders are \
             each worker's own."
        }
        "malloc" => {
            "What the allocator does for threads is part of it: glibc gives each an arena with a \
             lock, which it skips in a process of one thread. Now and then the lock of the address \
             space."
        }
        "private" => "Nothing is shared: the negative control.",
        "padded" => "Nothing is shared: each worker's line stays with its core.",
        "same-line" => {
            "The line goes from core to core, whoever owns the memory: false sharing is no matter \
             of threads."
        }
        "same-word" => "The line goes from core to core, as it must.",
        "mutex" => {
            "The same kind of lock for both. Who has to wait for it sleeps in the kernel, which \
             finds it by the memory that the lock lies in."
        }
        _ => "",
    }
}

/// Where processes win through the kernel, by how much; and what takes the comparison away.
fn lead(view: &View) -> Option<String> {
    let cells = || view.judged.claims.iter().flat_map(|claim| &claim.cells);
    let of = |kind: &str| cells().find(|cell| cell.def.id() == against(kind));
    let those = |verdict: CellVerdict| {
        let kinds = KERNEL_KINDS.iter();
        kinds.filter(move |kind| of(kind).is_some_and(|cell| cell.verdict == verdict))
    };
    let ratio = |kind: &str| view.contention.kind(kind)?.ratio;
    let won: Vec<String> = those(CellVerdict::Holds)
        .filter_map(|kind| {
            Some(format!("{} ({})", name(kind), Unit::Times.format(ratio(kind)?.estimate)))
        })
        .collect();
    let lost: Vec<&str> = those(CellVerdict::Fails).map(|kind| name(kind)).collect();
    match (won.is_empty(), lost.is_empty()) {
        (false, _) => Some(format!("Processes are the faster ones here for {}.", won.join(", "))),
        (true, false) => {
            let lost = lost.join(", ");
            Some(format!("Processes are not the faster ones here by a tenth for {lost}."))
        }
        (true, true) => {
            let reason = &KERNEL_KINDS.into_iter().find_map(of)?.reason;
            Some(format!("Of what goes through the kernel nothing is concluded: {reason}."))
        }
    }
}

fn ratios(contention: &Contention) -> String {
    let head = [
        "Each worker, over and over",
        "=Threads over processes (95 % interval)",
        "What threads share in it",
    ];
    let rows: Vec<Vec<String>> = contention
        .kinds
        .iter()
        .map(|kind| {
            vec![name(kind.name).to_owned(), escape(&times_of(kind.ratio)), escape(why(kind.name))]
        })
        .collect();
    table(&head, &rows)
}

fn times_of(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ratio| Unit::Times.format_interval(ratio))
}

fn time(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ns| Unit::Nanoseconds.format_interval(ns))
}

/// One row for threads and one for processes of each kind: alone, and with company.
fn chart(contention: &Contention) -> String {
    let look = |filled| Look { hue: "alone", shape: Shape::Circle, line: Line::None, filled };
    let strip =
        |kind: &Kind, actors: &str, hue, all: Option<Interval>, company: Option<Company>| Strip {
            label: format!("{}, {actors}", name(kind.name)),
            hue,
            value: all.map_or("-".to_owned(), |ns| Unit::Nanoseconds.format(ns.estimate)),
            marks: vec![company.map(|company| company.alone_ns), all],
        };
    let rows = contention
        .kinds
        .iter()
        .flat_map(|kind| {
            [
                strip(kind, "threads", "thread", kind.threads_ns, kind.among_threads),
                strip(kind, "processes", "process", kind.processes_ns, kind.among_processes),
            ]
        })
        .collect();
    Strips {
        label: "Chart: time of an operation by one worker alone and by one on each CPU, as threads \
                and as processes; its figures are in the table below",
        axis: "time of an operation, logarithmic",
        unit: Unit::Nanoseconds,
        key: vec![
            (look(false), "one worker alone".to_owned()),
            (look(true), "one on each CPU".to_owned()),
        ],
        rows,
    }
    .html()
}

/// The same in figures.
fn times(contention: &Contention) -> String {
    let head = [
        "Each worker",
        "=One thread alone",
        "=Threads on all CPUs",
        "=All over one",
        "=One process alone",
        "=Processes on all CPUs",
        "=All over one",
    ];
    let rows: Vec<Vec<String>> = contention
        .kinds
        .iter()
        .map(|kind| {
            let alone = |company: Option<Company>| escape(&time(company.map(|c| c.alone_ns)));
            let ratio = |company: Option<Company>| escape(&times_of(company.map(|c| c.ratio)));
            vec![
                name(kind.name).to_owned(),
                alone(kind.among_threads),
                escape(&time(kind.threads_ns)),
                ratio(kind.among_threads),
                alone(kind.among_processes),
                escape(&time(kind.processes_ns)),
                ratio(kind.among_processes),
            ]
        })
        .collect();
    folded("The same in figures", &head, &rows)
}

/// What one line costs more than lines apart, to threads and to processes.
fn false_sharing(contention: &Contention) -> Option<String> {
    let [apart, line] = ["padded", "same-line"].map(|kind| contention.kind(kind));
    let (apart, line) = (apart?, line?);
    let factor = |of: fn(&Kind) -> Option<Interval>| Some(of(line)?.estimate / of(apart)?.estimate);
    let threads = Unit::Times.format(factor(|kind| kind.threads_ns)?);
    let processes = Unit::Times.format(factor(|kind| kind.processes_ns)?);
    Some(format!(
        "False sharing is about lines: counters on one line instead of lines apart take threads \
         about {threads} as long, and processes about {processes}."
    ))
}
