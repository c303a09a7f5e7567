//! Every cell of every claim with its interval and its verdict, and what the data are worth, for a
//! terminal.

use super::face::View;
use super::screen::Screen;
use super::words;
use crate::claim::{CellVerdict, JudgedClaim};

/// Column of a cell's figure and of its verdict.
const COLUMNS: [usize; 2] = [46, 78];

/// Claim by claim; what was not run has no line.
pub(crate) fn every(claims: &[&JudgedClaim], width: usize, colour: bool) -> String {
    let mut screen = Screen::new(width, colour);
    let run = claims.iter().filter(|judged| judged.was_tried());
    for (number, judged) in run.enumerate() {
        if number > 0 {
            screen.line("");
        }
        let heading = format!("{}  {}: {}", judged.claim.id, judged.claim.sentence, judged.verdict);
        screen.fold(0, &heading);
        for cell in judged.cells.iter().filter(|cell| cell.verdict != CellVerdict::NotRun) {
            // A blank at the end keeps the figure apart from a title of the column's width.
            screen.line(&format!("  {} ", cell.title));
            let figure = cell.figure.map_or(String::new(), |_| words::figure(cell));
            screen.put(COLUMNS[0], &figure, None);
            screen.put(COLUMNS[1], &cell.verdict.to_string(), None);
        }
    }
    screen.text()
}

/// What a run's figures are worth: its checks, its warnings, and what could not be measured.
pub(crate) fn quality(view: View, width: usize, colour: bool) -> String {
    let mut screen = Screen::new(width, colour);
    screen.fold(0, &words::trust(view.record, view.judged));
    let check = |check: &crate::record::Check| {
        format!("{}: {}: {}", check.id, words::outcome(check), check.detail)
    };
    let (record, warnings) = (view.record, view.record.machine.warnings.clone());
    let gaps = words::gaps(record, view.judged);
    let checks = record.checks.iter().map(check).collect();
    for (heading, lines) in [("Checks", checks), ("Warnings", warnings), ("Gaps", gaps)] {
        if !lines.is_empty() {
            screen.line("");
            screen.line(heading);
            lines.iter().for_each(|line| screen.fold(2, &words::one_line(line)));
        }
    }
    screen.text()
}
