//! How shapes of servers are named and told apart, the same in every chart and table.

use crate::claim::Unit;
use crate::question::servers::evidence::Unread;
use crate::record::Shape;
use crate::report::html::{escape, hue as hue_of, text};
use crate::report::plot::{Line, Look, Shape as Mark};
use crate::report::words;
use crate::stats::Interval;

/// A shape for people, as a label.
pub(super) fn name(shape: Shape) -> &'static str {
    words::server(shape)
}

/// The same within a sentence.
pub(super) fn with(shape: Shape) -> &'static str {
    match shape {
        Shape::Prefork => "prefork processes",
        Shape::ThreadPool => "a thread pool",
        Shape::ThreadPerConnection => "a thread per connection",
        Shape::Epoll => "one event loop",
        Shape::EpollPerCore => "an event loop per CPU",
    }
}

/// The name in the hue of the actors that serve.
pub(super) fn coloured(shape: Shape) -> String {
    text("span", hue(shape), name(shape))
}

/// The class that gives the hue: that of processes, of threads, and for event loops none.
pub(super) fn hue(shape: Shape) -> &'static str {
    hue_of(words::serves(shape))
}

/// What tells a shape from the others.
pub(super) fn of(shape: Shape) -> Look {
    let (mark, line) = match shape {
        Shape::Prefork => (Mark::Circle, Line::Solid),
        Shape::ThreadPool => (Mark::Square, Line::Solid),
        Shape::ThreadPerConnection => (Mark::Triangle, Line::Dashed),
        Shape::Epoll => (Mark::Diamond, Line::Solid),
        Shape::EpollPerCore => (Mark::Circle, Line::Dotted),
    };
    Look { hue: hue(shape), shape: mark, line, filled: true }
}

/// A figure with its interval below it, or a dash: where there are many columns.
pub(super) fn narrow(unit: Unit, figure: Option<Interval>) -> String {
    let Some(figure) = figure else { return "-".to_owned() };
    let whole = unit.format_interval(figure);
    match whole.split_once(" [") {
        Some((at, interval)) => {
            format!("{} {}", escape(at), text("span", "below", &format!("[{interval}")))
        }
        None => escape(&whole),
    }
}

/// A latency like that, or in a word why it is not known.
pub(super) fn latency(latency: Result<Interval, Unread>) -> String {
    match latency {
        Ok(ns) => narrow(Unit::Nanoseconds, Some(ns)),
        Err(why) => escape(&why.to_string()),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Numbers of connections: `1 connection`, `4 and 32 connections`.
pub(super) fn connections(numbers: &[u32]) -> String {
    let names: Vec<String> = numbers.iter().map(u32::to_string).collect();
    let noun = if numbers == [1] { "connection" } else { "connections" };
    format!("{} {noun}", listed(&names))
}

/// The shapes of this list that are not among those found, as a sentence; nothing where all are.
pub(super) fn untried(found: &[Shape]) -> Option<String> {
    let missing = Shape::ALL.into_iter().filter(|shape| !found.contains(shape));
    let names: Vec<String> = missing.map(|shape| with(shape).to_owned()).collect();
    (!names.is_empty()).then(|| format!("This run did not try it with {}.", listed(&names)))
}
