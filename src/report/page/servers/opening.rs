//! The answer in plain words: who answers most, from where on, what a shot takes, what a connection
//! keeps.

use super::{View, look};
use crate::claim::{CellVerdict, Estimand, JudgedCell, Unit};
use crate::question::servers::evidence::{Blast, Held, Servers};
use crate::question::servers::plan::{Race, USUAL, race};
use crate::record::{Coordinate, Shape};
use crate::report::html::paragraph;
use crate::report::words;
use crate::stats::Interval;

/// Both races, the one that the claim names first before the other.
const ORDER: [Race; 2] = [Race::Threads, Race::Processes];

pub(super) fn html(view: &View) -> String {
    let servers = &view.servers;
    let cells: Vec<&JudgedCell> =
        view.judged.claims.iter().flat_map(|claim| &claim.cells).collect();
    let sentences = [
        most(ORDER.map(|which| usual(&cells, which))),
        places(ORDER.map(|which| place(which, &cells))),
        shot(&servers.blasts),
        memory(servers),
    ];
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    if sentences.is_empty() { String::new() } else { paragraph("lead", &sentences.join(" ")) }
}

/// What is known of a race: the time of the second server over that of the first, or why it is not
/// known; nothing where it was not tried.
type Known = Option<Result<Interval, String>>;

/// A race at the usual number of connections.
fn usual(cells: &[&JudgedCell], which: Race) -> Known {
    let id = race(which, USUAL, 0);
    let is = |cell: &&&JudgedCell| cell.def.id() == id && cell.def.estimand == Estimand::Ratio;
    let cell = cells.iter().find(is).filter(|cell| cell.verdict != CellVerdict::NotRun)?;
    Some(cell.figure.filter(|_| words::compared(cell)).ok_or_else(|| cell.reason.clone()))
}

/// Who answers most, and by how much.
fn most(known: [Known; 2]) -> Option<String> {
    let top = top(&known);
    let clause = |(which, known): (Race, Known)| {
        let [first, second] = which.shapes().map(look::with);
        Some(match known? {
            Ok(ratio) if ratio.low > 1.0 => more(first, second, ratio),
            Ok(ratio) if ratio.high < 1.0 => more(second, first, inverse(ratio)),
            Ok(ratio) => format!(
                "between {first} and {second} no difference shows ({})",
                Unit::Times.format_interval(ratio)
            ),
            Err(reason) => format!("between {first} and {second} nothing is concluded ({reason})"),
        })
    };
    let clauses: Vec<String> = ORDER.into_iter().zip(known).filter_map(clause).collect();
    if clauses.is_empty() {
        return None;
    }
    let (all, at) = (clauses.join("; "), look::connections(&[USUAL]));
    Some(match top {
        Some(shape) => format!(
            "With {at}, of the three that are compared in pairs most is answered by {}: {all}.",
            look::with(shape)
        ),
        None => format!("With {at}, compared in pairs: {all}."),
    })
}

fn more(first: &str, second: &str, ratio: Interval) -> String {
    let times = Unit::Times.format_interval(ratio);
    format!("{times} as many requests by {first} as by {second}")
}

fn inverse(ratio: Interval) -> Interval {
    let Interval { estimate, low, high } = ratio;
    Interval { estimate: 1.0 / estimate, low: 1.0 / high, high: 1.0 / low }
}

/// The server that certainly answers more than the two others, if one does.
fn top(known: &[Known; 2]) -> Option<Shape> {
    let [Some(Ok(events)), Some(Ok(processes))] = known else { return None };
    // Time of the pool over the loop's, and of prefork over the pool's.
    let [pool, prefork] = Race::Processes.shapes();
    let [epoll, _] = Race::Threads.shapes();
    match (events, processes) {
        (e, p) if e.low > 1.0 && e.low * p.low > 1.0 => Some(epoll),
        (e, p) if e.high < 1.0 && p.low > 1.0 => Some(pool),
        (e, p) if p.high < 1.0 && e.high * p.high < 1.0 => Some(prefork),
        _ => None,
    }
}

/// The numbers of connections at which a race was tried, and whether the first server leads there
/// by what the claim asks for; `None` where that is not decided.
fn tried(which: Race, cells: &[&JudgedCell]) -> Vec<(u32, Option<bool>)> {
    let at = |cell: &&JudgedCell| {
        let id = cell.def.id();
        let [_, Coordinate::Connections(connections)] = *id.point() else { return None };
        (id == race(which, connections, 0)).then_some(())?;
        let leads = words::decided(cell).then_some(cell.verdict == CellVerdict::Holds);
        (cell.verdict != CellVerdict::NotRun).then_some((connections, leads))
    };
    let mut tried: Vec<(u32, Option<bool>)> = cells.iter().filter_map(at).collect();
    tried.sort_unstable();
    tried
}

/// Where the first server of a race leads.
fn place(which: Race, cells: &[&JudgedCell]) -> Option<String> {
    where_on(&tried(which, cells)).map(|place| {
        let [first, second] = which.shapes().map(look::with);
        format!("of {first} over {second} it {place}")
    })
}

/// `holds from 4 connections on and fails at 1 connection`. From a number on only where it holds at
/// every number from there on that was tried, and there are several.
fn where_on(tried: &[(u32, Option<bool>)]) -> Option<String> {
    let numbers = |wanted: Option<bool>| {
        let of = tried.iter().filter(move |(_, leads)| *leads == wanted);
        of.map(|(connections, _)| *connections).collect::<Vec<u32>>()
    };
    let holds = numbers(Some(true));
    let all: Vec<u32> = tried.iter().map(|(connections, _)| *connections).collect();
    let holds = match holds.as_slice() {
        [] => None,
        [first, _, ..] if all.ends_with(&holds) => {
            Some(format!("holds from {} on", look::connections(&[*first])))
        }
        some => Some(format!("holds at {}", look::connections(some))),
    };
    let rest = |verdict: &str, wanted: Option<bool>| {
        let some = numbers(wanted);
        (!some.is_empty()).then(|| format!("{verdict} at {}", look::connections(&some)))
    };
    let parts = [holds, rest("fails", Some(false)), rest("is undecided", None)];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| look::listed(&parts))
}

/// Where the choice makes a difference.
fn places(places: [Option<String>; 2]) -> Option<String> {
    let places: Vec<String> = places.into_iter().flatten().collect();
    let all = places.join("; ");
    (!places.is_empty())
        .then(|| format!("The claim asks for a lead of a twentieth or more: {all}."))
}

/// What a shot takes, shape by shape.
fn shot(blasts: &[Blast]) -> Option<String> {
    let hit = |blast: &&Blast| blast.launches > 0 && blast.died[0] > 0;
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for blast in blasts.iter().filter(hit) {
        let (took, name) = (toll(blast), look::with(blast.shape).to_owned());
        match all.iter_mut().find(|(known, _)| *known == took) {
            Some((_, names)) => names.push(name),
            None => all.push((took, vec![name])),
        }
    }
    let part =
        |(took, names): &(String, Vec<String>)| format!("{took} with {}", look::listed(names));
    let parts: Vec<String> = all.iter().map(part).collect();
    (!parts.is_empty())
        .then(|| format!("When a request makes its worker die under load, {}.", parts.join("; ")))
}

fn toll(blast: &Blast) -> String {
    let [fewest, ended, most] = blast.dropped;
    match (fewest >= u64::from(blast.connections), most == 0 && blast.failed[2] == 0) {
        (true, _) => "every other connection ends".to_owned(),
        (_, true) => "no other connection ends and no request of others is lost".to_owned(),
        _ => format!(
            "{ended} of {} other connections end and {} requests of others are lost",
            blast.connections, blast.failed[1]
        ),
    }
}

/// What an idle connection keeps.
fn memory(servers: &Servers) -> Option<String> {
    let part = |held: &Held| {
        let bytes = Unit::Bytes.format(held.per_connection_bytes?.estimate);
        Some(format!("{} with {}", bytes.replace(' ', "\u{a0}"), look::with(held.shape)))
    };
    let parts: Vec<String> = servers.held.iter().filter_map(part).collect();
    (!parts.is_empty())
        .then(|| format!("The memory that an idle connection keeps: {}.", look::listed(&parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(low: f64, high: f64) -> Interval {
        Interval { estimate: (low + high) / 2.0, low, high }
    }

    fn known(events: Interval, processes: Interval) -> [Known; 2] {
        [Some(Ok(events)), Some(Ok(processes))]
    }

    #[test]
    fn who_answers_most_is_said_only_where_it_is_certain() {
        let [more, less, even] = [at(1.2, 1.3), at(0.7, 0.8), at(0.9, 1.1)];
        let found = |events, processes| top(&known(events, processes));
        assert_eq!(found(more, more), Some(Shape::Epoll));
        assert_eq!(found(more, even), Some(Shape::Epoll), "by 1.2 of at least 0.9");
        assert_eq!(found(more, less), None, "loop and processes are alike");
        assert_eq!(found(less, more), Some(Shape::ThreadPool));
        assert_eq!(found(less, less), Some(Shape::Prefork));
        assert_eq!(found(even, less), Some(Shape::Prefork));
        assert_eq!(found(even, even), None);
        assert_eq!(top(&[Some(Ok(more)), None]), None);
    }

    #[test]
    fn a_ratio_below_one_is_told_the_other_way_round_and_a_gate_with_its_reason() {
        let said = most(known(at(0.4, 0.6), at(0.95, 1.05))).unwrap();
        assert_eq!(
            said,
            "With 32 connections, compared in pairs: 2.00× [1.67, 2.50] as many requests by a \
             thread pool as by one event loop; between a thread pool and prefork processes no \
             difference shows (1.00× [0.950, 1.05])."
        );
        let gated = most([None, Some(Err("one core only".to_owned()))]).unwrap();
        assert_eq!(
            gated,
            "With 32 connections, compared in pairs: between a thread pool and prefork processes \
             nothing is concluded (one core only)."
        );
        assert_eq!(most([None, None]), None);
    }

    #[test]
    fn from_where_on_follows_from_all_that_was_tried() {
        let found = |tried: &[(u32, Option<bool>)]| where_on(tried);
        let said = |words: &str| Some(words.to_owned());
        let [yes, no] = [true, false].map(Some);
        assert_eq!(found(&[]), None);
        assert_eq!(
            found(&[(1, no), (4, yes), (32, yes)]),
            said("holds from 4 connections on and fails at 1 connection")
        );
        assert_eq!(found(&[(1, yes), (4, yes)]), said("holds from 1 connection on"));
        assert_eq!(
            found(&[(1, no), (4, yes), (32, no)]),
            said("holds at 4 connections and fails at 1 and 32 connections")
        );
        assert_eq!(
            found(&[(1, yes), (4, no), (32, yes)]),
            said("holds at 1 and 32 connections and fails at 4 connections"),
            "not from 1 on"
        );
        assert_eq!(
            found(&[(1, no), (4, yes), (32, yes), (128, None)]),
            said(
                "holds at 4 and 32 connections, fails at 1 connection and is undecided at 128 \
                 connections"
            ),
            "nobody knows whether it goes on"
        );
        assert_eq!(found(&[(1, no), (4, no)]), said("fails at 1 and 4 connections"));
        assert_eq!(found(&[(4, yes)]), said("holds at 4 connections"));
    }
}
