//! Tables of crashes, of the memory of others, and of what is shared.

use crate::claim::{CellVerdict, JudgedCell};
use crate::report::face::{Part, View};
use crate::report::table::Table;

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    let crashes = crashes(view).map(Part::Open);
    let reading = reading(view).map(|table| Part::Table("Reading another process's memory", table));
    let state = state(view).map(|table| Part::Table("What each clone flag shares", table));
    [crashes, reading, state].into_iter().flatten().collect()
}

/// The cell of a claim with this title, if it was tried.
fn tried<'r>(view: View<'r>, claim: &str, title: &str) -> Option<&'r JudgedCell> {
    let cells = view.judged.cells(claim).iter();
    cells.filter(|cell| cell.verdict != CellVerdict::NotRun).find(|cell| cell.def.title == title)
}

/// What a crash takes: of threads, and of processes.
fn crashes(view: View) -> Option<Table> {
    const FAULTS: [(&str, &str); 7] = [
        ("segmentation fault", "segmentation fault"),
        ("abort", "abort()"),
        ("stack overflow", "stack overflow"),
        ("panic that unwinds", "Rust panic, unwinding"),
        ("panic that aborts", "Rust panic, panic=abort"),
        ("exit", "exit_group()"),
        ("out of memory", "out of memory in a control group"),
    ];
    let said = |who: &str, fault: &str| {
        let Some(cell) = tried(view, "D1", &format!("{who}: {fault}")) else {
            return "not run".to_owned();
        };
        match (who, cell.verdict) {
            ("a thread", CellVerdict::Holds) => "all four ended".to_owned(),
            ("a thread", CellVerdict::Fails) => "three survived".to_owned(),
            (_, CellVerdict::Holds) => "three survived".to_owned(),
            (_, CellVerdict::Fails) => "others ended too".to_owned(),
            _ => format!("{}: {}", cell.verdict, cell.reason),
        }
    };
    let any = view.judged.cells("D1").iter().any(|cell| cell.verdict != CellVerdict::NotRun);
    let row = |(fault, name): (&str, &str)| {
        vec![name.to_owned(), said("a thread", fault), said("a process", fault)]
    };
    any.then(|| Table {
        caption: "One of four workers crashes".to_owned(),
        head: ["Fault", "Threads", "Processes"].map(str::to_owned).into(),
        rows: FAULTS.map(row).into(),
    })
}

fn reading(view: View) -> Option<Table> {
    answers(view, "D2", "Whether one process can touch another's memory", |_| true)
}

fn state(view: View) -> Option<Table> {
    answers(view, "F1", "What threads and processes share, and what clone flags choose", |_| true)
}

/// The answers of a claim, one a row.
fn answers(
    view: View,
    claim: &str,
    caption: &str,
    wanted: impl Fn(&JudgedCell) -> bool,
) -> Option<Table> {
    let cells = view.judged.cells(claim).iter();
    let tried = cells.filter(|cell| cell.verdict != CellVerdict::NotRun && wanted(cell));
    let row = |cell: &JudgedCell| {
        let as_claimed = match cell.verdict {
            CellVerdict::Holds => "as claimed",
            CellVerdict::Fails => "otherwise",
            _ => "undecided",
        };
        vec![cell.title.clone(), as_claimed.to_owned(), cell.reason.clone()]
    };
    let rows: Vec<Vec<String>> = tried.map(row).collect();
    (!rows.is_empty()).then(|| Table {
        caption: caption.to_owned(),
        head: ["Tried", "Found", "Runs"].map(str::to_owned).into(),
        rows,
    })
}
