//! The drill: what ten workers take for a loop, and what follows for loops and machines that were
//! not measured.

use crate::claim::{Evidence, Judged};
use crate::question::contention::plan::{
    ATOMIC_TURNS, DRILL_TURNS, DRILL_WORKERS, against, drill, drill_atomic,
};
use crate::record::{Id, Record};
use crate::stats::Interval;
use std::collections::BTreeMap;

/// What was timed of the drill; its memory is
/// [`DrillMemory`](crate::question::memory::evidence::DrillMemory).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drill {
    /// By the length of the loop, the shortest first.
    pub points: Vec<Point>,
    /// Ten threads on one counter.
    pub atomic: Option<Atomic>,
    /// What the figures say of loops and machines that were not measured.
    pub model: Option<Model>,
}

/// Ten workers that count to the same number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The number.
    pub turns: u64,
    /// Wall time of threads from the first creation to the sum, nanoseconds.
    pub threads_ns: Interval,
    /// Of processes, nanoseconds.
    pub processes_ns: Interval,
    /// Processes over threads, in pairs.
    pub ratio: Interval,
}

/// Ten threads that count in one atomic word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atomic {
    /// To what number each counts.
    pub turns: u64,
    /// With a counter each, nanoseconds.
    pub own_ns: Interval,
    /// With one for all, nanoseconds.
    pub shared_ns: Interval,
    /// One for all over a counter each, in pairs.
    pub ratio: Interval,
}

/// The model: creation is serial, in the creator; the loop is parallel; both add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// CPUs of this machine.
    pub cpus: u32,
    /// Creating one worker and seeing its end: a tenth of the shortest drill, whose loop takes next
    /// to nothing. Threads, then processes; nanoseconds.
    pub creation_ns: [Interval; 2],
    /// One turn of one worker on a CPU of its own, nanoseconds.
    pub turn_ns: f64,
    /// One increment of an atomic word for which all CPUs of this machine compete, nanoseconds.
    pub shared_increment_ns: Option<f64>,
}

impl Drill {
    /// What the record says.
    #[must_use]
    pub fn of(record: &Record, judged: &Judged) -> Self {
        let evidence = &judged.evidence;
        let point = |turns| {
            let found = evidence.get(&drill(turns))?;
            let (threads_ns, processes_ns) = (found.a.time_ns?, found.b.time_ns?);
            Some(Point { turns, threads_ns, processes_ns, ratio: found.ratio? })
        };
        let points: Vec<Point> = DRILL_TURNS.into_iter().filter_map(point).collect();
        let model = Model::of(&points, record, evidence);
        Drill { points, atomic: Atomic::of(evidence), model }
    }
}

impl Atomic {
    fn of(evidence: &BTreeMap<Id, Evidence>) -> Option<Self> {
        let found = evidence.get(&drill_atomic())?;
        let (own_ns, shared_ns) = (found.a.time_ns?, found.b.time_ns?);
        Some(Atomic { turns: ATOMIC_TURNS, own_ns, shared_ns, ratio: found.ratio? })
    }
}

impl Model {
    /// Nothing without the shortest loop and a longer one, or where that took no longer.
    fn of(points: &[Point], record: &Record, evidence: &BTreeMap<Id, Evidence>) -> Option<Self> {
        let [.., shorter, longest] = points else { return None };
        let shortest = points.first().filter(|point| point.turns == DRILL_TURNS[0])?;
        let cpus = record.machine.cpus.len() as u32;
        if cpus == 0 {
            return None;
        }
        let workers = f64::from(DRILL_WORKERS);
        let per_worker = |drill: Interval| drill.map(|ns| ns / workers);
        let turns = (longest.turns - shorter.turns) as f64;
        let wall_ns = (longest.threads_ns.estimate - shorter.threads_ns.estimate) / turns;
        // Ten workers share the CPUs; with more CPUs than workers each has one.
        let turn_ns = wall_ns * f64::from(cpus).min(workers) / workers;
        let shared = evidence.get(&against("same-word")).and_then(|word| word.b.time_ns);
        (turn_ns > 0.0).then_some(Model {
            cpus,
            creation_ns: [shortest.threads_ns, shortest.processes_ns].map(per_worker),
            turn_ns,
            // An operation is one increment of each worker, one after the other.
            shared_increment_ns: shared.map(|ns| ns.estimate / f64::from(cpus)),
        })
    }
}
