//! Paired sampling, in blocks: comparisons that have an arm in common share its lab.
//!
//! A B B A for one comparison; A B C D, D C B A for several. A ratio is always within a block, and
//! what drifts evenly leaves it, as both arms lie equally early and late.

mod comparison;
mod grouping;
mod sizing;
mod stage;

pub use grouping::blocks;

use super::noise_monitor::NoiseMonitor;
use super::{Bench, Budget, Job};
use crate::lab::Program;
use crate::plan::Experiment;
use crate::record::{Cell, Row};
use comparison::Comparison;
use stage::{Slot, Stage};
use std::time::Instant;

/// Comparisons of a block, on their way to cells.
pub struct Pairing {
    slots: Vec<Slot>,
    comparisons: Vec<Comparison>,
}

impl Pairing {
    /// Two arms in labs of one program each: the same, unless implementations of a lab are
    /// compared.
    #[must_use]
    pub fn new(experiment: Experiment, programs: [Program; 2], budget: Budget) -> Self {
        let mut alone = Pairing { slots: Vec::new(), comparisons: Vec::new() };
        alone.add(experiment, programs, budget);
        alone
    }

    /// Experiments of one block ([`blocks`]), all in labs of one program.
    #[must_use]
    pub fn block(experiments: Vec<Experiment>, program: &Program, budget: Budget) -> Self {
        let mut block = Pairing { slots: Vec::new(), comparisons: Vec::new() };
        for experiment in experiments {
            block.add(experiment, [program.clone(), program.clone()], budget);
        }
        block
    }

    /// An arm that is compared with itself is there twice.
    fn add(&mut self, experiment: Experiment, programs: [Program; 2], budget: Budget) {
        let [a, b] = programs;
        let first = Slot { program: a, arm: experiment.a.clone() };
        let second = Slot { program: b, arm: experiment.b.clone() };
        let alike = first == second;
        let slots = [self.slot(first, false), self.slot(second, alike)];
        self.comparisons.push(Comparison::new(experiment, slots, budget));
    }

    fn slot(&mut self, slot: Slot, another: bool) -> usize {
        let found = self.slots.iter().position(|one| *one == slot).filter(|_| !another);
        found.unwrap_or_else(|| {
            self.slots.push(slot);
            self.slots.len() - 1
        })
    }

    /// Goes on with cells that an earlier part of the run has begun, and takes them.
    #[must_use]
    pub fn after(mut self, begun: &mut Vec<Cell>) -> Self {
        for comparison in &mut self.comparisons {
            if let Some(at) = begun.iter().position(|cell| cell.id == comparison.cell.id) {
                comparison.cell = begun.remove(at);
            }
        }
        self
    }

    /// The launch that is due of the first, and how many others share it.
    fn status(&self, due: &[usize]) -> String {
        let Some((first, others)) = due.split_first() else { return String::new() };
        let status = self.comparisons[*first].status();
        match others.len() {
            0 => status,
            more => format!("{status} · and {more} more with it"),
        }
    }

    /// One life of the labs of what is due. A comparison ends where a lab of its fails; the others
    /// go on.
    fn launch(&mut self, bench: &Bench) {
        let started = Instant::now();
        let mut due: Vec<&mut Comparison> =
            self.comparisons.iter_mut().filter(|one| !one.done).collect();
        let Some(one) = due.first() else { return };
        let protocol = one.experiment.protocol;
        let patience = due.iter().map(|one| one.patience()).max().unwrap_or_default();
        let needed = slots(&due);
        let mut stage = Stage::launch(&self.slots, &needed, bench);
        for slot in needed {
            let known = due.iter().find_map(|one| one.size(slot));
            stage.prepare(slot, &protocol, known);
        }
        drop_failed(&mut due, &stage);
        due.iter_mut().for_each(|one| one.begin(&stage));
        for number in 0.. {
            due.retain(|one| number < one.share.pairs_per_launch);
            if due.is_empty() || (number > 0 && started.elapsed() > patience) {
                break;
            }
            let placement = due[0].cell.a.placement;
            let monitor = NoiseMonitor::watch(&bench.cores, placement);
            let turn = turn(slots(&due), number);
            turn.into_iter().for_each(|slot| stage.batch(slot, &protocol));
            drop_failed(&mut due, &stage);
            due.iter_mut().for_each(|one| one.add(&stage, &monitor));
        }
    }
}

/// The slots that these take, in the order of a turn.
fn slots(comparisons: &[&mut Comparison]) -> Vec<usize> {
    let mut slots: Vec<usize> = comparisons.iter().flat_map(|one| one.slots).collect();
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// Ends comparisons of which a slot has failed.
fn drop_failed(comparisons: &mut Vec<&mut Comparison>, stage: &Stage) {
    comparisons.retain_mut(|one| match one.slots.iter().find_map(|slot| stage.failure(*slot)) {
        Some(failure) => {
            one.fail(failure.clone());
            false
        }
        None => true,
    });
}

impl Job for Pairing {
    fn launches(&self, _: Budget) -> usize {
        self.comparisons.iter().map(Comparison::left).max().unwrap_or(0)
    }

    fn is_done(&self) -> bool {
        self.comparisons.iter().all(|one| one.done)
    }

    /// One launch, and the decision for each comparison whether it was the last. Who ends a program
    /// may end its labs with it: then a failure decides nothing.
    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        let of_block = 0..self.comparisons.len();
        let due: Vec<usize> = of_block.filter(|at| !self.comparisons[*at].done).collect();
        progress(&self.status(&due));
        let started = Instant::now();
        self.launch(bench);
        let took = started.elapsed() / due.len().max(1) as u32;
        for at in due {
            let one = &mut self.comparisons[at];
            match one.is_sound() {
                true => one.end(took),
                false if bench.until.cut().is_some() => one.reopen(),
                false => {}
            }
        }
    }

    fn is_sound(&self) -> bool {
        self.comparisons.iter().all(Comparison::is_sound)
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        self.comparisons.into_iter().map(|one| Row::Cell(one.cell)).collect()
    }

    /// Whole launches are as good as they were; there are fewer.
    fn cut(self: Box<Self>) -> Vec<Row> {
        self.comparisons.into_iter().filter_map(Comparison::cut).map(Row::Cell).collect()
    }
}

/// Slots in the order of turn `number`: four make A B B A, B A A B, or A B C C B A, C B A A B C.
fn turn(mut slots: Vec<usize>, number: usize) -> Vec<usize> {
    if (number / 2 + number) % 2 == 1 {
        slots.reverse();
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_alternate_as_abba_baab_whatever_the_number_of_arms() {
        let turns = |slots: &[usize]| -> Vec<usize> {
            (0..4).flat_map(|number| turn(slots.to_vec(), number)).collect()
        };
        assert_eq!(turns(&[0, 1]), [0, 1, 1, 0, 1, 0, 0, 1]);
        assert_eq!(turns(&[0, 1, 2]), [0, 1, 2, 2, 1, 0, 2, 1, 0, 0, 1, 2]);
        // Not all slots of a block are due at each turn.
        assert_eq!(turns(&[0, 3]), [0, 3, 3, 0, 3, 0, 0, 3]);
    }
}
