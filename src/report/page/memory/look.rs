//! How units are named and told apart, the same in the chart and in every table.

use crate::claim::Unit;
use crate::question::memory::evidence::{Part, UnitMemory};
use crate::question::memory::plan::keepings;
use crate::record::{Id, Parent};
use crate::report::html::{escape, text};
use crate::report::words;
use crate::stats::Interval;

/// A unit for people.
pub(super) fn name(unit: &UnitMemory) -> String {
    named(&unit.kind, &unit.parent)
}

/// A footprint of the plan for people, by its id; an unknown one as it is.
pub(super) fn footprint(id: &Id) -> String {
    let known = keepings().into_iter().find(|keeping| keeping.id == *id);
    known.map_or(id.to_string(), |keeping| named(keeping.kind, &keeping.parent))
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

/// A figure of bytes with its interval, unless all launches agree to the byte.
pub(super) fn bytes(figure: Interval) -> String {
    exact(figure).unwrap_or_else(|| Unit::Bytes.format_interval(figure))
}

/// The same as HTML, the interval below the figure: where there are many columns.
pub(super) fn narrow(figure: Interval) -> String {
    let whole = Unit::Bytes.format_interval(figure);
    match (exact(figure), whole.split_once(" [")) {
        (None, Some((at, interval))) => {
            format!("{} {}", escape(at), text("span", "below", &format!("[{interval}")))
        }
        (exact, _) => escape(&exact.unwrap_or(whole)),
    }
}

fn exact(figure: Interval) -> Option<String> {
    (figure.low == figure.high).then(|| Unit::Bytes.format(figure.estimate))
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
