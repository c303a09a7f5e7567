//! Do intervals hold for a rerun? Of every figure that decides a claim or lies beside one that
//! does, and that all given runs of one machine have: in how many of the ordered pairs of runs the
//! estimate of one lies in the interval of the other.
//!
//! The first table is of the intervals as they are printed. The second one is of those that each
//! run would print if all the others but the one that is looked for were earlier runs of its
//! machine.
//! `scripts/coverage.sh` makes the runs.

use process_vs_thread::claim::{Estimates, HostState, Judged, between_runs, host_states};
use process_vs_thread::question::judge;
use process_vs_thread::record::{self, Record, Result};
use process_vs_thread::stats::{Interval, median};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Question, experiment and what is read off it.
type Key = (String, String, String);
/// The figures of a run.
type Figures = BTreeMap<Key, Interval>;

fn main() -> ExitCode {
    match covered() {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("coverage: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn covered() -> Result<String> {
    let paths = std::env::args_os().skip(1);
    let mut runs: Vec<Record> =
        paths.map(|path| record::read(Path::new(&path))).collect::<Result<_>>()?;
    let judged: Vec<Judged> = runs.iter().map(judge).collect();
    let controls = judged.iter().flat_map(|judged| &judged.controls);
    let alike: Vec<Interval> = controls.filter_map(|control| control.ratio).collect();
    let printed: Vec<Figures> = judged.iter().map(figures).collect();
    let estimates: Vec<Estimates> = runs.iter().map(Estimates::of).collect();
    let mut beside: Vec<Vec<Figures>> = Vec::new();
    for (one, run) in runs.iter_mut().enumerate() {
        let without = |other: usize| {
            let earlier = (0..estimates.len()).filter(|at| ![one, other].contains(at));
            let earlier: Vec<Estimates> = earlier.map(|at| estimates[at].clone()).collect();
            run.drift = between_runs(&estimates[one], &earlier);
            figures(&judge(run))
        };
        beside.push((0..estimates.len()).map(without).collect());
    }
    let others = estimates.len().saturating_sub(2);
    Ok(format!(
        "as printed\n{}\nwith drift read off {others} other runs\n{}\n{}{}",
        table(&printed, |one, _| &printed[one]),
        table(&printed, |one, other| &beside[one][other]),
        host(&runs),
        false_verdicts(&alike)
    ))
}

/// In how many pairs of runs the estimate of one lies in the interval of the other, by question;
/// `of` has the intervals of one run to look for the estimates of another one in.
fn table<'f>(runs: &[Figures], of: impl Fn(usize, usize) -> &'f Figures) -> String {
    let common = |key: &&Key| runs.iter().all(|run| run.contains_key(*key));
    let keys: Vec<&Key> =
        runs.first().map_or(Vec::new(), |run| run.keys().filter(common).collect());
    let mut rows: Vec<Option<&String>> = keys.iter().map(|(question, ..)| Some(question)).collect();
    rows.dedup();
    rows.push(None);
    let mut table = format!("{:16}{:>8}{:>8}{:>10}{:>12}\n", "", "figures", "pairs", "inside", "±");
    for row in rows {
        let asked = |key: &&&Key| row.is_none_or(|question| key.0 == *question);
        let mut widths = Vec::new();
        let (mut inside, mut pairs, mut count) = (0, 0, 0);
        for key in keys.iter().filter(asked) {
            count += 1;
            for one in 0..runs.len() {
                for (other, rerun) in runs.iter().enumerate().filter(|(other, _)| *other != one) {
                    let Some(interval) = of(one, other).get(*key) else { continue };
                    let again = rerun[*key].estimate;
                    pairs += 1;
                    inside += usize::from(interval.low <= again && again <= interval.high);
                    widths.push(interval.half_width() / interval.estimate.abs());
                }
            }
        }
        let share = 100.0 * inside as f64 / f64::from(pairs.max(1));
        let width = 100.0 * median(&widths).unwrap_or(0.0);
        let name = row.map_or("all", String::as_str);
        table += &format!("{name:16}{count:8}{pairs:8}{share:8.1} %{width:10.1} %\n");
    }
    table
}

/// How the host's state varied within the runs, and the most that it explains in one of them.
fn host(runs: &[Record]) -> String {
    let states: Vec<_> = runs.iter().flat_map(host_states).collect();
    let most = |read: &dyn Fn(&HostState) -> f64| {
        100.0 * states.iter().map(read).reduce(f64::max).unwrap_or(0.0)
    };
    let clearly = states
        .iter()
        .filter(|state| state.times.clearly || state.ratios.is_some_and(|ratios| ratios.clearly));
    format!(
        "the host, seen {} times: varied by up to ±{:.1} %, explains up to {:.1} % of times and \
         {:.1} % of ratios, clearly {} times\n",
        states.len(),
        most(&|state| state.deviation),
        most(&|state| state.times.share),
        most(&|state| state.ratios.map_or(0.0, |ratios| ratios.share)),
        clearly.count()
    )
}

/// How often identical code was told apart from itself: at all, and by more than a margin.
fn false_verdicts(alike: &[Interval]) -> String {
    let share = |by: f64| {
        let apart = |ratio: &&Interval| ratio.low > 1.0 + by || ratio.high < 1.0 - by;
        100.0 * alike.iter().filter(apart).count() as f64 / alike.len().max(1) as f64
    };
    format!(
        "identical code, {} times: {:.1} % not at 1, {:.1} % beyond 2 %, {:.1} % beyond 5 %\n",
        alike.len(),
        share(0.0),
        share(0.02),
        share(0.05)
    )
}

/// What was timed and passed all gates.
fn figures(judged: &Judged) -> Figures {
    let cells = judged.claims.iter().flat_map(|claim| &claim.cells);
    let timed = cells.filter(|cell| cell.def.estimand.is_timed());
    let figure = |cell: &process_vs_thread::claim::JudgedCell| {
        let (id, estimand) = (cell.def.id(), cell.def.estimand.name());
        Some(((id.question().to_owned(), id.to_string(), estimand.to_owned()), cell.figure?))
    };
    timed.filter_map(figure).collect()
}
