//! What a crash takes.

use crate::claim::{CellVerdict, JudgedCell};
use crate::report::face::{Part, View};
use crate::report::table::Table;

pub(in crate::question) fn parts(view: View) -> Vec<Part> {
    crashes(view).map(Part::Open).into_iter().collect()
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
            ("a thread", CellVerdict::Fails) => "others survived".to_owned(),
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
