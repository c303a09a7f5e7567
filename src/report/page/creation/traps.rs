//! What trapped CPUIDs take of an exec under a hypervisor.

use super::{View, look};
use crate::claim::{Unit, significant};
use crate::question::creation::evidence::Trap;
use crate::report::html::{escape, paragraph, table, text};
use crate::report::words;

pub(super) fn html(view: &View) -> String {
    let traps = &view.creation.traps;
    if traps.is_empty() {
        return String::new();
    }
    let head = [
        "Program",
        "#CPUIDs",
        "#Each",
        "=Created to reaped (95 % interval)",
        "=Share of it",
        "=Without them",
        "",
    ];
    let rows: Vec<Vec<String>> = traps.iter().map(|trap| row(view, trap)).collect();
    paragraph("", WORDS) + &table(&head, &rows)
}

const WORDS: &str = "A program that starts with the C library asks the processor what it can do, \
                     by CPUID. Under a hypervisor each CPUID leaves the guest and costs \
                     microseconds instead of some nanoseconds; the kernel's work is the same. \
                     Their number was counted by single steps, the cost of one timed.";

/// A whole number where it is one: a median of several counts may lie between two.
fn counted(count: f64) -> String {
    if count.fract() == 0.0 { count.to_string() } else { significant(count) }
}

fn row(view: &View, trap: &Trap) -> Vec<String> {
    let evidence = view.evidence(&trap.experiment);
    let program = match evidence.map(|evidence| &evidence.b.arm) {
        Some(arm) => {
            let mut name = vec![look::name(view.record, &arm.primitive).to_owned()];
            name.extend(words::conditions(arm));
            look::coloured(view.record, &arm.primitive, &name.join(", "))
        }
        None => escape(&trap.experiment.to_string()),
    };
    let percent = |share: crate::stats::Interval| {
        let [at, low, high] = [share.estimate, share.low, share.high].map(|s| s * 100.0);
        let [low, high] = [low, high].map(significant);
        format!("{}\u{a0}% [{low}, {high}]", significant(at))
    };
    let inflated = match trap.inflated {
        true => text("b", "", "inflated by virtualisation"),
        false => "not certainly more than 30\u{a0}%".to_owned(),
    };
    vec![
        program,
        escape(&counted(trap.count)),
        escape(&words::time(trap.cost_ns)),
        escape(&look::time(evidence.and_then(|evidence| evidence.b.time_ns))),
        escape(&percent(trap.share)),
        escape(&Unit::Nanoseconds.format_interval(trap.residual_ns)),
        inflated,
    ]
}
