//! Two runs side by side, for a terminal.

use super::screen::Screen;
use crate::claim::{Brief, Difference, Moved, Unit, times, two_digits};
use crate::record::Record;

/// Most figures that are listed.
const MOST: usize = 20;

/// What differs, changed words first.
pub(crate) fn difference(
    found: &Difference,
    runs: [&Record; 2],
    all: bool,
    width: usize,
    colour: bool,
) -> String {
    let mut screen = Screen::new(width, colour);
    for (number, record) in ["1", "2"].iter().zip(runs) {
        screen.fold(0, &format!("{number}  {}", super::words::machine_line(record)));
    }
    for caution in &found.cautions {
        screen.fold(0, &format!("!  {caution}"));
    }
    screen.line("");
    match found.reworded.as_slice() {
        [] => screen.line("No verdict differs."),
        changed => {
            screen.line("Verdicts that differ");
            for one in changed {
                screen.line(&format!("  {:<4}{} -> {}", one.claim, one.before, one.after));
            }
        }
    }
    screen.line("");
    screen.fold(
        0,
        &format!(
            "{} of {} figures lie beyond the intervals of both runs",
            found.moved.len(),
            found.compared
        ),
    );
    let shown = if all { found.moved.len() } else { MOST };
    for moved in found.moved.iter().take(shown) {
        screen.fold(2, &line(moved));
    }
    if found.moved.len() > shown {
        screen.line(&format!("  and {} more (--all)", found.moved.len() - shown));
    }
    if !found.facts.is_empty() {
        screen.line("");
        screen.line("Facts that differ");
        for [name, before, after] in &found.facts {
            screen.fold(2, &format!("{name}: {before} -> {after}"));
        }
    }
    screen.text()
}

/// `A3 fork, small parent: 5.3× -> 6.3× (1.2×)`.
fn line(moved: &Moved) -> String {
    let [before, after] = [moved.before, moved.after].map(|figure| match moved.unit {
        Unit::Times => times(figure.estimate),
        unit => unit.brief(figure.estimate),
    });
    let factor = match moved.factor() {
        factor if factor > 0.0 && (factor - 1.0).abs() < 0.1 => {
            format!("{:+.0} %", (factor - 1.0) * 100.0)
        }
        factor if factor > 0.0 => format!("{}×", two_digits(factor)),
        _ => "changes sign".to_owned(),
    };
    format!("{} {}: {before} -> {after} ({factor})", moved.claim, moved.title)
}
