//! All sets of clone flags side by side: every piece that an actor of each shares with its creator.

use super::look::{Found, piece};
use crate::question::creation::plan::FLAG_SETS;
use crate::question::isolation::pieces::{PIECES, Piece, shared};
use crate::question::isolation::plan::state as id;
use crate::record::Record;
use crate::report::html::{escape, paragraph, table, text};

/// The set whose creator sleeps.
const SLEEPS: &str = "vm-vfork";

pub(super) fn html(record: &Record) -> String {
    let seen: Vec<(&str, &str)> =
        FLAG_SETS.into_iter().filter(|(set, _)| record.probe(&id(set)).is_some()).collect();
    if seen.is_empty() {
        return String::new();
    }
    let head: Vec<&str> = [""].into_iter().chain(seen.iter().map(|(_, flags)| *flags)).collect();
    let mut otherwise = false;
    let row = |known: &Piece| {
        let cells = seen.iter().map(|(set, _)| {
            let found = piece(record, &id(set), known.name);
            otherwise |= unlike_clone(found, set, known);
            cell(found, unlike_clone(found, set, known))
        });
        let name = [escape(known.name)];
        name.into_iter().chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = PIECES.iter().map(row).collect();
    let mut notes = paragraph("note", LEGEND);
    if otherwise {
        notes.push_str(&paragraph("note", OTHERWISE));
    }
    if record.probe(&id(SLEEPS)).is_some_and(|probe| !probe.runs.is_empty()) {
        notes.push_str(&paragraph("note", ASLEEP));
    }
    table(&head, &rows) + &notes
}

fn unlike_clone(found: Found, set: &str, piece: &Piece) -> bool {
    match found {
        Found::Shared => !shared(set, piece),
        Found::Own => shared(set, piece),
        Found::Unlike(..) => true,
        Found::Made | Found::Unseen => false,
    }
}

fn cell(found: Found, unlike: bool) -> String {
    let mark = if unlike { " (!)" } else { "" };
    let words = found.word() + mark;
    match found {
        Found::Own if !unlike => text("span", "soft", &words),
        Found::Unseen => escape(&words),
        _ => text("b", "", &words),
    }
}

const LEGEND: &str = "shared: what one side changes the other has, or the kernel tells both the \
                      same id; own: each has its own; -: not seen. The memory of a stack is shared \
                      where the creator reads what the actor wrote there.";
const OTHERWISE: &str = "(!) Not what clone(2) says of this set.";
const ASLEEP: &str =
    "With VFORK the creator sleeps while the actor lives, so it can close nothing under its hands.";
