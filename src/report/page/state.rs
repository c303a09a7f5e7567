//! Which state is shared, as the textbook has it and as it was seen; and who handles a signal.

mod answers;
mod look;
mod sets;
mod textbook;

use super::{View, section, titled};
use crate::question::creation::plan::FLAG_SETS;
use crate::question::isolation::plan::{SIGNAL, STATE, state as id};
use crate::record::Probe;
use crate::report::html::{escape, list, paragraph, table, text};
use look::figure;

pub(super) fn html(view: &View) -> String {
    let all = &view.record.probes;
    let of =
        |family| -> Vec<&Probe> { all.iter().filter(|probe| probe.id.is_of(family)).collect() };
    let (state, signals) = (of(STATE), of(SIGNAL));
    if state.is_empty() && signals.is_empty() {
        return String::new();
    }
    let parts = [
        titled("The textbook's table, and what was seen here", textbook::html(view.record)),
        titled("From thread to process, piece by piece", sets::html(view.record)),
        titled("The text's questions", answers::html(view.record)),
        titled("Who handles a signal", probes(&signals)),
        titled("All probes of state", probes(&state)),
        list(&failures(state.iter().chain(&signals).copied())),
    ]
    .concat();
    section("state", "Shared state and signals", &(paragraph("", METHOD) + &parts))
}

/// How it was seen.
const METHOD: &str = "Each answer is from an actor that was started for it: it changed the piece, \
                      and its creator looked whether its own had changed. Whatever is not shared \
                      is copied at the start, so only a change after it tells. Ids nobody can \
                      change: of PID, TID and parent both sides asked, and what the kernel told \
                      them was compared. Stack and registers were not tried: an actor is started \
                      on a stack that was made for it, and a task that runs has registers of its \
                      own. Every run had a process of its own, and an answer counts if all runs \
                      agree.";

/// A row per probe, with every figure that stands in no other table.
fn probes(probes: &[&Probe]) -> String {
    if probes.is_empty() {
        return String::new();
    }
    let row = |probe: &&Probe| {
        let seen = match in_tables(probe) {
            true => vec!["as in the tables above".to_owned()],
            false => look::figures(probe),
        };
        let seen = seen.iter().map(|figure| escape(&figure.replace(' ', "\u{a0}")));
        let seen: Vec<String> = seen.collect();
        let seen = if seen.is_empty() { "-".to_owned() } else { seen.join("<br>") };
        vec![escape(&probe.statement), found(probe), seen]
    };
    let rows: Vec<Vec<String>> = probes.iter().map(row).collect();
    table(&["Statement", "Found", "Seen"], &rows)
}

/// Is it the probe of a set of flags, whose pieces stand in the tables?
fn in_tables(probe: &Probe) -> bool {
    !probe.runs.is_empty() && FLAG_SETS.iter().any(|(set, _)| probe.id == id(set))
}

fn found(probe: &Probe) -> String {
    let yes = probe.runs.iter().filter(|run| run.holds).count();
    let (words, runs) = match probe.agreed() {
        Some(true) => ("so it is", look::in_runs(probe.runs.len())),
        Some(false) => ("it is not so", look::in_runs(probe.runs.len())),
        None if probe.runs.is_empty() => ("not seen", String::new()),
        None => ("runs disagree", format!(": so in {yes} of {}", probe.runs.len())),
    };
    text("b", "", words) + &escape(&runs)
}

/// What could not be seen, and why.
fn failures<'p>(probes: impl Iterator<Item = &'p Probe>) -> Vec<String> {
    let failed = |probe: &Probe| {
        let why = probe.failure.as_ref()?;
        Some(escape(&format!("{}: {why}", unseen(probe))))
    };
    probes.filter_map(failed).collect()
}

fn unseen(probe: &Probe) -> String {
    match probe.runs.len() {
        0 => format!("Not seen ({})", probe.statement),
        runs => format!("No more than {} ({})", figure(runs as f64, "runs"), probe.statement),
    }
}
