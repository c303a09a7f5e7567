//! One claim in full, for a terminal.

use super::screen::Screen;
use super::words;
use crate::claim::{CellVerdict, Claim, JudgedCell, JudgedClaim};

/// What the textbook says, why it is so, and what this run found where there is one.
pub(crate) fn explain(
    claim: &Claim,
    judged: Option<&JudgedClaim>,
    width: usize,
    colour: bool,
) -> String {
    let mut screen = Screen::new(width, colour);
    screen.fold(0, &format!("{}: {}", claim.id, claim.sentence));
    screen.line("");
    if let Some(judged) = judged {
        screen.fold(0, &judged.sentence.text);
        screen.line("");
    }
    screen.fold(0, &format!("Textbook: {} ({})", claim.promise, claim.source));
    screen.fold(0, &format!("Measured: {}", claim.quantity));
    screen.fold(0, &format!("Decided by: {}", claim.stated.join("; ")));
    screen.line("");
    screen.fold(0, claim.truth);
    screen.line("");
    screen.fold(0, &format!("Exceptions: {}", claim.exceptions));
    if let Some(judged) = judged {
        cells(&mut screen, judged);
    }
    screen.line("");
    screen.fold(0, &format!("Repeat: process-vs-thread run {}", claim.id));
    screen.text()
}

/// A reason that is longer is told once.
const MOST_AGAIN: usize = 60;

/// Every measurement, those that decide first.
fn cells(screen: &mut Screen, judged: &JudgedClaim) {
    let tried = |cell: &&JudgedCell| cell.verdict != CellVerdict::NotRun;
    let stated = judged.stated();
    let decides = |cell: &&JudgedCell| stated.iter().any(|one| std::ptr::eq(*one, *cell));
    let mut told: Vec<&str> = Vec::new();
    let (first, rest): (Vec<_>, Vec<_>) = judged.cells.iter().filter(tried).partition(decides);
    for (heading, cells) in [("Decides", first), ("Measured besides", rest)] {
        if cells.is_empty() {
            continue;
        }
        screen.line("");
        screen.line(heading);
        for cell in cells {
            let figure = match cell.figure {
                Some(_) => format!(" {}", words::figure(cell)),
                None => String::new(),
            };
            let again = cell.reason.len() > MOST_AGAIN && told.contains(&cell.reason.as_str());
            let reason = if again { "as above" } else { &cell.reason };
            told.push(&cell.reason);
            let said = format!("{}:{figure} {}: {reason}", cell.title, cell.verdict);
            screen.fold(2, &words::one_line(&said));
        }
    }
}
