//! The answer in plain words: who answers most, from where on, what a shot takes, what a connection keeps.

use super::{View, look};
use crate::claim::servers::{Blast, Held, Servers};
use crate::claim::{CellVerdict, Estimand, JudgedCell, Unit};
use crate::plan::servers::{Race, USUAL, race};
use crate::record::Shape;
use crate::report::html::paragraph;
use crate::report::words;
use crate::stats::Interval;

/// Both races, the one that the claim names first before the other.
const ORDER: [Race; 2] = [Race::Threads, Race::Processes];

pub(super) fn html(view: &View) -> String {
    let servers = &view.judged.servers;
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

/// What is known of a race: the time of the second server over that of the first, or why it is not known; nothing where
/// it was not tried.
type Known = Option<Result<Interval, String>>;

/// A race at the usual number of connections.
fn usual(cells: &[&JudgedCell], which: Race) -> Known {
    let id = race(which, USUAL, 0);
    let is =
        |cell: &&&JudgedCell| cell.def.experiment == id && cell.def.estimand == Estimand::Ratio;
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
        Some(shape) => format!("With {at} most is answered by {}: {all}.", look::with(shape)),
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

/// The numbers of connections at which a race was decided, and whether the first server leads there by what the claim
/// asks for.
fn decided(which: Race, cells: &[&JudgedCell]) -> Vec<(u32, bool)> {
    let before = format!("servers/{}/c", which.name());
    let at = |cell: &&JudgedCell| {
        let connections = cell.def.experiment.strip_prefix(&before)?.parse().ok()?;
        words::decided(cell).then_some((connections, cell.verdict == CellVerdict::Holds))
    };
    let mut decided: Vec<(u32, bool)> = cells.iter().filter_map(at).collect();
    decided.sort_unstable();
    decided
}

/// Where the first server of a race leads.
fn place(which: Race, cells: &[&JudgedCell]) -> Option<String> {
    where_on(&decided(which, cells)).map(|place| {
        let [first, second] = which.shapes().map(look::with);
        format!("{first} is ahead of {second} {place}")
    })
}

fn where_on(decided: &[(u32, bool)]) -> Option<String> {
    let numbers = |wanted: bool| {
        let of = decided.iter().filter(move |(_, leads)| *leads || !wanted);
        of.map(|(connections, _)| *connections).collect::<Vec<u32>>()
    };
    let (all, leads) = (numbers(false), numbers(true));
    match leads.as_slice() {
        _ if all.is_empty() => None,
        [] => Some(format!("nowhere (decided at {})", look::connections(&all))),
        [first, _, ..] if all.ends_with(&leads) => {
            Some(format!("from {} on", look::connections(&[*first])))
        }
        some => Some(format!("at {}", look::connections(some))),
    }
}

/// From where on the choice makes a difference.
fn places(places: [Option<String>; 2]) -> Option<String> {
    let places: Vec<String> = places.into_iter().flatten().collect();
    let all = places.join("; ");
    (!places.is_empty())
        .then(|| format!("By a twentieth or more, which is what the claim asks for, {all}."))
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
            "With 32 connections, compared in pairs: 2.00× [1.67, 2.50] as many requests by a thread pool as by one \
             event loop; between a thread pool and prefork processes no difference shows (1.00× [0.950, 1.05])."
        );
        let gated = most([None, Some(Err("one core only".to_owned()))]).unwrap();
        assert_eq!(
            gated,
            "With 32 connections, compared in pairs: between a thread pool and prefork processes nothing is concluded \
             (one core only)."
        );
        assert_eq!(most([None, None]), None);
    }

    #[test]
    fn from_where_on_follows_from_what_was_decided() {
        let found = |decided: &[(u32, bool)]| where_on(decided);
        let said = |words: &str| Some(words.to_owned());
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[(1, false), (4, true), (32, true)]), said("from 4 connections on"));
        assert_eq!(found(&[(1, true), (4, true)]), said("from 1 connection on"));
        assert_eq!(found(&[(1, false), (4, true), (32, false)]), said("at 4 connections"));
        assert_eq!(
            found(&[(1, true), (4, false), (32, true)]),
            said("at 1 and 32 connections"),
            "not from 1 on"
        );
        assert_eq!(
            found(&[(1, false), (4, false)]),
            said("nowhere (decided at 1 and 4 connections)")
        );
        assert_eq!(found(&[(4, true)]), said("at 4 connections"));
    }
}
