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
    let mut phrases: Vec<Phrase> = Vec::new();
    for phrase in series.iter().filter_map(|name| series_phrase(name, cells)) {
        let same = |known: &&mut Phrase| (known.side, &known.from) == (phrase.side, &phrase.from);
        match phrases.iter_mut().find(same) {
            Some(known) => known.series.extend(phrase.series),
            None => phrases.push(phrase),
        }
    }
    phrases.iter().map(Phrase::text).collect::<Vec<_>>().join("; ")
}

/// What is the same for some series: `holds for` fork and exec `from 64 MiB of parent memory`.
struct Phrase<'c> {
    side: &'static str,
    series: Vec<&'c str>,
    from: String,
}

impl Phrase<'_> {
    fn text(&self) -> String {
        let list = match self.series.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => self.series.concat(),
        };
        format!("{} {list}{}", self.side, self.from)
    }
}

/// The same verdict everywhere; where the reasons turn once, that is said: a band can be missed on either side.
fn throughout(decided: &[&JudgedCell]) -> String {
    let turn = decided.windows(2).filter(|w| w[0].reason != w[1].reason).collect::<Vec<_>>();
    match (turn.as_slice(), decided) {
        ([turn], [first, .., last]) if first.verdict == CellVerdict::Fails => format!(
            " throughout ({} up to {}, {} from {})",
            first.reason, turn[0].def.condition, last.reason, turn[1].def.condition
        ),
        _ => " throughout".to_owned(),
    }
}

fn series_phrase<'c>(name: &'c str, cells: &'c [JudgedCell]) -> Option<Phrase<'c>> {
    let decided: Vec<&JudgedCell> = cells
        .iter()
        .filter(|cell| cell.def.series == name)
        .filter(|cell| matches!(cell.verdict, CellVerdict::Holds | CellVerdict::Fails))
        .collect();
    let (first, last) = (decided.first()?, decided.last()?);
    let turns = decided.windows(2).filter(|w| w[0].verdict != w[1].verdict).count();
    let at = |verdict| {
        let there = decided.iter().filter(|cell| cell.verdict == verdict);
        there.map(|cell| cell.def.condition).collect::<Vec<_>>()
    };
    let (verdict, from) = match turns {
        0 if first.def.condition.is_empty() => (first.verdict, String::new()),
        0 if decided.len() > 2 => (first.verdict, throughout(&decided)),
        0 => (first.verdict, format!(" at {}", at(first.verdict).join(" and "))),
        1 => (last.verdict, format!(" from {}", at(last.verdict)[0])),
        _ => (CellVerdict::Holds, format!(" at {}", at(CellVerdict::Holds).join(", "))),
    };
    let side = if verdict == CellVerdict::Holds { "holds for" } else { "fails for" };
    Some(Phrase { side, series: vec![name], from })
}
