//! A comparison of a block: its cell, what it may take, and when it is through.

use super::sizing::measured_size;
use super::stage::Stage;
use crate::lab::Lab;
use crate::plan::{Experiment, Figure};
use crate::record::{Cell, Failure, Half, Launch, Pair, Stop};
use crate::sampler::noise_monitor::NoiseMonitor;
use crate::sampler::{Budget, Share};
use crate::stats;
use std::time::Duration;

/// A paired experiment on its way to a cell.
pub(super) struct Comparison {
    pub(super) experiment: Experiment,
    /// Where its arms are in the block.
    pub(super) slots: [usize; 2],
    pub(super) cell: Cell,
    pub(super) share: Share,
    pub(super) done: bool,
    spent: Duration,
}

impl Comparison {
    pub(super) fn new(experiment: Experiment, slots: [usize; 2], budget: Budget) -> Self {
        let cell = Cell {
            id: experiment.id.clone(),
            a: experiment.a.clone(),
            b: experiment.b.clone(),
            precision_aim: experiment.protocol.precision_aim,
            launches: Vec::new(),
            stop: Stop::Planned,
        };
        let share = budget.of(&experiment);
        Comparison { experiment, slots, cell, share, done: false, spent: Duration::ZERO }
    }

    /// Launches that are planned and not yet made.
    pub(super) fn left(&self) -> usize {
        match self.done {
            true => 0,
            false => self.share.launches.saturating_sub(self.cell.launches.len()),
        }
    }

    /// How long its launches may still take.
    pub(super) fn patience(&self) -> Duration {
        self.share.give_up_after.saturating_sub(self.spent)
    }

    /// The launch that is due, and how narrow the figure's interval is.
    pub(super) fn status(&self) -> String {
        let Experiment { id, protocol, .. } = &self.experiment;
        let launch = self.cell.launches.len() + 1;
        let aim = protocol.precision_aim * 100.0;
        let width = half_width(&self.cell, protocol.figure);
        let width = width.map_or(String::new(), |w| format!(" · ±{:.1} % (aim {aim})", w * 100.0));
        format!("{id} · launch {launch}/{}{width}", self.share.launches.max(launch))
    }

    /// Operations of a batch of the arm in this slot, by the last launch.
    pub(super) fn size(&self, slot: usize) -> Option<u64> {
        let pairs = &self.cell.launches.last()?.pairs;
        let halves: Vec<Half> = match self.slots.iter().position(|own| *own == slot)? {
            0 => pairs.iter().map(|pair| pair.a).collect(),
            _ => pairs.iter().map(|pair| pair.b).collect(),
        };
        measured_size(&halves, &self.experiment.protocol)
    }

    /// A launch begins.
    pub(super) fn begin(&mut self, stage: &Stage) {
        let labs = self.slots.map(|slot| stage.lab(slot));
        self.cell.launches.push(Launch {
            pids: labs.map(|lab| lab.map_or(0, Lab::pid)),
            states: labs.map(|lab| lab.map(|lab| lab.state().clone()).unwrap_or_default()),
            host: Lab::host(&labs.into_iter().flatten().collect::<Vec<_>>()),
            pairs: Vec::with_capacity(self.share.pairs_per_launch),
        });
    }

    /// The pair that the block has just measured.
    pub(super) fn add(&mut self, stage: &Stage, monitor: &NoiseMonitor) {
        let [a, b] = self.slots.map(|slot| stage.half(slot));
        let discarded = monitor.discard_reason([&self.cell.a, &self.cell.b], [&a, &b]);
        if let Some(launch) = self.cell.launches.last_mut() {
            launch.pairs.push(Pair { a, b, discarded });
        }
    }

    /// A launch is over, and took so long: is it time to stop?
    pub(super) fn end(&mut self, took: Duration) {
        self.spent += took;
        if let Some(stop) = self.stop() {
            self.cell.stop = stop;
            self.done = true;
        }
    }

    /// It ends here. What was measured before stays in the cell.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.cell.stop = Stop::Failed(failure);
        self.done = true;
    }

    /// It did not fail by itself.
    pub(super) fn reopen(&mut self) {
        self.cell.stop = Stop::Planned;
        self.done = false;
    }

    /// Has nothing of it failed?
    pub(super) fn is_sound(&self) -> bool {
        !matches!(self.cell.stop, Stop::Failed(_))
    }

    /// What of it can be kept where measuring ends before it is through: whole launches.
    pub(super) fn cut(mut self) -> Option<Cell> {
        if !self.done {
            self.cell.stop = Stop::Cut;
        }
        (self.done || !self.cell.launches.is_empty()).then_some(self.cell)
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
