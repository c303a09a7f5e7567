//! All ways to tell something, from a cached load to a wake-up on another core.

use super::{View, time, times};
use crate::claim::{Evidence, Unit};
use crate::plan::twin;
use crate::question::communication::plan::{
    CONDVAR, CORES, EQUAL, FUTEX, LOAD, ONE_CORE as ONE, SAME_CORE, SHARED, TWO_CORES, id,
};
use crate::question::switching::plan::ping_pong;
use crate::record::{Bench, Id};
use crate::report::html::{escape, paragraph, table};
use crate::report::page::benches;
use crate::report::page::creation::unmeasured;
use crate::report::plot::{Line, Look, Shape};
use crate::report::strips::{Strip, Strips};
use crate::report::words;
use crate::stats::{self, Interval};

/// A way to tell something, with its figures for threads and for processes.
pub(super) struct Way {
    /// What it is called.
    pub(super) name: &'static str,
    /// Where its actors run.
    pub(super) place: &'static str,
    /// Time of one operation between threads, or of one actor alone, nanoseconds.
    pub(super) thread_ns: Option<Interval>,
    /// Time of one operation between processes, nanoseconds.
    pub(super) process_ns: Option<Interval>,
    /// Processes over threads, where both were measured in pairs.
    pub(super) ratio: Option<Interval>,
    /// What is to be said beside the time.
    pub(super) beside: String,
}

const READ: &str = "read of a shared word in a loop";
const ALONE: &str = "one actor alone";
const ONE_CORE: &str = "one core";
const TWO: &str = "two cores";

/// Names of mechanisms for people.
fn named(mechanism: &str) -> &'static str {
    match mechanism {
        "spin" => "word that both spin on",
        "futex" => "futex",
        "condvar" => "mutex and condition variable",
        "pipe" => "two pipes",
        "eventfd" => "two eventfds",
        "socket" => "pair of Unix sockets",
        _ => "another mechanism",
    }
}

/// The first of these experiments that has figures.
fn first<'v>(view: &'v View, ids: &[Id]) -> Option<&'v Evidence> {
    ids.iter().find_map(|id| view.evidence(id).filter(|evidence| evidence.ratio.is_some()))
}

/// Threads against processes, measured in pairs.
fn paired(name: &'static str, place: &'static str, evidence: &Evidence) -> Way {
    Way {
        name,
        place,
        thread_ns: evidence.a.time_ns,
        process_ns: evidence.b.time_ns,
        ratio: evidence.ratio,
        beside: String::new(),
    }
}

/// Only one of both is known.
fn single(name: &'static str, place: &'static str, thread_ns: Option<Interval>) -> Option<Way> {
    thread_ns?;
    Some(Way { name, place, thread_ns, process_ns: None, ratio: None, beside: String::new() })
}

/// A read of a word in a loop: not the time until the word is there.
fn read(view: &View) -> Option<Way> {
    let loop_ns = empty_loop_ns(view);
    let empty = loop_ns.map_or(String::new(), |ns| format!("; the empty loop {}", words::time(ns)));
    let beside = format!(" or less: reads overlap{empty}");
    let way = single(READ, ALONE, view.evidence(&id(LOAD, "pipe"))?.a.time_ns)?;
    Some(Way { beside, ..way })
}

/// The median of the benchmark of the empty loop, where this run has one; nanoseconds a turn.
fn empty_loop_ns(view: &View) -> Option<f64> {
    let empty = |bench: &&Bench| bench.arm.primitive == "baseline/null" && bench.unit == "ns";
    stats::median(&benches::means(view.record.benches.iter().find(empty)?))
}

/// Every way that was measured, from the cheapest kind to the dearest.
pub(super) fn ways(view: &View) -> Vec<Way> {
    let a = |part, what: &str| view.evidence(&id(part, what))?.a.time_ns;
    let b = |part, what: &str| view.evidence(&id(part, what))?.b.time_ns;
    let mut ways: Vec<Option<Way>> =
        vec![read(view), single("system calls of two pipes", ALONE, b(LOAD, "pipe-alone"))];
    let equal = |mechanism: &str| {
        let found = first(view, &[id(SHARED, mechanism)])?;
        Some(paired(named(mechanism), TWO, found))
    };
    ways.push(equal("spin"));
    for (mechanism, beside) in
        [("futex", a(FUTEX, "pipe")), ("condvar", a(CONDVAR, "pipe")), ("pipe", b(LOAD, "pipe"))]
    {
        // Under SCHED_OTHER as all others here: the twin where those were paired under SCHED_FIFO.
        let switching = ping_pong(mechanism);
        let other = first(view, &[twin(switching.clone()), switching])
            .filter(|evidence| evidence.a.arm.policy == crate::record::Policy::Other);
        ways.push(match other {
            Some(evidence) => Some(paired(named(mechanism), ONE_CORE, evidence)),
            None => single(named(mechanism), ONE_CORE, beside),
        });
    }
    let of = |part, mechanism: &str, place| {
        Some(paired(named(mechanism), place, first(view, &[id(part, mechanism)])?))
    };
    ways.extend(SAME_CORE.map(|mechanism| of(ONE, mechanism, ONE_CORE)));
    ways.extend(["futex", "condvar"].map(equal));
    ways.extend(TWO_CORES.map(|mechanism| of(CORES, mechanism, TWO)));
    ways.into_iter().flatten().collect()
}

pub(super) fn html(view: &View) -> String {
    let missing = missing(view);
    let ways = ways(view);
    if ways.is_empty() {
        return missing;
    }
    paragraph("", &opening(&ways))
        + &chart(&ways)
        + &figures(&ways)
        + &paragraph("note", NOTE)
        + &missing
}

/// What the rows are of.
fn opening(ways: &[Way]) -> String {
    let read = ways.iter().find(|way| way.name == READ).and_then(|way| way.thread_ns);
    let read = read.map_or(String::new(), |ns| {
        let ns = words::time(ns.estimate);
        format!(
            "A read of a shared word takes {ns} of a loop or less as long as nobody writes it. "
        )
    });
    format!("{read}{WORDS}")
}

const WORDS: &str = "News of another core takes the way between the two caches. What asks the \
                     kernel costs its system calls, then a switch, and where a core sleeps, its \
                     wake-up.";

const NOTE: &str = "A round trip is there and back. The ratio is of processes over threads, in \
                    pairs; of condition variables on two cores with the process-shared kind on \
                    both sides.";

fn chart(ways: &[Way]) -> String {
    let look = |shape, filled| Look { hue: "alone", shape, line: Line::None, filled };
    let row = |way: &Way| {
        let marks = vec![way.thread_ns, way.process_ns];
        let shown: Vec<String> =
            marks.iter().flatten().map(|time| words::time(time.estimate)).collect();
        Strip {
            label: format!("{}, {}", way.name, way.place),
            hue: "alone",
            value: shown.join(" · "),
            marks,
        }
    };
    Strips {
        label: "Chart: time of an operation of each way to tell another actor something; its \
                figures are in the table below",
        axis: "one read or one round trip, logarithmic",
        unit: Unit::Nanoseconds,
        key: vec![
            (look(Shape::Circle, true), "between threads, or alone".to_owned()),
            (look(Shape::Square, false), "between processes".to_owned()),
        ],
        rows: ways.iter().map(row).collect(),
    }
    .html()
}

fn figures(ways: &[Way]) -> String {
    let head =
        ["Way", "Place", "=Threads, or alone (95 % interval)", "=Processes", "=Ratio, in pairs"];
    let row = |way: &Way| {
        vec![
            escape(way.name),
            way.place.to_owned(),
            escape(&(time(way.thread_ns) + &way.beside)),
            escape(&time(way.process_ns)),
            escape(&times(way.ratio)),
        ]
    };
    table(&head, &ways.iter().map(row).collect::<Vec<_>>())
}

/// What was tried and not measured, with its reason.
fn missing(view: &View) -> String {
    let place = |part| if part == ONE { ONE_CORE } else { TWO };
    let equal = EQUAL.map(|(mechanism, ..)| (SHARED, mechanism));
    let same = SAME_CORE.map(|mechanism| (ONE, mechanism));
    let two = TWO_CORES.map(|mechanism| (CORES, mechanism));
    let tried = equal.into_iter().chain(same).chain(two);
    let tried = tried.map(|(part, mechanism)| {
        (format!("{}, {}", named(mechanism), place(part)), id(part, mechanism))
    });
    let beside = [(READ, id(LOAD, "pipe")), ("system calls of two pipes", id(LOAD, "pipe-alone"))];
    let beside = beside.map(|(name, id)| (name.to_owned(), id));
    unmeasured::html(view, beside.into_iter().chain(tried))
}
