//! Conditions under which a comparison fails, for programs that watch a machine.

use super::Contrast;
use crate::claim::{ClaimVerdict, Unit};
use std::fmt;
use std::str::FromStr;

/// A condition: `verdict`, `verdict:any`, `slower:10%` or `larger:10%`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// A verdict turned from TRUE to FALSE or from FALSE to TRUE.
    Verdict,
    /// A verdict is another one, whatever it was and is.
    AnyVerdict,
    /// A time grew beyond noise, and by more than this share.
    Slower(f64),
    /// An amount of memory grew beyond noise, and by more than this share.
    Larger(f64),
}

/// What a condition found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConditionOutcome {
    /// It holds: where.
    Holds(Vec<String>),
    /// It does not hold; how many verdicts or figures were looked at.
    Not(usize),
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let share = |number: &str| {
            let number = number.strip_suffix('%').ok_or("a share ends with %, as in 10%")?;
            let share =
                number.trim().parse::<f64>().map_err(|_| format!("'{number}' is not a number"))?;
            match (0.0..=10_000.0).contains(&share) {
                true => Ok(share / 100.0),
                false => Err("a share lies between 0% and 10000%".to_owned()),
            }
        };
        match text.split_once(':') {
            None if text == "verdict" => Ok(Condition::Verdict),
            Some(("verdict", "any")) => Ok(Condition::AnyVerdict),
            Some(("slower", number)) => share(number).map(Condition::Slower),
            Some(("larger", number)) => share(number).map(Condition::Larger),
            _ => Err("conditions are verdict, verdict:any, slower:N% and larger:N%".to_owned()),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Verdict => f.write_str("verdict"),
            Condition::AnyVerdict => f.write_str("verdict:any"),
            Condition::Slower(share) => write!(f, "slower:{}%", share * 100.0),
            Condition::Larger(share) => write!(f, "larger:{}%", share * 100.0),
        }
    }
}

impl Condition {
    /// Does it hold between the first run and any other?
    #[must_use]
    pub fn check(self, contrast: &Contrast) -> ConditionOutcome {
        match self {
            Condition::Verdict => reworded(contrast, ClaimVerdict::is_decided, turned),
            Condition::AnyVerdict => {
                let was_run = |verdict| verdict != ClaimVerdict::NotRun;
                reworded(contrast, was_run, |before, after| before != after)
            }
            Condition::Slower(share) => grown(contrast, Unit::Nanoseconds, share, "slower"),
            Condition::Larger(share) => grown(contrast, Unit::Bytes, share, "larger"),
        }
    }
}

fn turned(before: ClaimVerdict, after: ClaimVerdict) -> bool {
    use ClaimVerdict::{False, True};
    matches!((before, after), (True, False) | (False, True))
}

/// Verdicts of which both runs have one that counts, and which differ so.
fn reworded(
    contrast: &Contrast,
    counts: fn(ClaimVerdict) -> bool,
    differ: fn(ClaimVerdict, ClaimVerdict) -> bool,
) -> ConditionOutcome {
    let (mut seen, mut found) = (0, Vec::new());
    let Some((first, others)) = contrast.runs.split_first() else {
        return ConditionOutcome::Not(0);
    };
    for row in &contrast.claims {
        let before = row.verdict(first);
        for later in others {
            let after = row.verdict(later);
            if !counts(before) || !counts(after) {
                continue;
            }
            seen += 1;
            if differ(before, after) {
                let (id, run) = (row.claim.id, &later.run.id);
                found.push(format!("{id} was {before} and is {after} in {run}"));
            }
        }
    }
    if found.is_empty() { ConditionOutcome::Not(seen) } else { ConditionOutcome::Holds(found) }
}

fn grown(contrast: &Contrast, unit: Unit, share: f64, word: &str) -> ConditionOutcome {
    let (mut seen, mut grown) = (0, Vec::new());
    for row in contrast.figures.iter().filter(|row| row.def.estimand.unit() == unit) {
        for (change, later) in row.changes.iter().zip(&contrast.runs[1..]) {
            let Ok(change) = change else { continue };
            let Some(ratio) = change.ratio() else { continue };
            seen += 1;
            if change.beyond && ratio.low > 1.0 + share {
                let (id, title, run) = (row.claim.id, row.def.title, &later.run.id);
                let by = change.words(unit);
                grown.push(format!("{id} {title} is {word} in {run}: {by}"));
            }
        }
    }
    if grown.is_empty() { ConditionOutcome::Not(seen) } else { ConditionOutcome::Holds(grown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_read_as_it_is_written_and_a_wrong_one_says_why() {
        for text in ["verdict", "verdict:any", "slower:10%", "larger:2.5%", "slower:0%"] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        for (text, why) in [
            ("faster:1%", "conditions are"),
            ("slower", "conditions are"),
            ("slower:10", "ends with %"),
            ("slower:x%", "not a number"),
            ("slower:-1%", "between"),
            ("slower:NaN%", "between"),
            ("verdict:", "conditions are"),
        ] {
            let found = text.parse::<Condition>().unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
    }
}
