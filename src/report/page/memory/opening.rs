//! The answer in plain words: what a thread and a process keep, and what many threads meet first.

use super::{View, look};
use crate::claim::{Unit, stated};
use crate::question::memory::evidence::{Bounds, FORK, Memory, THREAD, UnitMemory};
use crate::question::memory::plan::{forks_of_big, keepings, units};
use crate::report::html::paragraph;

pub(super) fn html(view: &View) -> String {
    let memory = &view.memory;
    let sentences = [
        memory.unit(&units(THREAD)).map(thread),
        memory.unit(&units(FORK)).map(process),
        memory.unit(&forks_of_big()).map(heavy),
        missing(memory),
        limits(&memory.bounds),
    ];
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    match sentences.is_empty() {
        true => String::new(),
        false => paragraph("lead", &stated(&sentences.join(" "), view.record)),
    }
}

/// A figure that no line breaks.
fn bytes(value: f64) -> String {
    Unit::Bytes.format(value).replace(' ', "\u{a0}")
}

fn thread(unit: &UnitMemory) -> String {
    let (total, space) = (bytes(unit.total_bytes.estimate), bytes(unit.virtual_bytes.estimate));
    match unit.space_over_memory() {
        Some(ratio) => {
            let share = ratio.estimate;
            let of = match share >= 1.5 {
                true => format!("1/{share:.0} of the {space} of address space that it takes"),
                false => format!("of {space} of address space that it takes"),
            };
            format!("An idle thread keeps {total} of memory here, the kernel's included: {of}.")
        }
        None => format!("An idle thread keeps {total} of memory here, the kernel's included."),
    }
}

fn process(unit: &UnitMemory) -> String {
    format!("A process forked by a small parent keeps {}.", bytes(unit.total_bytes.estimate))
}

fn heavy(unit: &UnitMemory) -> String {
    let (total, parent) = (bytes(unit.total_bytes.estimate), unit.parent.mebibytes());
    format!(
        "One forked by a parent of {parent}\u{a0}MiB keeps {total}, though it writes none of it."
    )
}

/// What of a thread and a process is not known.
fn missing(memory: &Memory) -> Option<String> {
    let wanted = [THREAD, FORK].map(units);
    let names = keepings().into_iter().filter(|keeping| wanted.contains(&keeping.id));
    let names: Vec<String> = names
        .filter(|keeping| memory.unit(&keeping.id).is_none())
        .map(|keeping| look::footprint(&keeping.id))
        .collect();
    (!names.is_empty()).then(|| format!("Not measured: what is kept by: {}.", names.join("; ")))
}

/// What more and more threads and processes meet first.
fn limits(bounds: &[Bounds]) -> Option<String> {
    let first = |bounds: &Bounds| {
        let words = bounds.first_in_words()?;
        Some(format!("What more and more {} would meet first is {words}.", bounds.units))
    };
    let all: Vec<String> = bounds.iter().filter_map(first).collect();
    (!all.is_empty()).then(|| all.join(" "))
}
