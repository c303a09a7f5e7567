//! Cells whose answer is yes or no: what a probe found, in runs that all must agree.

use super::{CellDef, CellVerdict, Estimand, Lack};
use crate::record::{ProbeRun, Record};

/// Runs that a verdict needs, and with `--quick`.
const LEAST_RUNS: [usize; 2] = [5, 3];

/// Why a run says nothing of what a cell reads off it.
const UNSEEN: &str = "not observable in every run: this user may not change it";

/// The verdict and its reason.
pub(super) fn answer(def: &CellDef, record: &Record) -> (CellVerdict, String) {
    let Some(probe) = record.probe(&def.id()) else {
        return Lack::NotRun.into();
    };
    let runs = probe.runs.len();
    match &probe.failure {
        Some(failure) => return Lack::Failed(failure, runs).into(),
        None if runs < LEAST_RUNS[usize::from(record.run.quick)] => {
            return Lack::Runs(runs).into();
        }
        None => {}
    }
    let found: Option<Vec<bool>> = probe.runs.iter().map(|run| read(def.estimand, run)).collect();
    let Some(found) = found else {
        return (CellVerdict::Inconclusive, UNSEEN.to_owned());
    };
    let yes = found.iter().filter(|yes| **yes).count();
    match yes {
        _ if yes == runs => (CellVerdict::Holds, format!("observed in {runs} of {runs} runs")),
        0 => (CellVerdict::Fails, format!("not observed in any of {runs} runs")),
        _ => (CellVerdict::Inconclusive, format!("runs disagree: yes in {yes} of {runs}")),
    }
}

/// What one run says; `None` where it did not look.
fn read(estimand: Estimand, run: &ProbeRun) -> Option<bool> {
    let seen = |what: &str| {
        let seen = run.seen.iter().find(|seen| seen.what == what)?;
        Some(seen.figure != 0.0)
    };
    match estimand {
        Estimand::Seen(what) => seen(what),
        Estimand::Unseen(what) => seen(what).map(|yes| !yes),
        _ => Some(run.holds),
    }
}
