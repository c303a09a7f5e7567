//! One more address space: what it does to the time of a switch, and why.

use super::{View, opening};
use crate::claim::Unit;
use crate::question::tlb::evidence::Step;
use crate::report::html::{escape, paragraph, table, text};
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let steps = &view.translation.steps;
    if steps.is_empty() {
        return String::new();
    }
    let head = [
        "Address spaces",
        "=Processes (95 % interval)",
        "=Threads",
        "=CLONE_VM processes",
        "=Excess",
        "Cliff, and its cause",
    ];
    let rows: Vec<Vec<String>> = steps.iter().map(row).collect();
    let note = "Time per switch with one actor more over the time before, each ring with itself. \
                Excess: the step of processes over the bigger one of the two others, which share \
                an address space; a cliff is an excess that is certainly more than 2 %. The cause \
                is read off the two other kinds of evidence at the same step.";
    table(&head, &rows) + &paragraph("note", note)
}

fn row(step: &Step) -> Vec<String> {
    let times = |figure: Option<Interval>| {
        escape(&figure.map_or("-".to_owned(), |figure| Unit::Times.format_interval(figure)))
    };
    let cliff = match (step.cliff, step.excess) {
        (true, _) => {
            format!("{}: {}", text("b", "", "cliff"), escape(opening::cause(step.cause)))
        }
        (false, Some(_)) => "no cliff".to_owned(),
        (false, None) => "not measured against threads".to_owned(),
    };
    vec![
        format!("{} to {}", step.from, step.from + 1),
        times(step.process),
        times(step.thread),
        times(step.vm_process),
        times(step.excess),
        cliff,
    ]
}
