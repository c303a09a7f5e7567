//! What differs between two runs: words, figures beyond the noise of both, and facts.

use super::{ClaimVerdict, Judged, Unit};
use crate::record::Record;
use crate::stats::Interval;

/// A claim whose word differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reworded {
    /// The claim's id.
    pub claim: &'static str,
    /// Its word in the first run.
    pub before: ClaimVerdict,
    /// Its word in the second.
    pub after: ClaimVerdict,
}

/// A figure whose intervals in the two runs have no point in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The claim that it belongs to.
    pub claim: &'static str,
    /// What was measured.
    pub title: &'static str,
    /// How it is written.
    pub unit: Unit,
    /// In the first run.
    pub before: Interval,
    /// In the second.
    pub after: Interval,
}

impl Moved {
    /// The second over the first.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.after.estimate / self.before.estimate
    }
}

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Difference {
    /// What makes the comparison weaker.
    pub cautions: Vec<String>,
    /// Claims whose word differs.
    pub reworded: Vec<Reworded>,
    /// Figures beyond the intervals of both, the largest change first.
    pub moved: Vec<Moved>,
    /// Figures that both runs have.
    pub compared: usize,
    /// Facts that differ: name, in the first run, in the second.
    pub facts: Vec<[String; 3]>,
}

/// Facts that differ from run to run on one machine, and explain nothing.
const FLEETING: [&str; 3] = ["load average", "steal", "memory"];

impl Difference {
    /// What differs between two runs and what was judged of them.
    #[must_use]
    pub fn between(first: (&Record, &Judged), second: (&Record, &Judged)) -> Self {
        let ((before, judged_before), (after, judged_after)) = (first, second);
        let mut difference = Difference {
            cautions: cautions(before, after),
            facts: facts(before, after),
            ..Difference::default()
        };
        for (one, other) in judged_before.claims.iter().zip(&judged_after.claims) {
            let run = [one.verdict, other.verdict].iter().all(|v| *v != ClaimVerdict::NotRun);
            if run && one.verdict != other.verdict {
                difference.reworded.push(Reworded {
                    claim: one.claim.id,
                    before: one.verdict,
                    after: other.verdict,
                });
            }
            for (was, is) in one.cells.iter().zip(&other.cells) {
                let (Some(earlier), Some(later)) = (was.sound(), is.sound()) else { continue };
                difference.compared += 1;
                let apart = earlier.high < later.low || later.high < earlier.low;
                let known = difference
                    .moved
                    .iter()
                    .any(|moved| (moved.before, moved.after) == (earlier, later));
                if apart && !known {
                    difference.moved.push(Moved {
                        claim: one.claim.id,
                        title: was.def.title,
                        unit: was.def.estimand.unit(),
                        before: earlier,
                        after: later,
                    });
                }
            }
        }
        let size = |moved: &Moved| moved.factor().abs().ln().abs();
        difference.moved.sort_by(|one, other| size(other).total_cmp(&size(one)));
        difference
    }
}

fn cautions(before: &Record, after: &Record) -> Vec<String> {
    let quick = (before.run.quick != after.run.quick)
        .then(|| "one run is quick and the other is whole".to_owned());
    let [was, is] = [before, after].map(|record| record.machine.emulated == Some(true));
    let emulated =
        (was || is).then(|| "an emulated machine is among them: its times mean nothing".to_owned());
    let machine = (before.machine.slug != after.machine.slug)
        .then(|| "the machines are of different kinds".to_owned());
    let version = (before.run.revision != after.run.revision).then(|| {
        let [was, is] = [before, after]
            .map(|record| record.run.revision.clone().unwrap_or_else(|| "unknown".to_owned()));
        format!("measured by different revisions, {was} and {is}")
    });
    [quick, emulated, machine, version].into_iter().flatten().collect()
}

fn facts(before: &Record, after: &Record) -> Vec<[String; 3]> {
    let other = |name: &str| after.machine.facts.iter().find(|fact| fact.name == name);
    let differs = |fact: &crate::record::Fact| {
        let other = other(&fact.name)?;
        let lasting = !FLEETING.contains(&fact.name.as_str());
        let [was, is] = [&fact.value, &other.value].map(ToString::to_string);
        (lasting && was != is).then(|| [fact.name.clone(), was, is])
    };
    before.machine.facts.iter().filter_map(differs).collect()
}
