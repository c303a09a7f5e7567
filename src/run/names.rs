//! The names of what can be measured, as people type them.

use super::Planned;
use crate::claim::Claim;
use crate::plan::Grid;
use crate::question::{CLAIMS, QUESTIONS};
use crate::record::{Failure, Policy, Result};
use crate::text;

/// The claim of this id, whatever its case.
///
/// # Errors
/// There is none; the error says which there are, and which may have been meant.
pub fn claim(id: &str) -> Result<&'static Claim> {
    let found = CLAIMS.iter().find(|claim| claim.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| {
        let ids: Vec<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
        Failure::new(format!("looking for the claim '{id}'"), "there is no such claim")
            .remedy(format!("{}`process-vs-thread list claims` has all", meant(id, &ids)))
    })
}

/// The name, as the lists spell it, of what a run can measure: a claim, a question (which is a
/// bench target), a measurement, or a primitive that some measurement times or counts.
///
/// # Errors
/// There is none; the error says which may have been meant.
pub fn measurable(word: &str) -> Result<String> {
    if let Ok(claim) = claim(word) {
        return Ok(claim.id.to_owned());
    }
    let names = names();
    if names.iter().any(|name| name == word) {
        return Ok(word.to_owned());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let questions = QUESTIONS.map(|question| question.name).join(", ");
    let remedy = format!(
        "{}`process-vs-thread list claims` has the claims; benches are {questions}",
        meant(word, &names)
    );
    let why = "no claim, bench, measurement or primitive has this name";
    Err(Failure::new(format!("looking for '{word}'"), why).remedy(remedy))
}

/// Every name, claims and questions first: of names that are as like, the shorter is meant.
fn names() -> Vec<String> {
    let claims = CLAIMS.iter().map(|claim| claim.id);
    let questions = QUESTIONS.iter().map(|question| question.name);
    let mut names: Vec<String> = claims.chain(questions).map(str::to_owned).collect();
    let mut more: Vec<String> = Vec::new();
    for policy in [Policy::Fifo, Policy::Other] {
        for one in Planned::all(policy, Grid::Full) {
            more.push(one.id());
            more.extend(one.primitives().into_iter().map(str::to_owned));
        }
    }
    more.sort();
    more.dedup();
    names.extend(more);
    names
}

fn meant(word: &str, names: &[&str]) -> String {
    let nearest = text::nearest(word, names.iter().copied());
    nearest.map_or(String::new(), |name| format!("did you mean {name}? "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_thing_is_known_by_its_name() {
        for (typed, name) in [
            ("a3", "A3"),
            ("tlb", "tlb"),
            ("creation/raw", "creation/raw"),
            ("creation/fork/64MiB", "creation/fork/64MiB"),
            ("clone/vm-vfork", "clone/vm-vfork"),
            ("memory/thread", "memory/thread"),
        ] {
            assert_eq!(measurable(typed).unwrap(), name);
        }
    }

    #[test]
    fn a_mistyped_name_is_an_error_that_names_what_may_have_been_meant() {
        for (typed, meant) in [
            ("A33", "did you mean A3?"),
            ("creatoin", "did you mean creation?"),
            ("creation/frok", "did you mean creation/fork?"),
        ] {
            let failure = measurable(typed).unwrap_err();
            assert!(failure.to_string().contains(meant), "{failure}");
        }
        assert!(!measurable("xyzzy").unwrap_err().to_string().contains("did you mean"));
        assert!(claim("A33").unwrap_err().to_string().contains("did you mean A3? `process-vs"));
    }
}
