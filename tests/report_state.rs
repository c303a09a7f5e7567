//! What a person sees of shared state and of signals.

mod fixture;

use fixture::state::{RUNS, fail, probe_mut, see};
use process_vs_thread::claim::{CellVerdict, ClaimVerdict, JudgedClaim};
use process_vs_thread::question::creation::plan::FLAG_SETS;
use process_vs_thread::question::isolation::pieces::PIECES;
use process_vs_thread::question::judge;
use process_vs_thread::record::{Failure, Record};
use std::fs;
use std::path::PathBuf;

/// The page's section on state.
fn section(record: &Record) -> String {
    let page = fixture::report::page(record);
    let (_, rest) = page.split_once("<section id=\"state\">").expect("a section on state");
    rest.split_once("</section>").expect("its end").0.to_owned()
}

/// A part of the section, from its heading to the next.
fn part(record: &Record, heading: &str) -> String {
    let section = section(record);
    let (_, rest) = section.split_once(&format!("<h3>{heading}</h3>")).expect(heading);
    rest.split("<h3>").next().unwrap().to_owned()
}

const TABLE: &str = "The textbook&#39;s table, and what was seen here";
const SETS: &str = "From thread to process, piece by piece";
const QUESTIONS: &str = "The text&#39;s questions";
const SIGNALS: &str = "Who handles a signal";

fn said(html: &str, words: &[&str]) {
    words.iter().for_each(|words| assert!(html.contains(words), "{words}\n{html}"));
}

fn unsaid(html: &str, words: &[&str]) {
    words.iter().for_each(|words| assert!(!html.contains(words), "{words}\n{html}"));
}

/// The cells of a table's row, without tags.
fn row(html: &str, name: &str) -> Vec<String> {
    let (_, rest) = html.split_once(&format!("<tr><th>{name}</th>")).expect(name);
    let row = rest.split("</tr>").next().unwrap();
    let plain = |cell: &str| -> String {
        let mut depth = 0;
        let outside = |c: &char| {
            match c {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => return depth == 0,
            }
            false
        };
        cell.chars().filter(outside).collect()
    };
    row.split("</td>").map(plain).filter(|cell| !cell.is_empty()).collect()
}

fn claim(record: &Record, id: &str) -> JudgedClaim {
    judge(record).claims.into_iter().find(|judged| judged.claim.id == id).unwrap()
}

#[test]
fn the_textbook_stands_beside_what_was_seen() {
    let record = fixture::state();
    let seen = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("state.html");
    fs::write(seen, fixture::report::page(&record)).expect("a page to look at");
    let table = part(&record, TABLE);
    assert_eq!(row(&table, "Signal handlers"), ["yes", "shared", "no", "own"]);
    assert_eq!(row(&table, "PID"), ["same", "shared", "different", "own"]);
    assert_eq!(row(&table, "Descriptors"), ["yes", "shared", "no, but copied at fork", "own"]);
    let by_call = ["usually shared", "own (the textbook differs)", "no", "own"];
    assert_eq!(row(&table, "Credentials, by the system call"), by_call);
    assert_eq!(row(&table, "Stack")[1], "own by construction");
    assert_eq!(row(&table, "Registers (PC, SP)")[3], "own by construction");
    let by_library = ["usually shared", "shared", "-", "-"];
    assert_eq!(row(&table, "Credentials, through the C library"), by_library);
    assert_eq!(row(&table, "Resource limits"), ["-", "shared", "-", "own"]);
    assert_eq!(table.matches("the textbook differs").count(), 1);
    assert_eq!(table.matches("class=\"note\"").count(), 4, "a note for each known difference");
}

#[test]
fn a_note_is_there_only_where_its_difference_was_seen() {
    let mut record = fixture::state();
    let thread = probe_mut(&mut record, "state/thread");
    see(thread, RUNS, "user by system call", 1.0);
    see(thread, RUNS, "limits", 0.0);
    let table = part(&record, TABLE);
    unsaid(&table, &["the textbook differs", "nptl(7)", "Resource limits are not", "Not seen"]);
    said(&table, &["setpriority(2)", "PR_SET_NAME"]);
    let thread = probe_mut(&mut record, "state/thread");
    see(thread, RUNS, "handlers", 0.0);
    thread.runs.iter_mut().for_each(|run| run.seen.retain(|seen| seen.what != "nice"));
    said(&part(&record, TABLE), &["may be at its end): Nice value.</p>"]);
    assert_eq!(row(&part(&record, TABLE), "Signal handlers")[1], "own (the textbook differs)");
}

#[test]
fn every_set_has_a_column_and_every_piece_a_row() {
    let record = fixture::state();
    let sets = part(&record, SETS);
    FLAG_SETS.iter().for_each(|(_, flags)| said(&sets, &[&format!(">{flags}</th>")]));
    for piece in &PIECES {
        assert_eq!(row(&sets, piece.name).len(), FLAG_SETS.len(), "{}", piece.name);
    }
    let shared = |name| row(&sets, name).iter().filter(|cell| *cell == "shared").count();
    assert_eq!(
        [shared("memory"), shared("descriptors"), shared("folder"), shared("pid")],
        [5, 5, 3, 1]
    );
    assert_eq!(row(&sets, "descriptors closed by the creator")[4], "-", "asleep under VFORK");
    said(&sets, &["With VFORK the creator sleeps"]);
    unsaid(&sets, &["(!)"]);
}

#[test]
fn what_clone_does_not_say_is_marked() {
    let mut record = fixture::state();
    see(probe_mut(&mut record, "state/files"), RUNS, "umask", 1.0);
    see(probe_mut(&mut record, "state/vm"), 2, "memory", 0.0);
    let sets = part(&record, SETS);
    assert_eq!(row(&sets, "umask")[6], "shared (!)");
    assert_eq!(row(&sets, "memory")[3], "runs disagree: shared in 3 of 5 (!)");
    said(&sets, &["(!) Not what clone(2) says of this set."]);
}

#[test]
fn questions_are_answered_by_what_was_seen() {
    let mut record = fixture::state();
    said(
        &part(&record, QUESTIONS),
        &[
            "Why must each thread have its own stack?",
            "own by place, not by protection",
            "of 100 signals to the process, the two threads that let them in handled 97 and 3, the \
             main thread, which blocked them, 0; of 25 to each of four threads they handled 25, \
             25, 25, 25.",
            "the number was closed on its side",
        ],
    );
    let number = "that number is open for the creator";
    see(probe_mut(&mut record, "state/vm-without-files"), RUNS, number, 1.0);
    record.probes.retain(|probe| !probe.id.to_string().starts_with("probe/signal/"));
    let questions = part(&record, QUESTIONS);
    said(&questions, &["Here it was not found so"]);
    unsaid(&questions, &["Why does kill"]);
}

#[test]
fn a_probe_says_what_it_saw_and_why_it_saw_nothing() {
    let mut record = fixture::state();
    let whole = section(&record);
    said(&whole, &["<b>so it is</b>, in 5 runs", "forbids\u{a0}new\u{a0}namespaces):\u{a0}EPERM"]);
    assert_eq!(
        whole.matches("as\u{a0}in\u{a0}the\u{a0}tables\u{a0}above").count(),
        FLAG_SETS.len()
    );
    for run in &mut probe_mut(&mut record, "signal/fatal").runs[..2] {
        run.holds = false;
    }
    see(probe_mut(&mut record, "signal/process"), 1, "thread 1, open to it", 90.0);
    let refused = Failure::new("changing the <user>", "EPERM").remedy("run as root");
    fail(probe_mut(&mut record, "state/credentials"), refused);
    said(
        &part(&record, SIGNALS),
        &["<b>runs disagree</b>: so in 3 of 5", "90\u{a0}signals\u{a0}to\u{a0}97\u{a0}signals"],
    );
    let section = section(&record);
    said(&section, &["<b>not seen</b>", "changing the &lt;user&gt;: EPERM (run as root)</li>"]);
    let by_library = row(&section, "Credentials, through the C library");
    assert_eq!(by_library[1], "-");
}

#[test]
fn a_run_without_these_probes_has_no_such_section() {
    assert!(!fixture::report::page(&fixture::empty(false)).contains("<section id=\"state\">"));
}

#[test]
fn the_table_is_confirmed_but_for_the_user_that_the_system_call_sets() {
    let record = fixture::state();
    let f1 = claim(&record, "F1");
    assert_eq!(f1.verdict, ClaimVerdict::Conditional);
    assert_eq!(
        f1.reason,
        "holds for threads, processes and sets of clone flags throughout; holds for the user of \
         threads, set through the C library, VM without FILES and sets that clone refuses; fails \
         for the user of threads, set by the system call"
    );
    let failing: Vec<&str> = f1
        .cells
        .iter()
        .filter(|cell| cell.verdict == CellVerdict::Fails)
        .map(|cell| cell.def.title)
        .collect();
    assert_eq!(failing, ["thread: user set by the system call"]);
    let f2 = claim(&record, "F2");
    assert_eq!(
        (f2.verdict, f2.reason.as_str()),
        (ClaimVerdict::Confirmed, "observed in 5 of 5 runs")
    );
}

#[test]
fn the_terminal_counts_answers() {
    let mut record = fixture::state();
    said(&fixture::report::table(&record, 100, false), &["threads: 8 of 8 answers hold"]);
    see(probe_mut(&mut record, "state/thread"), RUNS, "handlers", 0.0);
    let table = fixture::report::table(&record, 100, false);
    said(&table, &["threads: 7 of 8 answers hold", "fails for threads at signal handlers"]);
}

#[test]
fn what_was_refused_leaves_its_cell_with_the_reason() {
    let mut record = fixture::state();
    let refused = Failure::new("changing the user", "EPERM").remedy("run as root");
    fail(probe_mut(&mut record, "state/credentials"), refused);
    let f1 = claim(&record, "F1");
    let cell = f1
        .cells
        .iter()
        .find(|cell| cell.def.id().to_string() == "probe/state/credentials")
        .unwrap();
    assert_eq!(cell.verdict, CellVerdict::NotMeasurable);
    assert_eq!(cell.reason, "changing the user: EPERM (run as root)");
    assert!(f1.reason.ends_with("; 1 of 29 cells undecided"), "{}", f1.reason);
}

/// An ordinary user changes a flag of its credentials, not who it is: that decides nothing about
/// the user.
#[test]
fn a_user_that_could_not_be_changed_leaves_its_cells_undecided() {
    let mut record = fixture::state();
    for id in ["state/thread", "state/none"] {
        let probe = probe_mut(&mut record, id);
        let kept = |seen: &process_vs_thread::record::Seen| seen.what != "user by system call";
        probe.runs.iter_mut().for_each(|run| run.seen.retain(kept));
    }
    let cells = claim(&record, "F1").cells;
    for title in ["thread: user set by the system call", "process: user"] {
        let cell = cells.iter().find(|cell| cell.def.title == title).unwrap();
        assert_eq!(cell.verdict, CellVerdict::Inconclusive, "{title}");
        assert!(cell.reason.contains("what this user may not change"), "{}", cell.reason);
    }
    let table = part(&record, TABLE);
    assert_eq!(row(&table, "Credentials, by the system call"), ["usually shared", "-", "no", "-"]);
    assert_eq!(row(&table, "Credentials: the flag PR_SET_KEEPCAPS")[1], "own");
    said(&table, &["may be at its end): Credentials, by the system call.</p>"]);
    unsaid(&table, &["nptl(7)"]);
}
