//! From the verdicts of the cells to the verdict of the claim, with its boundary.

use super::{CellVerdict, ClaimVerdict, JudgedCell};

/// The claim's verdict and its reason. Only decided cells decide; the others are counted in the
/// reason.
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
    let cells = cells.iter().filter(|cell| cell.verdict == verdict);
    once(cells.map(|cell| cell.ground.as_str()))
}

/// Each once; of `the band` and `the band and its margin` the latter, which is true of both.
fn once<'r>(all: impl Iterator<Item = &'r str>) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for reason in all {
        let goes_on = |longer: &str, than: &str| {
            longer.strip_prefix(than).is_some_and(|more| more.starts_with(' '))
        };
        if !reasons.iter().any(|known| *known == reason || goes_on(known, reason)) {
            reasons.retain(|known| !goes_on(reason, known));
            reasons.push(reason);
        }
    }
    reasons.join(", ")
}

fn first_reason(cells: &[JudgedCell]) -> String {
    let tried = cells.iter().find(|cell| cell.verdict != CellVerdict::NotRun);
    tried.or(cells.first()).map(|cell| cell.ground.clone()).unwrap_or_default()
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
        format!("{} {}{}", self.side, joined(&self.series), self.from)
    }
}

/// `a, b and c`.
fn joined(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => words.concat(),
    }
}

/// Conditions in a row: ` from 64 to 256 MiB of parent memory`, or where it is one, ` at` it.
fn range(conditions: &[&str]) -> String {
    match conditions {
        [first, .., last] => format!(" from {} to {last}", without_noun(first, last)),
        _ => format!(" at {}", conditions.concat()),
    }
}

/// Conditions one by one, the noun that all share once: `64, 256 and 1024 MiB`.
fn listed(conditions: &[&str]) -> String {
    let Some((last, others)) = conditions.split_last() else { return String::new() };
    let mut short: Vec<&str> = others.iter().map(|one| without_noun(one, last)).collect();
    short.push(last);
    joined(&short)
}

/// A condition of a number and a noun without the noun, where the last one has the same.
fn without_noun<'c>(condition: &'c str, last: &str) -> &'c str {
    match (condition.split_once(' '), last.split_once(' ')) {
        (Some((number, noun)), Some((_, same))) if noun == same => number,
        _ => condition,
    }
}

/// The same verdict everywhere; where the reasons turn once, that is said: a band can be missed on
/// either side.
fn throughout(decided: &[&JudgedCell]) -> String {
    let turn = decided.windows(2).filter(|w| w[0].ground != w[1].ground).collect::<Vec<_>>();
    match (turn.as_slice(), decided) {
        ([turn], [first, .., last]) if first.verdict == CellVerdict::Fails => format!(
            " throughout ({} up to {}, {} from {})",
            first.ground, turn[0].def.condition, last.ground, turn[1].def.condition
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
        0 => (first.verdict, format!(" at {}", listed(&at(first.verdict)))),
        1 => (last.verdict, format!(" from {}", at(last.verdict)[0])),
        // Both ends agree: what lies between them is the exception.
        2 if last.verdict == CellVerdict::Fails => {
            (CellVerdict::Holds, range(&at(CellVerdict::Holds)))
        }
        2 => (CellVerdict::Fails, range(&at(CellVerdict::Fails))),
        _ => (CellVerdict::Holds, format!(" at {}", listed(&at(CellVerdict::Holds)))),
    };
    let side = if verdict == CellVerdict::Holds { "holds for" } else { "fails for" };
    Some(Phrase { side, series: vec![name], from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_once_and_the_wider_one_for_both() {
        let said = |reasons: &[&str]| once(reasons.iter().copied());
        assert_eq!(said(&["≥ 1.05×", "≥ 1.05×"]), "≥ 1.05×");
        let both = "≥ 1.05× and its margin";
        assert_eq!(said(&["≥ 1.05×", both, "≥ 1.05×"]), both);
        assert_eq!(said(&[both, "≥ 1.05×"]), both);
        assert_eq!(said(&["below 1", "below 10"]), "below 1, below 10");
    }

    #[test]
    fn a_noun_that_conditions_share_is_said_once() {
        assert_eq!(listed(&["64 MiB", "256 MiB", "1024 MiB"]), "64, 256 and 1024 MiB");
        assert_eq!(listed(&["a small parent", "64 MiB"]), "a small parent and 64 MiB");
        assert_eq!(range(&["16 MiB", "64 MiB", "256 MiB"]), " from 16 to 256 MiB");
        assert_eq!(range(&["a small parent", "64 MiB"]), " from a small parent to 64 MiB");
        assert_eq!(range(&["64 MiB"]), " at 64 MiB");
    }
}
