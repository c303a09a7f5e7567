//! How what is created is named and told apart, the same in every chart and table.

use crate::record::{Actor, Record};
use crate::report::html::{hue, text};
use crate::report::plot::{Line, Look, Shape};
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
pub(super) fn flat(actor: Actor) -> Look {
    let (shape, line) = match actor {
        Actor::VmProcess => (Shape::Diamond, Line::Dashed),
        Actor::Process => (Shape::Triangle, Line::Dotted),
        _ => (Shape::Square, Line::Dotted),
    };
    Look { hue: hue(actor), shape, line, filled: false }
}

/// A mark of a row, which takes the hue of the row.
pub(super) fn row(shape: Shape, filled: bool) -> Look {
    Look { hue: "alone", shape, line: Line::None, filled }
}

/// The name of a primitive for people.
pub(super) fn name<'r>(record: &'r Record, primitive: &'r str) -> &'r str {
    record.primitive(primitive).map_or(primitive, |known| &known.name)
}

/// A name in the hue of its actor.
pub(super) fn coloured(record: &Record, primitive: &str, name: &str) -> String {
    text("span", hue(record.actor(primitive)), name)
}

/// A figure in nanoseconds with its interval, or a dash.
pub(super) fn time(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ns| crate::claim::Unit::Nanoseconds.format_interval(ns))
}

/// A ratio with its interval, or a dash.
pub(super) fn times(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ratio| crate::claim::Unit::Times.format_interval(ratio))
}
