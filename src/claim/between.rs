//! How far runs of one machine lie apart, read off their estimates of equal cells.

use super::drift::{UNLIKE, launch_medians};
use crate::record::{Arm, BetweenRuns, Cell, Id, Pair, Record};
use crate::stats::{self, MEDIAN_PENALTY};
use std::collections::{BTreeMap, BTreeSet};

/// Launches by whose spread it is known how far sampling alone moves an estimate.
const LAUNCHES: usize = 5;
/// Figures by which a question is seen to move.
const LEAST_FIGURES: usize = 2;

/// What one run estimates of each of its cells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Estimates(BTreeMap<Id, CellEstimate>);

/// The estimates of one cell.
#[derive(Debug, Clone, PartialEq)]
struct CellEstimate {
    arms: [Arm; 2],
    /// Of the time of the first arm, of that of the second, and of their ratio.
    figures: [Sampled; 3],
}

/// The logarithm of an estimate, and its variance by sampling alone.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sampled {
    log: f64,
    variance: f64,
}

impl Estimates {
    /// Those of the cells that have launches enough.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let estimate = |cell: &Cell| {
            let a = |pair: &Pair| pair.a.ns_per_op().ln();
            let b = |pair: &Pair| pair.b.ns_per_op().ln();
            let ratio = |pair: &Pair| b(pair) - a(pair);
            let figures = [sampled(cell, &a)?, sampled(cell, &b)?, sampled(cell, &ratio)?];
            let arms = [cell.a.clone(), cell.b.clone()];
            Some((cell.id.clone(), CellEstimate { arms, figures }))
        };
        Estimates(record.cells.iter().filter_map(estimate).collect())
    }

    /// The cells of a question, by id.
    fn question<'e>(&'e self, name: &'e str) -> impl Iterator<Item = (&'e Id, &'e CellEstimate)> {
        self.0.iter().filter(move |(id, _)| id.question() == name)
    }

    /// The same cell, of the same arms.
    fn like(&self, id: &Id, cell: &CellEstimate) -> Option<&CellEstimate> {
        self.0.get(id).filter(|other| other.arms == cell.arms)
    }
}

/// By question, how far this run and earlier ones of the same machine lie apart. Nothing of a
/// question that no earlier run has in common with this one.
#[must_use]
pub fn between_runs(now: &Estimates, earlier: &[Estimates]) -> BTreeMap<String, BetweenRuns> {
    let questions: BTreeSet<&str> = now.0.keys().map(Id::question).collect();
    let found = |question: &str| Some((question.to_owned(), between(now, earlier, question)?));
    questions.into_iter().filter_map(found).collect()
}

fn between(now: &Estimates, earlier: &[Estimates], question: &str) -> Option<BetweenRuns> {
    let shares = |run: &&Estimates| now.question(question).any(|(id, c)| run.like(id, c).is_some());
    let runs: Vec<&Estimates> = earlier.iter().filter(shares).collect();
    // Times, ratios of like and of unlike work: of each figure what the runs estimate.
    let mut figures: [Vec<Vec<Sampled>>; 3] = Default::default();
    for (id, cell) in now.question(question) {
        let others: Option<Vec<_>> = runs.iter().map(|run| run.like(id, cell)).collect();
        let Some(others) = others else { continue };
        let all = |figure: usize| -> Vec<Sampled> {
            others.iter().copied().chain([cell]).map(|run| run.figures[figure]).collect()
        };
        figures[0].extend([all(0), all(1)]);
        if cell.arms[0] != cell.arms[1] {
            let unlike = cell.figures[2].log.abs() > UNLIKE.ln();
            figures[if unlike { 2 } else { 1 }].push(all(2));
        }
    }
    let [times, ratios, unlike] = figures.map(|figures| deviation(&figures));
    (!runs.is_empty()).then_some(BetweenRuns { runs: runs.len() as u64, times, ratios, unlike })
}

/// The standard deviation between runs of the figure in the middle, without what sampling does.
fn deviation(figures: &[Vec<Sampled>]) -> Option<f64> {
    let spread = |runs: &Vec<Sampled>| {
        let logs: Vec<f64> = runs.iter().map(|run| run.log).collect();
        Some(stats::deviation(&logs)?.powi(2))
    };
    let variances: Vec<f64> = figures.iter().filter_map(spread).collect();
    let sampled: Vec<f64> = figures.iter().flatten().map(|run| run.variance).collect();
    if variances.len() < LEAST_FIGURES {
        return None;
    }
    let freedom = figures.first()?.len().checked_sub(1)?;
    let seen = stats::median(&variances)? / stats::median_variance(freedom);
    Some((seen - stats::median(&sampled)?).max(0.0).sqrt())
}

fn sampled(cell: &Cell, read: &dyn Fn(&Pair) -> f64) -> Option<Sampled> {
    let medians = launch_medians(cell, read);
    let spread = stats::robust_deviation(&medians).filter(|_| medians.len() >= LAUNCHES)?;
    let variance = MEDIAN_PENALTY * spread.powi(2) / medians.len() as f64;
    Some(Sampled { log: stats::median(&medians)?, variance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::arm;
    use crate::record::{Half, Launch, Stop};

    /// A run whose cells take so many nanoseconds; the second arm twice as long, times `factor`.
    fn run(ns: [u64; 3], factor: f64) -> Record {
        let half = |elapsed_ns| Half { ops: 1, elapsed_ns, ..Half::default() };
        let cell = |(number, ns): (usize, u64)| {
            let launch = |by: u64| {
                let b = half(((ns + by) as f64 * factor) as u64);
                let pair = Pair { a: half(ns + by), b, discarded: None };
                Launch { pairs: vec![pair; 3], ..Launch::default() }
            };
            Cell {
                id: Id::control("switching", &format!("cell {number}")),
                a: arm("futex/thread"),
                b: arm("futex/process"),
                precision_aim: 0.03,
                launches: [0, 1, 2, 0, 1, 2].map(launch).into(),
                stop: Stop::Planned,
            }
        };
        Record { cells: ns.into_iter().enumerate().map(cell).collect(), ..Record::default() }
    }

    fn found(runs: &[Record]) -> Option<BetweenRuns> {
        let estimates: Vec<Estimates> = runs.iter().map(Estimates::of).collect();
        let (now, earlier) = estimates.split_last()?;
        between_runs(now, earlier).get("switching").copied()
    }

    #[test]
    fn runs_that_lie_apart_show_how_far_and_their_ratios_that_they_do_not() {
        // Each run is 10 % slower than the one before, in all cells.
        let runs = [100_000, 110_000, 121_000].map(|ns| run([ns, 2 * ns, 3 * ns], 1.5));
        let seen = found(&runs).unwrap();
        let expected = (1.1_f64.ln().powi(2) / stats::median_variance(2)).sqrt();
        assert_eq!(seen.runs, 2);
        assert!((seen.times.unwrap() - expected).abs() < 0.001, "{seen:?} {expected}");
        assert!(seen.ratios.unwrap() < 0.001 && seen.unlike.is_none(), "{seen:?}");
    }

    #[test]
    fn ratios_of_unlike_work_are_apart_from_the_others() {
        let runs = [3.0, 3.3, 3.0].map(|factor| run([100_000; 3], factor));
        let seen = found(&runs).unwrap();
        assert!(seen.ratios.is_none() && seen.unlike.unwrap() > 0.03, "{seen:?}");
    }

    #[test]
    fn runs_that_differ_as_their_launches_do_have_no_drift() {
        let mut runs = [100_000, 100_500, 100_000].map(|ns| run([ns, 2 * ns, 3 * ns], 1.5));
        for launch in runs.iter_mut().flat_map(|r| &mut r.cells).flat_map(|c| &mut c.launches) {
            let by = launch.pairs[0].a.elapsed_ns % 10;
            for pair in &mut launch.pairs {
                for half in [&mut pair.a, &mut pair.b] {
                    half.elapsed_ns += half.elapsed_ns / 50 * by;
                }
            }
        }
        assert_eq!(found(&runs).unwrap().times, Some(0.0));
    }

    #[test]
    fn only_equal_cells_count() {
        assert_eq!(found(&[run([100_000; 3], 1.5)]), None, "no earlier run");
        let mut other = run([100_000; 3], 1.5);
        for cell in &mut other.cells {
            cell.b = arm("pipe/process");
        }
        assert_eq!(found(&[other, run([200_000; 3], 1.5)]), None, "of other arms");
        let mut short = run([100_000; 3], 1.5);
        short.cells.iter_mut().for_each(|cell| cell.launches.truncate(LAUNCHES - 1));
        assert_eq!(found(&[short, run([200_000; 3], 1.5)]), None, "of too few launches");
    }
}
