//! From the verdicts of a claim's stated cells to its one word. All other cells are evidence: they
//! never change it.

use super::{Band, CellVerdict, Claim, ClaimVerdict, JudgedCell, Side};
use crate::stats::Interval;

/// How the stated cells decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// The claim says "can": one cell that holds makes it true.
    Some,
    /// The claim says "must", "no", "each" or "and": one cell that fails makes it false.
    Every,
    /// The claim says how it usually is: it depends, where some hold and some fail.
    Typical,
}

/// The claim's word. It was not run where a cell that it turns on was not part of the run and the
/// others do not decide it. `noisy`: identical code differed from itself in this run, so that
/// nothing that was timed decides.
pub(super) fn word(quantifier: Quantifier, stated: &[&JudgedCell], noisy: bool) -> ClaimVerdict {
    let verdicts: Vec<CellVerdict> = stated
        .iter()
        .map(|cell| match cell.verdict {
            CellVerdict::Holds | CellVerdict::Fails if noisy && cell.def.estimand.is_timed() => {
                CellVerdict::Inconclusive
            }
            verdict => verdict,
        })
        .collect();
    let all = |wanted| verdicts.iter().all(|verdict| *verdict == wanted);
    let any = |wanted| verdicts.contains(&wanted);
    let decided =
        |verdict: &CellVerdict| matches!(verdict, CellVerdict::Holds | CellVerdict::Fails);
    match quantifier {
        _ if all(CellVerdict::NotRun) => ClaimVerdict::NotRun,
        _ if all(CellVerdict::Holds) => ClaimVerdict::True,
        _ if all(CellVerdict::Fails) => ClaimVerdict::False,
        Quantifier::Some if any(CellVerdict::Holds) => ClaimVerdict::True,
        Quantifier::Every if any(CellVerdict::Fails) => ClaimVerdict::False,
        Quantifier::Typical if verdicts.iter().all(decided) => ClaimVerdict::Depends,
        _ if any(CellVerdict::NotMeasurable)
            && !verdicts.iter().any(|v| decided(v) || *v == CellVerdict::Inconclusive) =>
        {
            ClaimVerdict::NotMeasured
        }
        _ if any(CellVerdict::NotRun) => ClaimVerdict::NotRun,
        _ => ClaimVerdict::Undecided,
    }
}

/// On which side of the promise the stated cells that fail lie, if all lie on one.
pub(super) fn side(claim: &Claim, stated: &[&JudgedCell]) -> Option<Side> {
    if claim.contrary.is_some() {
        return None;
    }
    let fails = stated.iter().filter(|cell| cell.verdict == CellVerdict::Fails);
    let sides: Option<Vec<Side>> = fails.map(|cell| beyond(claim.band, cell.figure?)).collect();
    let sides = sides?;
    let first = *sides.first()?;
    sides.iter().all(|side| *side == first).then_some(first)
}

fn beyond(band: Band, figure: Interval) -> Option<Side> {
    match (figure.high < band.low, figure.low > band.high) {
        (true, _) => Some(Side::Below),
        (_, true) => Some(Side::Above),
        _ => None,
    }
}
