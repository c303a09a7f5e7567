//! What does a server answer, by how it divides its connections among actors?

mod alone;

pub use alone::{HOLD, KEEP, TEN_THOUSAND, crash, idlings, load, loadings, of_shape, shootings};

use crate::plan::{Experiment, Grid, Protocol, TOGETHER};
use crate::question::arm;
use crate::record::{Arm, Coordinate, Family, Id, Placement, Shape};

const QUESTION: &str = "servers";

const fn family(name: &'static str, prefix: &'static str) -> Family {
    Family { question: QUESTION, name, prefix }
}

/// Two shapes over connections that are kept.
const RACE: Family = family("race", QUESTION);
/// Two shapes over connections for a request each.
const EACH_RACE: Family = family("per-request", "servers/per-request");
/// Connections at a time.
const CONNECTIONS: [u32; 4] = [1, 4, 32, 128];
/// The same with the full grids. Prefork has as many processes.
const CONNECTIONS_FULL: [u32; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000];
/// Where each request has a connection of its own, those at a time.
const PER_REQUEST: [u32; 2] = [4, 32];

/// Connections of controls, of shots, and wherever there is one number of them.
pub const USUAL: u32 = 32;
/// Private pages of a connection that each of its requests touches, where it touches any.
pub const PAGES: u32 = 32;

/// What the primitives are called that ask over connections which are kept, and those with a
/// connection per request; the name of the shape follows.
pub const KEPT: &str = "request/";
/// See [`KEPT`].
pub const EACH: &str = "connection/";

/// Batches of many requests a connection: at the end of each they run out one by one. One of a few
/// each is a burst and its end, which is not what a server does all the time; so the number counts
/// for more than the length. A connection for each takes so long itself that fewer do.
#[must_use]
fn protocol(arm: &Arm, requests_each: u64) -> Protocol {
    let connections = u64::from(arm.actors.max(1));
    Protocol {
        discarded_ops: 2 * connections,
        least_ops: requests_each * connections,
        batch_ns: 10_000_000,
        longest_ns: 200_000_000,
        pairs_per_launch: 6,
        precision_aim: 0.03,
        ..TOGETHER
    }
}

/// Requests to a server of this shape, whose connections are kept.
#[must_use]
pub fn kept(shape: Shape, connections: u32) -> Arm {
    asking(KEPT, shape, connections)
}

/// Requests with a connection each.
#[must_use]
pub fn each(shape: Shape, connections: u32) -> Arm {
    asking(EACH, shape, connections)
}

fn asking(family: &str, shape: Shape, connections: u32) -> Arm {
    arm(&format!("{family}{shape}")).among(connections).at(Placement::TwoCores)
}

/// Two shapes that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Race {
    /// Processes over threads: prefork over the pool.
    Processes,
    /// Threads over events: the pool over one loop.
    Threads,
}

impl Race {
    /// Its name in ids.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Race::Processes => "processes",
            Race::Threads => "threads",
        }
    }

    /// The shapes: the one that the text says to serve more, and the other. The figure is the time
    /// of the other over that of this one.
    #[must_use]
    pub fn shapes(self) -> [Shape; 2] {
        match self {
            Race::Processes => [Shape::ThreadPool, Shape::Prefork],
            Race::Threads => [Shape::Epoll, Shape::ThreadPool],
        }
    }
}

/// Both races.
pub const RACES: [Race; 2] = [Race::Processes, Race::Threads];

/// Id of a race over connections that are kept.
#[must_use]
pub fn race(race: Race, connections: u32, pages: u32) -> Id {
    compared(RACE, race.name(), connections, pages)
}

/// Id of a race in which each request has a connection of its own.
#[must_use]
pub fn race_each(race: Race, connections: u32) -> Id {
    compared(EACH_RACE, race.name(), connections, 0)
}

/// Id of threads over processes on all CPUs, which the client shares.
#[must_use]
pub fn all_cpus(pages: u32) -> Id {
    compared(RACE, "all-cpus", USUAL, pages)
}

/// Id of one loop over a loop on each CPU, which the client shares.
#[must_use]
pub fn per_core() -> Id {
    compared(RACE, "per-core", USUAL, 0)
}

/// Ids of a thread started for each connection over the pool: connections kept, and one for each
/// request.
#[must_use]
pub fn started() -> [Id; 2] {
    [RACE, EACH_RACE].map(|family| compared(family, "started", USUAL, 0))
}

fn compared(family: Family, name: &str, connections: u32, pages: u32) -> Id {
    let id = family.at([Coordinate::name(name), Coordinate::Connections(connections)]);
    if pages > 0 { id.and(Coordinate::Pages(pages)) } else { id }
}

fn connections(grid: Grid) -> &'static [u32] {
    match grid {
        Grid::Default => &CONNECTIONS,
        Grid::Full => &CONNECTIONS_FULL,
    }
}

/// Requests of a batch to each connection that is kept, and over connections for one request each.
const REQUESTS: [u64; 2] = [12, 8];

fn pair(id: Id, a: Arm, b: Arm) -> Experiment {
    Experiment::new(id, protocol(&a, REQUESTS[0]), a, b)
}

fn pair_each(id: Id, a: Arm, b: Arm) -> Experiment {
    Experiment::new(id, protocol(&a, REQUESTS[1]), a, b)
}

/// The paired experiments: client and server have a CPU each, unless both have all.
pub(in crate::question) fn experiments(grid: Grid) -> Vec<Experiment> {
    let actors = [Shape::ThreadPool, Shape::Prefork];
    let mut plan: Vec<Experiment> = Id::controls(QUESTION)
        .into_iter()
        .zip(actors)
        .map(|(control, shape)| {
            let arm = kept(shape, USUAL);
            pair(control, arm.clone(), arm)
        })
        .collect();
    for which in RACES {
        for pages in [0, PAGES] {
            let usual =
                |connections: &&u32| grid == Grid::Full || pages == 0 || **connections == USUAL;
            plan.extend(connections(grid).iter().filter(usual).map(|&connections| {
                let [a, b] = which.shapes().map(|shape| kept(shape, connections).touching(pages));
                pair(race(which, connections, pages), a, b)
            }));
        }
        let each_time = PER_REQUEST.into_iter().filter(|&n| grid == Grid::Full || n == USUAL);
        plan.extend(each_time.map(|connections| {
            let [a, b] = which.shapes().map(|shape| each(shape, connections));
            pair_each(race_each(which, connections), a, b)
        }));
    }
    plan.extend([0, PAGES].map(|pages| {
        let everywhere = |shape| kept(shape, USUAL).touching(pages).at(Placement::Free);
        let [threads, processes] = actors.map(everywhere);
        pair(all_cpus(pages), processes, threads)
    }));
    let [one, many] =
        [Shape::Epoll, Shape::EpollPerCore].map(|shape| kept(shape, USUAL).at(Placement::Free));
    plan.push(pair(per_core(), many, one));
    let shapes = [Shape::ThreadPool, Shape::ThreadPerConnection];
    let [[a, b], [c, d]] = [shapes.map(|s| kept(s, USUAL)), shapes.map(|s| each(s, USUAL))];
    let [over_kept, over_each] = started();
    plan.push(pair(over_kept, a, b));
    plan.push(pair_each(over_each, c, d));
    plan
}

/// The benchmarks: time per request with all connections busy. A loop on each CPU has them all,
/// which the client shares.
pub(in crate::question) fn benches(grid: Grid) -> Vec<Arm> {
    if grid == Grid::Default {
        return [Shape::Prefork, Shape::ThreadPool, Shape::Epoll].map(|s| kept(s, USUAL)).into();
    }
    let asked: [fn(Shape, u32) -> Arm; 2] = [kept, each];
    let one = |asked: fn(Shape, u32) -> Arm, shape| match shape {
        Shape::EpollPerCore => asked(shape, USUAL).at(Placement::Free),
        _ => asked(shape, USUAL),
    };
    asked.into_iter().flat_map(|asked| Shape::ALL.map(|shape| one(asked, shape))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_arm_knows_the_shape_that_it_asks() {
        for shape in Shape::ALL {
            assert_eq!(kept(shape, 1).work.server(), Some(shape));
            assert_eq!(each(shape, 1).work.server(), Some(shape));
        }
        assert_eq!(arm("pipe/thread").work.server(), None);
    }

    #[test]
    fn both_arms_are_asked_as_much_and_differ_in_their_shape_alone() {
        for grid in [Grid::Default, Grid::Full] {
            for Experiment { id, a, b, .. } in experiments(grid) {
                assert_eq!((a.actors, a.pages), (b.actors, b.pages), "{id}");
                let family = |arm: &Arm| arm.primitive.starts_with(EACH);
                assert_eq!(family(&a), family(&b), "{id}");
                let [shape_a, shape_b] = [&a, &b].map(|arm| arm.work.server());
                assert!(shape_a.is_some() && shape_b.is_some(), "{id}");
                let control = Id::controls(QUESTION).contains(&id);
                assert_eq!(shape_a == shape_b, control, "{id}");
            }
        }
    }

    #[test]
    fn a_batch_asks_each_connection_many_times() {
        for connections in CONNECTIONS_FULL {
            for (asked, times) in
                [(kept(Shape::Epoll, connections), 12), (each(Shape::Epoll, connections), 8)]
            {
                let protocol = protocol(&asked, times);
                assert_eq!(protocol.least_ops, u64::from(connections) * times);
                assert_eq!(protocol.discarded_ops, u64::from(connections) * 2);
            }
        }
    }

    #[test]
    fn ids_of_loads_shots_and_idle_connections_are_unique_and_begin_with_the_question() {
        for grid in [Grid::Default, Grid::Full] {
            let mut ids: Vec<Id> = loadings(grid).into_iter().map(|l| l.id).collect();
            ids.extend(shootings().into_iter().map(|s| s.id));
            ids.extend(idlings(grid).into_iter().map(|i| i.id));
            ids.extend(experiments(grid).into_iter().map(|e| e.id));
            assert!(ids.iter().all(|id| id.question() == QUESTION), "{ids:?}");
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        }
    }
}
