//! From the verdicts of the cells to the verdict of the claim, with its boundary.

use super::{CellVerdict, ClaimVerdict, JudgedCell};

/// The claim's verdict and its reason. Only decided cells decide; the others are counted in the reason.
pub(super) fn fold(cells: &[JudgedCell]) -> (ClaimVerdict, String) {
    let count = |verdict| cells.iter().filter(|cell| cell.verdict == verdict).count();
    let (holds, fails) = (count(CellVerdict::Holds), count(CellVerdict::Fails));
    let verdict = match (holds, fails) {
        (0, 0) if count(CellVerdict::Inconclusive) > 0 => ClaimVerdict::Inconclusive,
        (0, 0) if count(CellVerdict::NotMeasurable) > 0 => ClaimVerdict::NotMeasurable,
        (0, 0) => ClaimVerdict::NotRun,
        (_, 0) => ClaimVerdict::Confirmed,
        (0, _) => ClaimVerdict::Refuted,
        _ => ClaimVerdict::Conditional,
    };
    let mut reason = match verdict {
        ClaimVerdict::Confirmed => uniform(cells, CellVerdict::Holds),
        ClaimVerdict::Refuted => uniform(cells, CellVerdict::Fails),
        ClaimVerdict::Conditional => boundary(cells),
        _ => first_reason(cells),
    };
    let not_run = count(CellVerdict::NotRun);
    let undecided = cells.len() - holds - fails - not_run;
    if holds + fails > 0 {
        for (number, what) in [(undecided, "undecided"), (not_run, "not run")] {
            if number > 0 {
                reason.push_str(&format!("; {number} of {} cells {what}", cells.len()));
            }
        }
    }
    (verdict, reason)
}

/// The reasons of the cells with this verdict, each once.
fn uniform(cells: &[JudgedCell], verdict: CellVerdict) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.verdict == verdict) {
        if !reasons.contains(&cell.reason.as_str()) {
            reasons.push(&cell.reason);
        }
    }
    reasons.join(", ")
}

fn first_reason(cells: &[JudgedCell]) -> String {
    let tried = cells.iter().find(|cell| cell.verdict != CellVerdict::NotRun);
    tried.or(cells.first()).map(|cell| cell.reason.clone()).unwrap_or_default()
}

/// Where the claim holds and where not, series by series.
fn boundary(cells: &[JudgedCell]) -> String {
    let mut series: Vec<&str> = Vec::new();
    for cell in cells {
        if !series.contains(&cell.def.series) {
            series.push(cell.def.series);
        }
    }
    let phrases: Vec<String> =
        series.iter().filter_map(|name| series_phrase(name, cells)).collect();
    phrases.join("; ")
}

fn series_phrase(name: &str, cells: &[JudgedCell]) -> Option<String> {
    let decided: Vec<&JudgedCell> = cells
        .iter()
        .filter(|cell| cell.def.series == name)
        .filter(|cell| matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails))
        .collect();
    let (first, last) = (decided.first()?, decided.last()?);
    let turns = decided.windows(2).filter(|w| w[0].verdict != w[1].verdict).count();
    Some(match turns {
        0 => format!("{} {name}: {}", side(first.verdict), first.reason),
        1 => {
            let turn = decided.iter().find(|cell| cell.verdict == last.verdict)?;
            format!("{} {name} from {}", side(last.verdict), turn.def.condition)
        }
        _ => {
            let held: Vec<&str> = decided
                .iter()
                .filter(|cell| cell.verdict == CellVerdict::Holds)
                .map(|cell| cell.def.condition)
                .collect();
            format!("holds for {name} at {}", held.join(", "))
        }
    })
}

fn side(verdict: CellVerdict) -> &'static str {
    match verdict {
        CellVerdict::Holds => "holds for",
        _ => "fails for",
    }
}
