//! Runs side by side, for a terminal. A few are columns; of many there are counts and ranges.

pub(super) mod chart;
pub(super) mod json;
pub(super) mod page;
mod said;

use super::screen::Screen;
use super::words::{machine_line, plural};
use crate::claim::{ClaimRow, Contrast, Explanation, FactRow, FigureChange, FigureRow};
use said::{cautions, counted, found, heading, places, range};

/// Most runs that have a column each.
pub(super) const COLUMNS: usize = 4;
/// Most figures that are listed.
const MOST: usize = 20;
/// Where a claim's words begin.
const INDENT: usize = 5;

/// What differs, changed words first.
pub(crate) fn screen(contrast: &Contrast, all: bool, width: usize, colour: bool) -> String {
    let mut screen = Screen::new(width, colour);
    runs(&mut screen, contrast);
    screen.line("");
    screen.fold(0, &heading(contrast));
    screen.line("");
    let changed: Vec<&ClaimRow> = contrast.reworded().collect();
    if !changed.is_empty() {
        screen.line("Verdicts that differ");
        for row in &changed {
            claim(&mut screen, contrast, row);
            let why = row.explanation.as_ref().map(Explanation::brief).unwrap_or_default();
            screen.fold(INDENT, &why);
        }
        screen.line("");
    }
    let same: Vec<&ClaimRow> =
        contrast.claims.iter().filter(|row| row.explanation.is_none()).collect();
    if !same.is_empty() {
        screen.line("Other claims");
        same.iter().for_each(|row| claim(&mut screen, contrast, row));
        screen.line("");
    }
    figures(&mut screen, contrast, all);
    facts(&mut screen, contrast);
    screen.text()
}

fn runs(screen: &mut Screen, contrast: &Contrast) {
    let runs = contrast.runs;
    if runs.len() <= COLUMNS {
        for (at, run) in runs.iter().enumerate() {
            let line = machine_line(&run.run, &run.machine);
            screen.fold(0, &format!("{}  {line}", at + 1));
            screen.fold(3, &run.run.id);
            cautions(contrast, at).iter().for_each(|said| screen.fold(3, &format!("!  {said}")));
        }
        return;
    }
    let Some(first) = runs.first() else { return };
    screen.fold(0, &format!("{}, held against {}", plural(runs.len(), "run"), first.run.id));
    screen.fold(0, &machine_line(&first.run, &first.machine));
    for (said, count) in counted((0..runs.len()).flat_map(|at| cautions(contrast, at))) {
        screen.fold(0, &format!("!  {}: {said}", plural(count, "run")));
    }
}

fn claim(screen: &mut Screen, contrast: &Contrast, row: &ClaimRow) {
    let runs = contrast.runs;
    screen.line(row.claim.id);
    if runs.len() > COLUMNS {
        let words = counted(runs.iter().map(|run| row.verdict(run).to_string()));
        let words: Vec<String> = words.iter().map(|(word, n)| format!("{word} {n}")).collect();
        screen.put(INDENT, &words.join(", "), None);
        if let Some(range) = range(contrast, row) {
            screen.put(52, &range, None);
        }
        return;
    }
    let column = (screen.width - INDENT) / runs.len().max(1);
    for (at, run) in runs.iter().enumerate() {
        screen.put(INDENT + at * column, &found(contrast, row, run), None);
    }
    if let Some(other) = row.headline(runs).filter(|def| row.is_another(def)) {
        screen.fold(INDENT, &format!("({})", other.title));
    }
}

fn figures(screen: &mut Screen, contrast: &Contrast, all: bool) {
    let rows: Vec<&FigureRow> = match all {
        true => contrast.figures.iter().collect(),
        false => contrast.beyond().take(MOST).collect(),
    };
    let beyond = contrast.beyond().count();
    if !rows.is_empty() {
        screen.line(match all {
            true => "All figures, and how many times the first's they are",
            false => "Figures beyond noise, and how many times the first's they are",
        });
    }
    for row in rows {
        screen.fold(0, &format!("{:<4} {}", row.claim.id, row.def.title));
        screen.fold(INDENT, &line(contrast, row));
    }
    if !all && beyond > MOST {
        screen.line(&format!("and {} more (--all)", beyond - MOST));
    }
}

/// `120 µs -> 230 µs 1.9× [1.6, 2.3]`, or over many runs the range.
fn line(contrast: &Contrast, row: &FigureRow) -> String {
    if contrast.runs.len() > COLUMNS {
        return places(contrast, row);
    }
    let unit = row.def.estimand.unit();
    let first = row.changes.iter().flatten().next();
    let first = first.map_or("–".to_owned(), |change| FigureChange::brief(unit, change.before));
    let later = row.changes.iter().map(|change| match change {
        Ok(change) => {
            let mark = if change.beyond { "" } else { " (within noise)" };
            format!("{} = {}{mark}", FigureChange::brief(unit, change.after), change.words(unit))
        }
        Err(refusal) => refusal.brief().to_owned(),
    });
    let parts: Vec<String> = [first].into_iter().chain(later).collect();
    parts.join(" -> ")
}

fn facts(screen: &mut Screen, contrast: &Contrast) {
    if contrast.facts.is_empty() {
        return;
    }
    screen.line("");
    screen.line("Facts that differ");
    for row in &contrast.facts {
        screen.fold(2, &format!("{}: {}", row.name, values(row)));
    }
}

/// The values of a fact: of each run, or of many with their counts.
fn values(row: &FactRow) -> String {
    let unknown = || "unknown".to_owned();
    let values: Vec<String> =
        row.values.iter().map(|value| value.clone().unwrap_or_else(unknown)).collect();
    if values.len() <= COLUMNS {
        return values.join(" -> ");
    }
    said::most(counted(values.into_iter()))
}
