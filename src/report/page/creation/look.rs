//! How what is created is named and told apart, the same in every chart and table.

use crate::plan::creation::WAYS;
use crate::report::html::{hue, text};
use crate::report::plot::{Line, Look, Shape};
use crate::report::words;
use crate::stats::Interval;

/// A fork of a parent in base pages, or with whatever else it holds.
pub(super) const FORK: Look =
    Look { hue: "process", shape: Shape::Circle, line: Line::Solid, filled: true };

/// A fork of a parent in huge pages.
pub(super) const HUGE: Look =
    Look { hue: "process", shape: Shape::Square, line: Line::Dashed, filled: false };

/// A thread, or a pool of them.
pub(super) const THREAD: Look =
    Look { hue: "thread", shape: Shape::Square, line: Line::Solid, filled: true };

/// What tells a way that should not care from the others.
pub(super) fn flat(primitive: &str) -> Look {
    let (shape, line) = match words::actor(primitive) {
        crate::record::Actor::VmProcess => (Shape::Diamond, Line::Dashed),
        crate::record::Actor::Process => (Shape::Triangle, Line::Dotted),
        _ => (Shape::Square, Line::Dotted),
    };
    Look { hue: hue(words::actor(primitive)), shape, line, filled: false }
}

/// A mark of a row, which takes the hue of the row.
pub(super) fn row(shape: Shape, filled: bool) -> Look {
    Look { hue: "alone", shape, line: Line::None, filled }
}

/// The name of a primitive for people.
pub(super) fn name(primitive: &str) -> &str {
    let known = WAYS.iter().find(|(id, _)| *id == primitive).map(|(_, name)| *name);
    known.unwrap_or(match primitive {
        "futex/thread" => "round trip by futex to a thread",
        "futex/process" => "round trip by futex to a process",
        "pipe/thread" => "round trip by pipe to a thread",
        "pipe/process" => "round trip by pipe to a process",
        _ => primitive,
    })
}

/// A name in the hue of its actor.
pub(super) fn coloured(primitive: &str, name: &str) -> String {
    text("span", hue(words::actor(primitive)), name)
}

/// A figure in nanoseconds with its interval, or a dash.
pub(super) fn time(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ns| crate::claim::Unit::Nanoseconds.format_interval(ns))
}

/// A ratio with its interval, or a dash.
pub(super) fn times(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ratio| crate::claim::Unit::Times.format_interval(ratio))
}
