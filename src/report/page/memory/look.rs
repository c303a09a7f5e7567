//! How units are named and told apart, the same in the chart and in every table.

use crate::claim::memory::{Part, UnitMemory};
use crate::plan::memory::keepings;
use crate::record::Parent;
use crate::report::html::text;
use crate::report::words;

/// A unit for people.
pub(super) fn name(unit: &UnitMemory) -> String {
    named(&unit.kind, &unit.parent)
}

/// A footprint of the plan for people, by its id; an unknown one as it is.
pub(super) fn footprint(id: &str) -> String {
    let known = keepings().into_iter().find(|keeping| keeping.id == id);
    known.map_or(id.to_owned(), |keeping| named(keeping.kind, &keeping.parent))
}

fn named(kind: &str, parent: &Parent) -> String {
    let kind = match kind {
        "thread" => "thread, default stack",
        "thread-64KiB" => "thread, 64 KiB stack",
        "thread-huge" => "thread, stack in huge pages",
        "vm-process" => "process with CLONE_VM",
        "fork" => "forked process",
        "exec-dynamic" => "process after exec, dynamic",
        "connection" => "TCP connection, both ends",
        "drill-thread" => "the drill's threads",
        "drill-process" => "the drill's processes",
        other => other,
    };
    match words::held(parent) {
        held if held.is_empty() => kind.to_owned(),
        held => format!("{kind}, {held} parent"),
    }
}

/// The class that gives the hue of what it is.
pub(super) fn hue(unit: &UnitMemory) -> &'static str {
    match unit.kind.as_str() {
        "vm-process" => "vm-process",
        "fork" | "exec-dynamic" => "process",
        kind if kind.starts_with("thread") => "thread",
        _ => "alone",
    }
}

/// The name in that hue.
pub(super) fn coloured(unit: &UnitMemory) -> String {
    text("span", hue(unit), &name(unit))
}

/// A part for people.
pub(super) fn part(part: Part) -> &'static str {
    match part {
        Part::KernelStack => "kernel stack",
        Part::PageTables => "page tables",
        Part::Slab => "slab",
        Part::Anonymous => "stacks and private pages",
        Part::Sockets => "sockets",
        Part::Other => "other",
    }
}
