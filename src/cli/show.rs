//! `show`, `explain` and `compare`: what earlier runs found.

use clap::ArgMatches;
use process_vs_thread::claim::Claim;
use process_vs_thread::question::{self, CLAIMS, judge};
use process_vs_thread::record::{self, Failure, Record, Result};
use process_vs_thread::{output, run};

/// What a command names where it names no run.
const LAST: &str = "last";

fn read(name: &str) -> Result<Record> {
    record::read(&run::find(name)?)
}

fn words(given: &ArgMatches, name: &str) -> Vec<String> {
    given.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

fn claim(id: &str) -> Option<&'static Claim> {
    CLAIMS.iter().find(|claim| claim.id.eq_ignore_ascii_case(id))
}

/// The summary of a run, or some of its claims in full.
pub(crate) fn show(given: &ArgMatches) -> Result<()> {
    let named = words(given, "RUN_OR_CLAIM");
    let (ids, runs): (Vec<String>, Vec<String>) =
        named.into_iter().partition(|word| claim(word).is_some());
    if runs.len() > 1 {
        let why = format!("{} names: one run and any number of claims", runs.len());
        return Err(Failure::new("showing a run", why).remedy("`compare` takes two runs"));
    }
    let record = read(runs.first().map_or(LAST, String::as_str))?;
    let judged = judge(&record);
    let (width, colour) = run::screen();
    if ids.is_empty() {
        return output::print(&question::screen(&record, &judged, width, colour));
    }
    let claims: Vec<&Claim> = ids.iter().filter_map(|id| claim(id)).collect();
    let text: Vec<String> =
        claims.iter().map(|claim| question::explain(claim, Some(&judged), width, colour)).collect();
    output::print(&text.join("\n"))
}

/// One claim: what the textbook says, why, and what a run found; without any run, what is known.
pub(crate) fn explain(given: &ArgMatches) -> Result<()> {
    let id = given.get_one::<String>("CLAIM").cloned().unwrap_or_default();
    let claim = claim(&id).ok_or_else(|| unknown(&id))?;
    let (width, colour) = run::screen();
    let judged = match given.get_one::<String>("RUN") {
        Some(name) => Some(judge(&read(name)?)),
        None => {
            run::find(LAST).ok().map(|file| record::read(&file)).transpose()?.as_ref().map(judge)
        }
    };
    output::print(&question::explain(claim, judged.as_ref(), width, colour))
}

/// A claim that is not in the catalogue.
pub(crate) fn unknown(id: &str) -> Failure {
    let ids: Vec<&str> = CLAIMS.iter().map(|claim| claim.id).collect();
    Failure::new(format!("looking for the claim '{id}'"), "there is no such claim")
        .remedy(format!("claims are {}", ids.join(", ")))
}

/// Two runs side by side.
pub(crate) fn compare(given: &ArgMatches) -> Result<()> {
    let names = words(given, "RUN");
    let [first, second] = names.as_slice() else {
        return Err(Failure::new("comparing runs", "exactly two are compared"));
    };
    let (before, after) = (read(first)?, read(second)?);
    let (width, colour) = run::screen();
    let all = given.get_flag("all");
    let text = question::difference([&before, &after], all, width, colour);
    output::print(&text)
}
