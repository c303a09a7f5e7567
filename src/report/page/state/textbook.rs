//! The textbook's table beside the observed one, and what explains where they differ.

use super::look::{Found, piece};
use crate::question::isolation::pieces::{PROCESS, THREAD};
use crate::question::isolation::plan::state as id;
use crate::record::{Id, Record};
use crate::report::html::{escape, paragraph, table, text};

/// The probe of what the C library makes of credentials.
const LIBRARY: &str = "credentials";

/// A row of the table: for the textbook, of threads and of processes, what it says and whether that
/// is shared.
struct Row {
    state: &'static str,
    piece: &'static str,
    thread: Option<(&'static str, Found)>,
    process: Option<(&'static str, Found)>,
}

const YES: Option<(&str, Found)> = Some(("yes", Found::Shared));
const NO: Option<(&str, Found)> = Some(("no", Found::Own));
const DIFFERENT: Option<(&str, Found)> = Some(("different", Found::Own));

const ROWS: [Row; 16] = [
    row("Address space (code, heap, globals)", "memory", YES, NO),
    row("Stack", MADE, Some(("no, each has its own", Found::Own)), NO),
    row("Descriptors", "descriptors", YES, Some(("no, but copied at fork", Found::Own))),
    row("Signal handlers", "handlers", YES, NO),
    row("Signal mask", "mask", Some(("no, one per thread", Found::Own)), NO),
    row("Current directory", "folder", YES, NO),
    row("umask", "umask", YES, NO),
    row("PID", "pid", Some(("same", Found::Shared)), DIFFERENT),
    row("TID", "tid", DIFFERENT, DIFFERENT),
    row("Registers (PC, SP)", MADE, DIFFERENT, DIFFERENT),
    row("Credentials, by the system call", "user by system call", USUALLY, NO),
    row("Credentials, through the C library", BY_LIBRARY, USUALLY, None),
    row("Credentials: the flag PR_SET_KEEPCAPS", "kept capabilities", None, None),
    row("Resource limits", "limits", None, None),
    row("Nice value", "nice", None, None),
    row("Name of the task", "name", None, None),
];

const USUALLY: Option<(&str, Found)> = Some(("usually shared", Found::Shared));
const BY_LIBRARY: &str = "credentials through the C library";
/// In place of a piece: what every actor has of its own by the way in which it is started.
const MADE: &str = "";

const fn row(
    state: &'static str,
    piece: &'static str,
    thread: Option<(&'static str, Found)>,
    process: Option<(&'static str, Found)>,
) -> Row {
    Row { state, piece, thread, process }
}

/// Notes to what was seen of threads: the piece, what was seen of it, and the words.
const NOTES: [(&str, Found, &str); 4] = [
    (
        "user by system call",
        Found::Own,
        "Credentials: in the kernel they belong to a task, and the system call changes those of \
         the caller alone. That a program is one user is the C library's work: its setuid, \
         setresuid and their kin have every thread make the call (nptl(7)).",
    ),
    (
        "limits",
        Found::Shared,
        "Resource limits are not in the textbook's table: they belong to the process, and a thread \
         that changes one changes it for all.",
    ),
    (
        "nice",
        Found::Own,
        "The nice value is not in the textbook's table: POSIX has one for the process, Linux one \
         for each thread (setpriority(2)).",
    ),
    (
        "name",
        Found::Own,
        "The name is not in the textbook's table: each thread has its own (prctl(2), PR_SET_NAME), \
         beside an alternate signal stack and a list of robust mutexes.",
    ),
];

pub(super) fn html(record: &Record) -> String {
    let [thread, process] = [THREAD, PROCESS].map(id);
    if [&thread, &process].iter().all(|id| record.probe(id).is_none()) {
        return String::new();
    }
    let of_thread = |what: &str| match what {
        BY_LIBRARY => piece(record, &id(LIBRARY), what),
        _ => of_actor(record, &thread, what),
    };
    let rows = ROWS.iter().map(|row| {
        vec![
            escape(row.state),
            escape(row.thread.map_or("-", |(said, _)| said)),
            observed(of_thread(row.piece), row.thread),
            escape(row.process.map_or("-", |(said, _)| said)),
            observed(of_actor(record, &process, row.piece), row.process),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let head =
        ["State", "Threads, textbook", "Threads, here", "Processes, textbook", "Processes, here"];
    let notes = NOTES.iter().filter(|(what, found, _)| of_thread(what) == *found);
    let notes: String = notes.map(|(_, _, words)| paragraph("note", words)).collect();
    table(&head, &rows) + &notes + &unchanged(record, &thread)
}

/// What was found of an actor.
fn of_actor(record: &Record, id: &Id, what: &str) -> Found {
    match what {
        MADE if record.probe(id).is_some_and(|probe| !probe.runs.is_empty()) => Found::Made,
        _ => piece(record, id, what),
    }
}

/// What was seen, marked where the textbook says otherwise.
fn observed(found: Found, said: Option<(&str, Found)>) -> String {
    let otherwise = matches!(found, Found::Shared | Found::Own)
        && said.is_some_and(|(_, expected)| expected != found);
    match otherwise {
        true => format!("{} {}", text("b", "", &found.word()), escape("(the textbook differs)")),
        false => escape(&found.word()),
    }
}

/// What the threads of the runs that were made could not change.
fn unchanged(record: &Record, thread: &Id) -> String {
    let made = record.probe(thread).is_some_and(|probe| !probe.runs.is_empty());
    let of_thread = |row: &&Row| row.piece != BY_LIBRARY;
    let unseen = |row: &&Row| of_actor(record, thread, row.piece) == Found::Unseen;
    let unseen: Vec<&str> =
        ROWS.iter().filter(of_thread).filter(unseen).map(|row| row.state).collect();
    match made && !unseen.is_empty() {
        true => {
            let words = format!("{UNCHANGED} {}.", unseen.join(", "));
            paragraph("note", &words)
        }
        false => String::new(),
    }
}

const UNCHANGED: &str = "Not seen, because this user could not change it (only who may be another \
                         user can set the user, and a nice value may be at its end):";
