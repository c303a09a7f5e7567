//! How much of what the launches of a run differ by does the state of the host explain?
//!
//! A line through the logarithms: those of what was measured against those of what the labs saw of
//! the host, over all launches of a question, each less the mean of its cell. It is shown and never
//! used to make an interval narrower: what is left once the state is taken out is how sure a run is
//! of *its* state, and a rerun has another one.

use super::evidence::kept;
use crate::record::{CPUID_NS, Cell, GETPPID_NS, Launch, Record};
use crate::stats;
use std::collections::BTreeSet;

/// Launches that a line is drawn through at least.
const LEAST_LAUNCHES: usize = 10;
/// Launches of a cell that counts.
const OF_A_CELL: usize = 3;
/// A slope that is more standard errors than this away from nothing is there.
const CLEAR_T: f64 = 3.0;
/// What explains more than this share of the variance explains it.
const CLEAR_SHARE: f64 = 0.5;

/// What one witness of the host tells of the launches of one question.
#[derive(Debug, Clone, PartialEq)]
pub struct HostState {
    /// The question.
    pub question: String,
    /// What was looked at, in words.
    pub witness: &'static str,
    /// Launches that looked.
    pub launches: usize,
    /// What the median launch saw, nanoseconds.
    pub median_ns: f64,
    /// The standard deviation of its logarithm within a cell: hundredths are per cent.
    pub deviation: f64,
    /// What it explains of times, the mean of both arms.
    pub times: Explained,
    /// What it explains of ratios, where any cell has one.
    pub ratios: Option<Explained>,
}

/// A line through launches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explained {
    /// By how many per cent a figure grows with each per cent of the witness.
    pub slope: f64,
    /// The slope over its standard error.
    pub t: f64,
    /// Share of the variance within the cells that the line explains.
    pub share: f64,
    /// Launches enough, more than three standard errors, more than half of the variance.
    pub clearly: bool,
}

/// What the witnesses tell, by question; nothing of records whose labs did not look.
#[must_use]
pub fn host_states(record: &Record) -> Vec<HostState> {
    let questions: BTreeSet<&str> = record.cells.iter().map(|cell| cell.id.question()).collect();
    let state = |question: &str, witness, words| {
        let cells = record.cells.iter().filter(|cell| cell.id.question() == question);
        state(&cells.collect::<Vec<_>>(), question, witness, words)
    };
    let both = |question| {
        [(GETPPID_NS, "getppid"), (CPUID_NS, "CPUID")]
            .into_iter()
            .filter_map(move |(witness, words)| state(question, witness, words))
    };
    questions.into_iter().flat_map(both).collect()
}

/// Of a launch: the logarithm of the witness, of the time and of the ratio.
type Seen = [f64; 3];

fn state(cells: &[&Cell], question: &str, witness: &str, words: &'static str) -> Option<HostState> {
    let of_cell = |cell: &&Cell| -> Vec<Seen> {
        let launches = cell.launches.iter();
        launches.filter_map(|launch| seen(launch, witness, cell.a != cell.b)).collect()
    };
    let mut cells: Vec<Vec<Seen>> = cells.iter().map(of_cell).collect();
    cells.retain(|launches| launches.len() >= OF_A_CELL);
    let costs: Vec<f64> = cells.iter().flatten().map(|launch| launch[0].exp()).collect();
    let (own, compared): (Vec<_>, Vec<_>) =
        cells.iter().cloned().partition(|launches| launches[0][2].is_nan());
    let times = [own, compared.clone()].concat();
    let (deviation, times) = line(&times, 1)?;
    let ratios = line(&compared, 2).map(|(_, ratios)| ratios);
    Some(HostState {
        question: question.to_owned(),
        witness: words,
        launches: costs.len(),
        median_ns: stats::median(&costs)?,
        deviation,
        times,
        ratios,
    })
}

/// A cell of one arm against itself has no ratio that says anything: not a number.
fn seen(launch: &Launch, witness: &str, differ: bool) -> Option<Seen> {
    let cost = *launch.host.get(witness).filter(|ns| **ns > 0.0)?;
    let pairs = kept(launch);
    let median = |read: &dyn Fn(f64, f64) -> f64| {
        let of =
            |pair: &&crate::record::Pair| read(pair.a.ns_per_op().ln(), pair.b.ns_per_op().ln());
        stats::median(&pairs.iter().map(of).collect::<Vec<f64>>())
    };
    let time = median(&|a, b| f64::midpoint(a, b))?;
    let ratio = if differ { median(&|a, b| b - a)? } else { f64::NAN };
    Some([cost.ln(), time, ratio])
}

/// The standard deviation of the witness within the cells, and the line of one figure on it.
fn line(cells: &[Vec<Seen>], figure: usize) -> Option<(f64, Explained)> {
    let launches: usize = cells.iter().map(Vec::len).sum();
    let freedom = launches.checked_sub(cells.len() + 1).filter(|freedom| *freedom > 0)? as f64;
    let [mut squares_x, mut squares_y, mut products] = [0.0; 3];
    for cell in cells {
        let mean =
            |at: usize| cell.iter().map(|launch| launch[at]).sum::<f64>() / cell.len() as f64;
        let (mean_x, mean_y) = (mean(0), mean(figure));
        for launch in cell {
            let (x, y) = (launch[0] - mean_x, launch[figure] - mean_y);
            squares_x += x * x;
            squares_y += y * y;
            products += x * y;
        }
    }
    let deviation = (squares_x / (freedom + 1.0)).sqrt();
    if squares_x == 0.0 || squares_y == 0.0 {
        return Some((deviation, Explained { slope: 0.0, t: 0.0, share: 0.0, clearly: false }));
    }
    let (slope, share) = (products / squares_x, products * products / (squares_x * squares_y));
    let left = ((1.0 - share).max(f64::EPSILON) * squares_y / freedom / squares_x).sqrt();
    let t = slope / left;
    let clearly = launches >= LEAST_LAUNCHES && t.abs() > CLEAR_T && share > CLEAR_SHARE;
    Some((deviation, Explained { slope, t, share, clearly }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::arm;
    use crate::record::{Half, Id, Pair, Stop};

    /// A cell whose launches saw such a getppid and took so long, the second arm twice as long.
    fn cell(name: &str, launches: &[[f64; 2]]) -> Cell {
        let launch = |[getppid_ns, ns]: &[f64; 2]| {
            let half = |ns: f64| Half { ops: 1_000, elapsed_ns: ns as u64, ..Half::default() };
            let pair = Pair { a: half(*ns), b: half(2.0 * ns), discarded: None };
            let host = [(GETPPID_NS.to_owned(), *getppid_ns)].into();
            Launch { pairs: vec![pair; 3], host, ..Launch::default() }
        };
        Cell {
            id: Id::control("creation", name),
            a: arm("thread/pthread"),
            b: arm("process/fork"),
            precision_aim: 0.03,
            launches: launches.iter().map(launch).collect(),
            stop: Stop::Planned,
        }
    }

    fn states(cells: Vec<Cell>) -> Vec<HostState> {
        host_states(&Record { cells, ..Record::default() })
    }

    /// Getppid's cost and a time that grows with its root, in six launches; one cell is slower.
    fn follows(ns: f64) -> [[f64; 2]; 6] {
        [100.0_f64, 104.0, 98.0, 121.0, 110.0, 102.0].map(|cost| [cost, ns * (cost / 100.0).sqrt()])
    }

    #[test]
    fn times_that_follow_the_host_are_explained_by_it_and_their_ratio_is_not() {
        let found = states(vec![cell("one", &follows(1e7)), cell("two", &follows(7e7))]);
        let [state] = &found[..] else { panic!("{found:?}") };
        assert_eq!((state.launches, state.witness), (12, "getppid"));
        assert!((0.07..0.09).contains(&state.deviation), "{state:?}");
        assert!(state.times.clearly && (state.times.slope - 0.5).abs() < 0.01, "{state:?}");
        assert!(state.ratios.is_some_and(|r| !r.clearly), "{state:?}");
    }

    #[test]
    fn few_launches_and_a_line_that_explains_little_are_not_clear() {
        let few = states(vec![cell("one", &follows(1e7))]);
        assert!(few[0].times.share > 0.99 && !few[0].times.clearly, "{few:?}");
        let mut noisy = follows(1e7);
        for (number, [_, ns]) in noisy.iter_mut().enumerate() {
            *ns *= [1.2, 0.8, 1.25, 0.9, 0.75, 1.1][number];
        }
        let noisy = states(vec![cell("one", &noisy), cell("two", &noisy)]);
        assert!(noisy[0].times.share < 0.5 && !noisy[0].times.clearly, "{noisy:?}");
    }

    #[test]
    fn labs_that_did_not_look_tell_nothing() {
        let mut cell = cell("one", &follows(1e7));
        cell.launches.iter_mut().for_each(|launch| launch.host.clear());
        assert_eq!(states(vec![cell]), []);
    }
}
