//! Idle connections: the memory of a server without any, and with more and more of them, in several
//! launches.
//!
//! Workers are started beforehand, as many as there will be connections, so that one server cannot
//! be read without any and grow. Each reading is therefore a server's life of its own, of every
//! shape alike, in a control group of its own, in which nothing of an earlier life is left. The
//! first has one worker and no connection. The client is outside: its ends of the connections are
//! not charged.

use super::cpu_pair::CpuPair;
use super::footprint::cap;
use super::{Bench, Budget, Job};
use crate::cgroup::Group;
use crate::lab::{AddressSpace, ServerLab, Takes};
use crate::machine::{self, Books};
use crate::plan::Idling;
use crate::record::{
    Failure, Footprint, FootprintLaunch, Limit, MemoryReading, MemorySource, Parent, Result, Row,
    Shape,
};
use std::time::Duration;

/// Time limit for processes to come to rest, or to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between rest and the reading, in which what was freed meanwhile is given back: little, of a
/// life so young.
const SETTLE: Duration = Duration::from_millis(20);
/// Most connections in a test, and in a quick run where memory of each is read.
const MOST_IN_TEST: u32 = 50;
/// See [`MOST_IN_TEST`].
const MOST_IN_QUICK: u32 = 1_000;

/// What a connection takes, with the worker that has it: a descriptor here and one of the client's,
/// and a port.
const CONNECTION: Takes = Takes {
    pids: 0,
    mappings: 0,
    descriptors: 1,
    ports: 1,
    bytes: 16 << 10,
    space: AddressSpace::Bytes(0),
    committed: AddressSpace::Bytes(0),
};
/// With the stack of Rust's threads.
const THREAD: Takes = Takes {
    pids: 1,
    mappings: 2,
    bytes: 60 << 10,
    space: AddressSpace::Bytes(STACK_BYTES),
    committed: AddressSpace::Bytes(STACK_BYTES),
    ..CONNECTION
};
const PROCESS: Takes =
    Takes { pids: 1, bytes: 300 << 10, committed: AddressSpace::OfCreator, ..CONNECTION };
/// The standard library's stacks, bytes.
const STACK_BYTES: u64 = 2 << 20;

fn takes(shape: Shape) -> Takes {
    match shape {
        Shape::Prefork => PROCESS,
        Shape::ThreadPool | Shape::ThreadPerConnection => THREAD,
        Shape::Epoll | Shape::EpollPerCore => CONNECTION,
    }
}

/// Ten thousand at once are shown, not sloped: one launch will do.
fn launches(idling: &Idling, budget: Budget) -> usize {
    if idling.shown_once { 1 } else { budget.readings(false) }
}

/// A server with idle connections on its way to a footprint. One CPU is enough: nothing is timed.
pub struct Idle {
    idling: Idling,
    units: Vec<u32>,
    footprint: Footprint,
    planned: usize,
}

impl Idle {
    /// As many connections as the budget wants and the machine's limits leave.
    #[must_use]
    pub fn new(idling: Idling, budget: Budget, limits: &[Limit]) -> Self {
        let plan = cap::plan(&planned(&idling, budget), takes(idling.shape), limits);
        let (plan, failure) = match plan {
            Ok(plan) => (plan, None),
            Err(failure) => (cap::Plan::default(), Some(failure)),
        };
        let footprint = Footprint {
            id: idling.id.clone(),
            kind: format!("server-{}", idling.shape),
            parent: Parent::default(),
            capped: plan.capped,
            launches: Vec::new(),
            failure,
        };
        let planned = launches(&idling, budget);
        Idle { idling, units: plan.units, footprint, planned }
    }
}

impl Job for Idle {
    fn launches(&self, budget: Budget) -> usize {
        launches(&self.idling, budget)
    }

    fn is_done(&self) -> bool {
        self.footprint.failure.is_some() || self.footprint.launches.len() == self.planned
    }

    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        progress(&self.idling.id.to_string());
        match launch(bench, self.idling.shape, &self.units) {
            Ok(launch) => self.footprint.launches.push(launch),
            Err(failure) => self.footprint.failure = Some(failure),
        }
    }

    fn is_sound(&self) -> bool {
        self.footprint.failure.is_none()
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        vec![Row::Footprint(self.footprint)]
    }
}

/// The plan's numbers of connections, or fewer in the same proportion.
fn planned(idling: &Idling, budget: Budget) -> Vec<u32> {
    let last = idling.units.last().copied().unwrap_or(0);
    let most = match budget {
        Budget::TEST => MOST_IN_TEST,
        Budget::QUICK if !idling.shown_once => MOST_IN_QUICK,
        _ => last,
    };
    // Below a few million connections, no product overflows.
    idling.units.iter().map(|units| units * most.min(last) / last).collect()
}

/// A life for each reading. The process id is the last one's.
fn launch(bench: &Bench, shape: Shape, units: &[u32]) -> Result<FootprintLaunch> {
    let mut lives = Vec::with_capacity(1 + units.len());
    for connections in std::iter::once(&0).chain(units) {
        lives.push(read(bench, shape, *connections)?);
    }
    let readings = lives.iter().map(|life| life.reading).collect();
    let sources: Vec<&MemorySource> = lives.iter().map(|life| &life.source).collect();
    if sources.windows(2).any(|pair| !same_books(pair[0], pair[1])) {
        let why = format!("its readings come from different memory accounting: {sources:?}");
        return Err(Failure::new(format!("reading the memory of a server by {shape}"), why));
    }
    let last = lives.pop().ok_or_else(|| Failure::new("reading memory", "nothing was read"))?;
    Ok(FootprintLaunch { pid: last.pid, source: last.source, readings })
}

/// The reason why there is no group names the group, which is another one each time.
fn same_books(one: &MemorySource, other: &MemorySource) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// What was read of one life of a server.
struct Life {
    pid: i32,
    source: MemorySource,
    reading: MemoryReading,
}

fn read(bench: &Bench, shape: Shape, connections: u32) -> Result<Life> {
    // It is removed when the server has ended.
    let group = Group::make(&bench.reaper);
    let books = Books::of(&group);
    // The server on the main CPU, as other units are: pages in stock for a CPU are one CPU's then.
    // A loop on each CPU has all, and their stocks in its figures.
    let main = bench.cores.main;
    let client = bench.cores.other.as_ref().copied().unwrap_or(main);
    let cpus = CpuPair { client, server: main };
    let mut spec = cpus.serve(&bench.cores, shape, connections.max(1));
    spec.group = group.as_ref().ok().map(|group| group.folder().to_owned());
    let mut server = ServerLab::launch(&bench.lab, &spec)?;
    let mut client = cpus.client(bench, &mut server, 0)?;
    if connections > 0 {
        client.hold(connections).map_err(|failure| server.explained(failure))?;
    }
    let processes = server.whole_account()?.processes;
    let read = machine::await_asleep(&processes, PATIENCE).and_then(|()| {
        crate::sys::clock::pause(SETTLE);
        books.read(server.pid(), &processes)
    });
    let mut reading = read.map_err(|failure| server.explained(failure))?;
    reading.units = connections;
    let life = Life { pid: server.pid(), source: books.source().clone(), reading };
    drop((client, server));
    // A process that is still ending would count in the memory accounting of the next launch.
    machine::await_gone(&processes, PATIENCE)?;
    Ok(life)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question::servers::plan::{HOLD, KEEP, idlings, of_shape};
    use crate::record::Family;
    use Shape::{Epoll, Prefork};

    fn find(family: Family, shape: Shape) -> Idling {
        let id = of_shape(family, shape);
        idlings(Grid::Full).into_iter().find(|idling| idling.id == id).unwrap()
    }

    #[test]
    fn a_shorter_run_holds_fewer_in_the_same_proportion() {
        let units = |family, shape, budget| planned(&find(family, shape), budget);
        assert_eq!(units(KEEP, Prefork, Budget::FULL), [250, 1_000]);
        assert_eq!(units(KEEP, Epoll, Budget::FULL), [1_000, 4_000]);
        assert_eq!(units(KEEP, Epoll, Budget::QUICK), [250, 1_000]);
        assert_eq!(units(KEEP, Prefork, Budget::QUICK), [250, 1_000]);
        assert_eq!(units(KEEP, Prefork, Budget::TEST), [12, 50]);
        assert_eq!(units(HOLD, Epoll, Budget::QUICK), [10_000]);
        assert_eq!(units(HOLD, Epoll, Budget::TEST), [50]);
    }

    #[test]
    fn ten_thousand_are_held_once_and_slopes_are_read_more_often() {
        let launches = |family| {
            let of = |budget| super::launches(&find(family, Epoll), budget);
            [Budget::TEST, Budget::QUICK, Budget::FULL].map(of)
        };
        assert_eq!(launches(KEEP), [1, 3, 3]);
        assert_eq!(launches(HOLD), [1, 1, 1]);
    }

    #[test]
    fn a_limit_binds_the_shapes_that_take_of_it() {
        let held = |shape, name: &str, most| {
            let limit = Limit {
                name: name.into(),
                most: Some(most),
                used: 0.0,
                unit: String::new(),
                note: None,
            };
            let idling = find(HOLD, shape);
            let idle = Idle::new(idling, Budget::FULL, &[limit]);
            assert!(idle.footprint.failure.is_none());
            assert_eq!(idle.footprint.capped.is_some(), idle.units != [10_000], "{shape}");
            idle.units[0]
        };
        let all = Shape::ALL;
        assert_eq!(
            all.map(|s| held(s, "kernel.pid_max", 32_768.0)),
            [8_192, 8_192, 8_192, 10_000, 10_000]
        );
        assert_eq!(
            all.map(|s| held(s, "vm.max_map_count", 65_530.0)),
            [10_000, 8_191, 8_191, 10_000, 10_000]
        );
        assert_eq!(all.map(|s| held(s, "RLIMIT_NOFILE", 4_000.0)), [3_000; 5]);
        assert_eq!(all.map(|s| held(s, "net.ipv4.ip_local_port_range", 28_232.0)), [10_000; 5]);
    }
}
