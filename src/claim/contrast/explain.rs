//! Which fact of the machines explains that a claim has different words in different runs: one
//! whose values tell the words apart.

use super::run::ComparedRun;
use crate::claim::{Claim, ClaimVerdict, Hinge};
use std::collections::{BTreeMap, BTreeSet};

/// What may explain that a claim's words differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Facts that the claim depends on and whose values tell the words apart, those with the fewest
    /// values first, each with the word that goes with each value.
    pub facts: Vec<(Hinge, Vec<FactGroup>)>,
    /// Runs in which the claim was not decided, where those that decided it agree.
    pub undecided: usize,
    /// Runs that tried it.
    pub tried: usize,
    /// Was it measured by different revisions of this program?
    pub revisions: bool,
}

/// The runs with one value of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactGroup {
    /// The value.
    pub value: String,
    /// The word of all of them.
    pub verdict: ClaimVerdict,
    /// How many they are.
    pub runs: usize,
}

/// Most facts that are named.
const MOST: usize = 5;

impl Explanation {
    /// Of the claim at this place of the catalogue; nothing where its words do not differ.
    pub(super) fn of(claim: &Claim, place: usize, runs: &[ComparedRun]) -> Option<Self> {
        let tried: Vec<&ComparedRun> =
            runs.iter().filter(|run| run.verdict(place) != ClaimVerdict::NotRun).collect();
        let words = |runs: &[&ComparedRun]| -> BTreeSet<String> {
            runs.iter().map(|run| run.verdict(place).to_string()).collect()
        };
        if words(&tried).len() < 2 {
            return None;
        }
        let decided: Vec<&ComparedRun> =
            tried.iter().copied().filter(|run| run.verdict(place).is_decided()).collect();
        // A run that did not decide says nothing against one that did.
        let differ = words(&decided).len() > 1;
        let told = if differ { &decided } else { &tried };
        let of = |hinge: &Hinge| Some((*hinge, groups(*hinge, place, told)?));
        let mut facts: Vec<(Hinge, Vec<FactGroup>)> =
            claim.hinges_on.iter().filter_map(of).collect();
        facts.sort_by_key(|(_, groups)| groups.len());
        facts.truncate(MOST);
        let revisions: BTreeSet<&Option<String>> =
            tried.iter().map(|run| &run.run.revision).collect();
        Some(Explanation {
            facts,
            undecided: if differ { 0 } else { tried.len() - decided.len() },
            tried: tried.len(),
            revisions: revisions.len() > 1,
        })
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let facts = self.facts.iter().map(|(hinge, groups)| {
            let groups: Vec<String> = groups.iter().map(|group| self.group(group)).collect();
            format!("{hinge}: {}", groups.join(", "))
        });
        let facts = facts.collect::<Vec<String>>().join("; ");
        let none = "no recorded fact that it depends on tells them apart";
        match (self.undecided, facts.is_empty(), self.revisions) {
            (0, false, _) => format!("may be explained by {facts}"),
            (0, true, true) => {
                format!("{none}: chance near a limit, or another revision of the program")
            }
            (0, true, false) => {
                format!("{none}: chance near a limit, or a fact that is not recorded")
            }
            (undecided, ..) => {
                let tried = self.tried;
                let with = if facts.is_empty() {
                    none.to_owned()
                } else {
                    format!("with it differ {facts}")
                };
                format!(
                    "{undecided} of {tried} runs could not decide it, which is no other answer; \
                     {with}"
                )
            }
        }
    }

    /// The same for a table. That a run could not decide is no other answer and needs few words:
    /// where, and the names of the facts that differ with it.
    #[must_use]
    pub fn brief(&self) -> String {
        if self.undecided == 0 {
            return self.words();
        }
        let names: Vec<String> = self.facts.iter().map(|(hinge, _)| hinge.to_string()).collect();
        let with = match names.is_empty() {
            true => String::new(),
            false => format!("; differs with it: {}", names.join(", ")),
        };
        format!("not decided in {} of {} runs{with}", self.undecided, self.tried)
    }

    fn group(&self, group: &FactGroup) -> String {
        match group.runs {
            1 => format!("{} ({})", group.value, group.verdict),
            runs => format!("{} ({}, {runs} runs)", group.value, group.verdict),
        }
    }
}

/// The runs by the value of a fact, where it tells the words apart: each value has one word, and
/// there is more than one.
fn groups(hinge: Hinge, place: usize, runs: &[&ComparedRun]) -> Option<Vec<FactGroup>> {
    let mut groups: BTreeMap<String, FactGroup> = BTreeMap::new();
    for run in runs {
        let (value, verdict) = (hinge.of(&run.machine)?, run.verdict(place));
        let new = FactGroup { value: value.clone(), verdict, runs: 0 };
        let group = groups.entry(value).or_insert(new);
        if group.verdict != verdict {
            return None;
        }
        group.runs += 1;
    }
    let mut groups: Vec<FactGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.runs));
    (groups.len() > 1).then_some(groups)
}
