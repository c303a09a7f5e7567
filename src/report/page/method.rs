//! How a claim's cells were measured: the sampling, the two arms, the state of their labs.

use super::{View, heading};
use crate::claim::{ArmEvidence, JudgedClaim, Unit};
use crate::plan;
use crate::record::{Cell, Description, Stop};
use crate::report::html::{arm, escape, paragraph, table, text};
use crate::report::words;

pub(super) fn html(view: &View, judged: &JudgedClaim) -> String {
    let cells = experiments(view, judged);
    if cells.is_empty() {
        return String::new();
    }
    let sampling: Vec<Vec<String>> = cells.iter().map(|cell| sampling(view, cell)).collect();
    let arms: Vec<Vec<String>> = cells.iter().flat_map(|cell| arms(view, cell)).collect();
    let sampled = table(
        &[
            "Experiment",
            "#Launches",
            "#Pairs",
            "#Discarded",
            "#Detectable",
            "#Aim",
            "Stopped because",
        ],
        &sampling,
    );
    let mut inside =
        paragraph("", "Pairs of batches in the order A B B A, each arm in a lab of its own.")
            + &sampled;
    if !arms.is_empty() {
        inside.push_str(&heading("Both arms"));
        let head = [
            "Arm",
            "=Time per operation (95 % interval)",
            "#Unwashed",
            "#Reference cycles (TSC)",
            "#Switches (involuntary)",
        ];
        inside.push_str(&table(&head, &arms));
        inside.push_str(&paragraph("note", &note(view)));
    }
    inside.push_str(&operations(view, &cells));
    format!(
        "<details class=\"method\">\n<summary>How it was measured</summary>\n{inside}</details>\n"
    )
}

/// What one operation of each arm is, and what its time leaves out.
fn operations(view: &View, cells: &[&Cell]) -> String {
    let used: Vec<&str> = cells
        .iter()
        .flat_map(|cell| [&cell.a, &cell.b])
        .map(|arm| arm.primitive.as_str())
        .collect();
    let known = view.record.primitives.iter().filter(|known| used.contains(&known.id.as_str()));
    let row = |known: &Description| {
        [&known.id, &known.op, &known.excluded, &known.source].map(|text| escape(text)).to_vec()
    };
    let rows: Vec<Vec<String>> = known.map(row).collect();
    match rows.is_empty() {
        true => String::new(),
        false => {
            heading("What one operation is")
                + &table(&["Primitive", "One operation", "Not in its time", "Source"], &rows)
        }
    }
}

/// The experiments of a claim, each once, each followed by what stands beside it.
fn experiments<'r>(view: &View<'r>, judged: &JudgedClaim) -> Vec<&'r Cell> {
    let mut found: Vec<&Cell> = Vec::new();
    for cell in &judged.cells {
        for id in [cell.def.id().to_owned(), plan::twin(cell.def.id())] {
            if let Some(cell) = view.record.cell(&id) {
                if !found.iter().any(|known| known.id == cell.id) {
                    found.push(cell);
                }
            }
        }
    }
    found
}

fn sampling(view: &View, cell: &Cell) -> Vec<String> {
    let evidence = view.evidence(&cell.id);
    let text = |words: String| escape(&words);
    let dash = || "-".to_owned();
    vec![
        escape(&cell.id.to_string()),
        evidence.map_or_else(dash, |e| e.launches.to_string()),
        evidence.map_or_else(dash, |e| e.pairs.to_string()),
        evidence.map_or_else(dash, |e| text(words::percent(e.discarded_share()))),
        evidence
            .and_then(|e| e.minimum_detectable)
            .map_or_else(dash, |share| text(words::percent(share))),
        text(format!("±{}", words::percent(cell.precision_aim))),
        text(stopped(&cell.stop)),
    ]
}

fn stopped(stop: &Stop) -> String {
    match stop {
        Stop::Precision => "as precise as aimed at".to_owned(),
        Stop::Planned => "all planned launches done".to_owned(),
        Stop::TimeCap => "time for a cell used up".to_owned(),
        Stop::Failed(failure) => format!("failed: {failure}"),
    }
}

fn arms(view: &View, cell: &Cell) -> Vec<Vec<String>> {
    let Some(evidence) = view.evidence(&cell.id).filter(|e| e.pairs > 0) else { return Vec::new() };
    let sides =
        [&evidence.a, &evidence.b].into_iter().flat_map(|side| [row(view, side), below(side)]);
    std::iter::once(vec![escape(&cell.id.to_string())]).chain(sides).collect()
}

fn row(view: &View, side: &ArmEvidence) -> Vec<String> {
    let dash = || "-".to_owned();
    let number = |value: Option<f64>| value.map_or_else(dash, words::count);
    let time = side.time_ns.map_or_else(dash, |time| Unit::Nanoseconds.format_interval(time));
    let involuntary = side.involuntary_per_op;
    vec![
        arm(view.record, &side.arm),
        escape(&time),
        side.unwashed_ns.map_or_else(dash, words::time),
        number(side.ticks_per_op),
        format!("{} ({})", number(side.switches_per_op), number(involuntary)),
    ]
}

/// The spread of an arm's batches and the state of its lab, in a row of their own below its
/// figures.
fn below(side: &ArmEvidence) -> Vec<String> {
    let spread = side.spread_ns.map(|ns| ns.map(words::time));
    let spread = spread.map(|[least, low, high]| format!("least {least}, 5 % {low}, 95 % {high}"));
    let lab = side.lab.as_ref().map(|lab| format!("lab {}", words::lab(lab)));
    let both: Vec<String> = spread.into_iter().chain(lab).collect();
    vec![String::new(), text("span", "soft", &both.join("; "))]
}

fn note(view: &View) -> String {
    let clock = match words::core_ghz(view.record) {
        Some(ghz) => format!(
            "The core itself ran at {} cycles per nanosecond.",
            crate::claim::significant(ghz)
        ),
        None => "The frequency of the core itself was not measured.".to_owned(),
    };
    format!(
        "On one core under SCHED_OTHER where an arm says nothing else. Per operation; several hold \
         two switches or more. Below each arm: its shortest batch, the edges that leave 5 % of \
         them out on each side, and its lab when ready. Unwashed: the first operation after the \
         other arm's turn, timed apart. Reference cycles are those of the counter that the \
         architecture reads (TSC on x86, cntvct on ARM, time on RISC-V), not of the core. {clock} \
         Detectable: the smallest difference that this many pairs show with a power of 80 %."
    )
}
