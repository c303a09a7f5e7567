//! Paired sampling.

use super::noise_monitor::NoiseMonitor;
use super::{Bench, Budget, Job, Share};
use crate::lab::{Lab, Program, Spec};
use crate::plan::{Experiment, Figure, Protocol};
use crate::record::{Cell, Half, Launch, Pair, Result, Row, Stop};
use crate::stats;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A paired experiment on its way to a cell.
pub struct Pairing {
    experiment: Experiment,
    programs: [Program; 2],
    cell: Cell,
    share: Share,
    spent: Duration,
    done: bool,
}

impl Pairing {
    /// Two arms in labs of one program each: the same, unless implementations of a lab are
    /// compared.
    #[must_use]
    pub fn new(experiment: Experiment, programs: [Program; 2], budget: Budget) -> Self {
        let cell = Cell {
            id: experiment.id.clone(),
            a: experiment.a.clone(),
            b: experiment.b.clone(),
            precision_aim: experiment.protocol.precision_aim,
            launches: Vec::new(),
            stop: Stop::Planned,
        };
        let share = budget.of(&experiment);
        Pairing { experiment, programs, cell, share, spent: Duration::ZERO, done: false }
    }

    /// Goes on with a cell that an earlier part of the run has begun.
    #[must_use]
    pub fn after(mut self, begun: Cell) -> Self {
        self.cell = begun;
        self
    }

    /// The launch that is due, and how narrow the figure's interval is.
    fn status(&self, planned: usize) -> String {
        let Experiment { id, .. } = &self.experiment;
        let launch = self.cell.launches.len() + 1;
        let protocol = self.experiment.protocol;
        let aim = protocol.precision_aim * 100.0;
        let width = half_width(&self.cell, protocol.figure);
        let width = width.map_or(String::new(), |w| format!(" · ±{:.1} % (aim {aim})", w * 100.0));
        format!("{id} · launch {launch}/{}{width}", planned.max(launch))
    }

    /// Why to stop, if it is time. What the figure says is no reason; how narrow its interval is,
    /// is one.
    fn stop(&self) -> Option<Stop> {
        let share = &self.share;
        if self.spent > share.give_up_after {
            return Some(Stop::TimeCap);
        }
        if self.cell.launches.len() < share.launches {
            return None;
        }
        let width = half_width(&self.cell, self.experiment.protocol.figure);
        if width.is_some_and(|width| width <= self.cell.precision_aim) {
            return Some(Stop::Precision);
        }
        if share.extend_for.is_zero() {
            return Some(Stop::Planned);
        }
        (self.spent > share.extend_for).then_some(Stop::TimeCap)
    }

    /// One life of both labs. What was measured before a failure stays in the cell.
    fn launch(&mut self, bench: &Bench, patience: Duration) -> Result<()> {
        let started = Instant::now();
        let arms = [&self.experiment.a, &self.experiment.b];
        let [spec_a, spec_b] = arms.map(|arm| Spec::new(arm, &bench.cores, None));
        let [program_a, program_b] = &self.programs;
        let mut labs = [Lab::launch(program_a, &spec_a?)?, Lab::launch(program_b, &spec_b?)?];
        let protocol = self.experiment.protocol;
        let mut sizes = [0; 2];
        for (lab, size) in labs.iter_mut().zip(&mut sizes) {
            *size = batch_size(lab, &protocol)?;
        }
        self.cell.launches.push(Launch {
            pids: [labs[0].pid(), labs[1].pid()],
            states: [labs[0].state().clone(), labs[1].state().clone()],
            host: BTreeMap::new(),
            pairs: Vec::with_capacity(self.share.pairs_per_launch),
        });
        for number in 0..self.share.pairs_per_launch {
            let monitor = NoiseMonitor::watch(&bench.cores, self.experiment.a.placement);
            let [a, b] = pair(&mut labs, sizes, &protocol, number)?;
            let discarded = monitor.discard_reason(arms, [&a, &b]);
            if let Some(launch) = self.cell.launches.last_mut() {
                launch.pairs.push(Pair { a, b, discarded });
            }
            if started.elapsed() > patience {
                break;
            }
        }
        Ok(())
    }
}

impl Job for Pairing {
    fn launches(&self, _: Budget) -> usize {
        self.share.launches.saturating_sub(self.cell.launches.len())
    }

    fn is_done(&self) -> bool {
        self.done
    }

    /// One launch, and the decision whether it was the last.
    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        progress(&self.status(self.share.launches));
        let started = Instant::now();
        let patience = self.share.give_up_after.saturating_sub(self.spent);
        let launched = self.launch(bench, patience);
        self.spent += started.elapsed();
        let stop = match launched {
            Err(failure) => Some(Stop::Failed(failure)),
            Ok(()) => self.stop(),
        };
        if let Some(stop) = stop {
            self.cell.stop = stop;
            self.done = true;
        }
    }

    fn is_sound(&self) -> bool {
        !matches!(self.cell.stop, Stop::Failed(_))
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        vec![Row::Cell(self.cell)]
    }

    /// Whole launches are as good as they were; there are fewer.
    fn cut(mut self: Box<Self>) -> Vec<Row> {
        if self.cell.launches.is_empty() {
            return Vec::new();
        }
        self.cell.stop = Stop::Cut;
        vec![Row::Cell(self.cell)]
    }
}

/// A trial shorter than this share of the aimed batch is mostly clock reads.
const SHORT_TRIAL: u64 = 100;

/// Operations per batch that make it as long as the protocol wants, from one batch that is not
/// kept; from a second one of operations so short that the first says little of them.
fn batch_size(lab: &mut Lab, protocol: &Protocol) -> Result<u64> {
    let trial = lab.batch(protocol.discarded_ops, protocol.least_ops)?.half;
    let size = fitting(trial.ns_per_op().max(1.0), protocol);
    if trial.elapsed_ns >= protocol.batch_ns / SHORT_TRIAL {
        return Ok(size);
    }
    let trial = lab.batch(protocol.discarded_ops, size)?.half;
    Ok(fitting(trial.ns_per_op().max(0.1), protocol))
}

/// As long as wanted and no fewer operations than wanted; but of operations that are too long for
/// that, as many as the longest batch holds.
fn fitting(ns_per_op: f64, protocol: &Protocol) -> u64 {
    let aimed = (protocol.batch_ns as f64 / ns_per_op).ceil() as u64;
    let most = ((protocol.longest_ns as f64 / ns_per_op) as u64).max(1);
    aimed.max(protocol.least_ops).min(most)
}

/// Two batches next to each other. Pairs alternate so that four make A B B A, B A A B.
fn pair(
    labs: &mut [Lab; 2],
    sizes: [u64; 2],
    protocol: &Protocol,
    number: usize,
) -> Result<[Half; 2]> {
    let first = order(number);
    let mut halves = [Half::default(); 2];
    for side in [first, 1 - first] {
        std::thread::sleep(Duration::from_nanos(protocol.rest_ns));
        halves[side] = labs[side].batch(protocol.discarded_ops, sizes[side])?.half;
    }
    Ok(halves)
}

/// Which arm goes first in pair `number`.
fn order(number: usize) -> usize {
    (number / 2 + number) % 2
}

/// Half-width of the figure's interval so far, as a share of 1.
fn half_width(cell: &Cell, figure: Figure) -> Option<f64> {
    let read = |pair: &Pair| match figure {
        Figure::Ratio => Some((pair.b.ns_per_op() / pair.a.ns_per_op()).ln()),
        Figure::ReadyRatio => Some((pair.b.first_ns_per_op() / pair.a.first_ns_per_op()).ln()),
        Figure::RefillFraction => pair.refill_fraction(cell),
    };
    let kept = |launch: &Launch| -> Vec<f64> {
        let pairs = launch.pairs.iter().filter(|pair| pair.discarded.is_none());
        pairs.filter_map(read).collect()
    };
    let figures: Vec<Vec<f64>> = cell.launches.iter().map(kept).collect();
    stats::cluster_median(&figures).map(|interval| interval.half_width())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question;
    use crate::question::servers::plan as servers;
    use crate::question::servers::plan::Race;
    use crate::record::Policy;

    #[test]
    fn pairs_alternate_as_abba_baab() {
        let firsts: Vec<usize> = (0..8).map(order).collect();
        assert_eq!(firsts, [0, 1, 1, 0, 0, 1, 1, 0]);
    }

    #[test]
    fn a_batch_is_as_long_as_wanted_and_never_too_long() {
        let experiment = &question::experiments(Policy::Other, Grid::Default)[0];
        let protocol = Protocol { least_ops: 4, batch_ns: 400_000, ..experiment.protocol };
        let sizes = [1e3, 1e5, 1e6, 4e6, 2e7].map(|ns| fitting(ns, &protocol));
        assert_eq!(sizes, [400, 4, 4, 2, 1]);
    }

    #[test]
    fn a_batch_of_requests_has_many_of_each_connection_unless_they_take_too_long() {
        let plan = question::experiments(Policy::Other, Grid::Default);
        let of = |connections| {
            let id = servers::race(Race::Threads, connections, 0);
            plan.iter().find(|e| e.id == id).expect("it is in the plan").protocol
        };
        // 10 ms of few connections; twelve requests of each of many, but no more than 200 ms.
        assert_eq!(fitting(20e3, &of(1)), 500);
        assert_eq!(fitting(20e3, &of(32)), 500);
        assert_eq!(fitting(40e3, &of(32)), 384);
        assert_eq!(fitting(20e3, &of(128)), 1_536);
        assert_eq!(fitting(90e3, &of(128)), 1_536);
        assert_eq!(fitting(200e3, &of(128)), 1_000);
    }
}
