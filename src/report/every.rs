//! Every cell of every claim with its interval and its verdict, for a terminal.

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
