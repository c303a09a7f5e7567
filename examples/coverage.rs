//! Do intervals hold for a rerun? Of every figure that decides a claim or lies beside one that
//! does, and that all given runs of one machine have: in how many of the ordered pairs of runs the
//! estimate of one lies in the interval of the other.
//!
//! `scripts/coverage.sh` makes the runs.

use process_vs_thread::claim::Judged;
use process_vs_thread::question::judge;
use process_vs_thread::record::{self, Result};
use process_vs_thread::stats::{Interval, median};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// The figures of a run: question, experiment and what is read off it.
type Figures = BTreeMap<(String, String, String), Interval>;

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
    let (mut runs, mut alike) = (Vec::new(), Vec::new());
    for path in std::env::args_os().skip(1) {
        let record = record::read(Path::new(&path))?;
        let judged = judge(&record);
        alike.extend(judged.controls.iter().filter_map(|control| control.ratio));
        runs.push(figures(&judged));
    }
    let common = |key: &&(String, String, String)| runs.iter().all(|run| run.contains_key(*key));
    let keys: Vec<_> = runs.first().map_or(Vec::new(), |run| run.keys().filter(common).collect());
    let mut table = format!("{:16}{:>8}{:>8}{:>10}{:>12}\n", "", "figures", "pairs", "inside", "±");
    let questions: Vec<&String> = keys.iter().map(|(question, ..)| question).collect();
    let mut rows: Vec<Option<&String>> = questions.into_iter().map(Some).collect();
    rows.dedup();
    rows.push(None);
    for row in rows {
        let of = |key: &&&(String, String, String)| row.is_none_or(|question| key.0 == *question);
        let mut widths = Vec::new();
        let (mut inside, mut pairs, mut count) = (0, 0, 0);
        for key in keys.iter().filter(of) {
            count += 1;
            for (one, run) in runs.iter().enumerate() {
                let interval = run[*key];
                widths.push(interval.half_width() / interval.estimate.abs());
                for (_, rerun) in runs.iter().enumerate().filter(|(other, _)| *other != one) {
                    let again = rerun[*key].estimate;
                    pairs += 1;
                    inside += usize::from(interval.low <= again && again <= interval.high);
                }
            }
        }
        let share = 100.0 * inside as f64 / f64::from(pairs.max(1));
        let width = 100.0 * median(&widths).unwrap_or(0.0);
        let name = row.map_or("all", String::as_str);
        table += &format!("{name:16}{count:8}{pairs:8}{share:8.1} %{width:10.1} %\n");
    }
    Ok(table + &false_verdicts(&alike))
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
