//! What there is to measure: one list, which every door filters and measures from.

use crate::machine;
use crate::plan::{Counted, Experiment, Grid, Idling, Keeping, Loading, Shooting};
use crate::probe::Entry;
use crate::question;
use crate::question::memory::plan as memory;
use crate::question::servers::plan as servers;
use crate::record::{Cell, Policy, Record, Row, Stop};
use crate::sampler::{
    Bench, Budget, Cohort, Counting, Heard, Idle, Job, Keep, Pairing, Probing, Shoot, blocks,
    rounds,
};
use std::mem::discriminant;

/// One thing to measure.
#[derive(Debug, Clone)]
pub enum Planned {
    /// A yes-or-no experiment.
    Probe(&'static Entry),
    /// Idle units whose memory is read.
    Keep(Keeping),
    /// A paired comparison.
    Pair(Experiment),
    /// An arm of the counting pass.
    Count(Counted),
    /// A server under load.
    Load(Loading),
    /// A server of which a worker is shot.
    Shoot(Shooting),
    /// A server with idle connections whose memory is read.
    Idle(Idling),
}

impl Planned {
    /// Everything, in the order in which it is measured.
    #[must_use]
    pub fn all(paired: Policy, grid: Grid) -> Vec<Self> {
        let pairs = question::experiments(paired, grid).into_iter().map(Planned::Pair);
        // The first figures come first: the longest part of a run shows them as it goes.
        let mut all: Vec<Self> = pairs.collect();
        all.extend(question::probes().map(Planned::Probe));
        all.extend(memory::keepings().into_iter().map(Planned::Keep));
        all.extend(question::counted(paired, grid).into_iter().map(Planned::Count));
        all.extend(servers::loadings(grid).into_iter().map(Planned::Load));
        all.extend(servers::shootings().into_iter().map(Planned::Shoot));
        all.extend(servers::idlings(grid).into_iter().map(Planned::Idle));
        all
    }

    /// Its name in filters and lists.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Planned::Probe(entry) => entry.id().to_string(),
            Planned::Keep(keeping) => keeping.id.to_string(),
            Planned::Pair(experiment) => experiment.id.to_string(),
            Planned::Count(counted) => format!("count/{}", counted.arm),
            Planned::Load(loading) => loading.id.to_string(),
            Planned::Shoot(shooting) => shooting.id.to_string(),
            Planned::Idle(idling) => idling.id.to_string(),
        }
    }

    /// The question that it belongs to, which is the bench target that measures it.
    #[must_use]
    pub fn question(&self) -> &str {
        match self {
            Planned::Probe(entry) => entry.family.question,
            Planned::Keep(Keeping { id, .. })
            | Planned::Pair(Experiment { id, .. })
            | Planned::Load(Loading { id, .. })
            | Planned::Shoot(Shooting { id, .. })
            | Planned::Idle(Idling { id, .. }) => id.question(),
            Planned::Count(counted) => counted.question,
        }
    }

    /// The primitives that it times or counts.
    #[must_use]
    pub fn primitives(&self) -> Vec<&str> {
        match self {
            Planned::Pair(Experiment { a, b, .. }) => vec![&a.primitive, &b.primitive],
            Planned::Count(counted) => vec![&counted.arm.primitive],
            _ => Vec::new(),
        }
    }

    /// Is it measured in short runs too? Probes are short themselves.
    #[must_use]
    pub fn is_headline(&self) -> bool {
        match self {
            Planned::Probe(_) => true,
            Planned::Shoot(_) => false,
            Planned::Keep(keeping) => keeping.headline,
            Planned::Pair(experiment) => experiment.role.is_short(),
            Planned::Count(counted) => counted.headline,
            Planned::Load(loading) => loading.headline,
            Planned::Idle(idling) => idling.headline,
        }
    }

    /// What its kind is called in lists.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Planned::Probe(_) => "Probes (yes or no)",
            Planned::Keep(_) => "Footprints (memory of idle units)",
            Planned::Pair(_) => "Comparisons (in pairs)",
            Planned::Count(_) => "Counters (separate pass)",
            Planned::Load(_) => "Servers under load",
            Planned::Shoot(_) => "Servers with a crash (one worker crashes under load)",
            Planned::Idle(_) => "Footprints (memory of idle connections)",
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn what(&self) -> String {
        let most = |units: &[u32]| units.last().copied().unwrap_or(0);
        match self {
            Planned::Probe(entry) => entry.statement.to_owned(),
            Planned::Keep(keeping) => format!("up to {} × {}", most(keeping.units), keeping.kind),
            Planned::Pair(experiment) => format!("{} | {}", experiment.a, experiment.b),
            Planned::Count(counted) => format!("launches: {}", counted.launches),
            Planned::Load(Loading { connections, pages, .. }) => {
                format!("{connections} connections, {pages} pages touched per request")
            }
            Planned::Shoot(shooting) => format!("{} connections", shooting.connections),
            Planned::Idle(Idling { units, shape, .. }) => {
                format!("up to {} × connection of a server: {shape}", most(units))
            }
        }
    }

    /// Has the record all of it that this budget asks for?
    #[must_use]
    pub fn is_in(&self, record: &Record, budget: Budget) -> bool {
        match self {
            Planned::Probe(entry) => record.probe(&entry.id()).is_some(),
            Planned::Keep(Keeping { id, .. }) | Planned::Idle(Idling { id, .. }) => {
                record.footprint(id).is_some()
            }
            Planned::Pair(experiment) => record.cell(&experiment.id).is_some_and(|cell| {
                let failed = matches!(cell.stop, Stop::Failed(_));
                failed || cell.launches.len() >= budget.of(experiment).launches
            }),
            Planned::Count(counted) => record.counts.iter().any(|row| row.arm == counted.arm),
            Planned::Load(loading) => record.serving(&loading.id).is_some(),
            Planned::Shoot(shooting) => record.crash(&shooting.id).is_some(),
        }
    }
}

/// Is it of the same kind, and so measured in the same rounds?
pub(super) fn of_a_kind(one: &Planned, next: &Planned) -> bool {
    discriminant(one) == discriminant(next)
}

/// Measures what is of one kind, in rounds; `progress` hears before each launch what it is of.
pub fn measure(planned: &[Planned], bench: &Bench, progress: &mut dyn FnMut(&str)) -> Vec<Row> {
    rounds(jobs(planned, bench, &mut Vec::new()), bench, &mut |heard| {
        if let Heard::Launch(what) = heard {
            progress(what);
        }
    })
}

/// The jobs of what is of one kind. Cells that were begun are taken, and gone on with.
pub(super) fn jobs(planned: &[Planned], bench: &Bench, begun: &mut Vec<Cell>) -> Vec<Box<dyn Job>> {
    let (budget, limits) = (bench.budget, machine::limits());
    let (mut loadings, mut experiments) = (Vec::new(), Vec::new());
    let mut jobs: Vec<Box<dyn Job>> = Vec::with_capacity(planned.len());
    for one in planned.iter().cloned() {
        match one {
            Planned::Probe(entry) => jobs.push(Box::new(Probing::new(entry, budget))),
            Planned::Keep(keeping) => jobs.push(Box::new(Keep::new(keeping, budget, &limits))),
            Planned::Pair(experiment) => experiments.push(experiment),
            Planned::Count(counted) => jobs.push(Box::new(Counting::new(counted))),
            Planned::Load(loading) => loadings.push(loading),
            Planned::Shoot(shooting) => jobs.push(Box::new(Shoot::new(shooting, budget))),
            Planned::Idle(idling) => jobs.push(Box::new(Idle::new(idling, budget, &limits))),
        }
    }
    for block in blocks(experiments) {
        jobs.push(Box::new(Pairing::block(block, &bench.lab, budget).after(begun)));
    }
    for cohort in Cohort::all(&loadings, bench) {
        jobs.push(Box::new(cohort));
    }
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Role;
    use crate::record::{Failure, Launch};
    use std::collections::BTreeSet;

    #[test]
    fn a_cell_that_was_begun_is_gone_on_with_unless_it_failed() {
        let plan = question::experiments(Policy::Fifo, Grid::Default);
        let stated = plan.into_iter().find(|e| e.role == Role::Stated).expect("there is one");
        let cell = |launches: usize, stop: Stop| Cell {
            id: stated.id.clone(),
            a: stated.a.clone(),
            b: stated.b.clone(),
            precision_aim: stated.protocol.precision_aim,
            launches: vec![Launch::default(); launches],
            stop,
        };
        let is_in = |cell: Cell, budget| {
            let record = Record { cells: vec![cell], ..Record::default() };
            Planned::Pair(stated.clone()).is_in(&record, budget)
        };
        let failed = Stop::Failed(Failure::new("measuring", "it died"));
        for (cell, early, whole) in [
            (cell(6, Stop::Planned), false, false),
            (cell(7, Stop::Planned), true, false),
            (cell(7, Stop::Precision), true, false),
            (cell(10, Stop::Planned), true, true),
            (cell(2, failed), true, true),
        ] {
            assert_eq!(is_in(cell.clone(), Budget::FULL.early()), early, "{:?}", cell.stop);
            assert_eq!(is_in(cell.clone(), Budget::FULL), whole, "{:?}", cell.stop);
        }
    }

    #[test]
    fn what_there_is_has_ids_of_its_own_and_comes_kind_by_kind() {
        for grid in [Grid::Default, Grid::Full] {
            let all = Planned::all(Policy::Fifo, grid);
            let ids: BTreeSet<String> = all.iter().map(Planned::id).collect();
            assert_eq!(ids.len(), all.len());
            let kinds: BTreeSet<&str> = all.iter().map(Planned::kind).collect();
            assert_eq!(all.chunk_by(of_a_kind).count(), kinds.len());
        }
    }
}
