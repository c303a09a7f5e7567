//! What it costs to tell another actor something.

mod opening;
mod round_trips;
mod streams;

use super::{View, folded, section, titled};
use crate::claim::Unit;
use crate::report::html::paragraph;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let parts = [
        titled("From a cached load to a wake-up", round_trips::html(view)),
        titled("What each mechanism carries", streams::html(view)),
    ]
    .concat();
    if parts.is_empty() {
        return String::new();
    }
    section(
        "communication",
        "Communication",
        &(opening::html(view) + &paragraph("", METHOD) + &parts),
    )
}

/// How it was measured.
const METHOD: &str = "A round trip hands a token to another actor, thread or process, and back; \
                      both run the same code. On one core each hand-over is a switch, on two it is \
                      the way between the cores, and where the other sleeps, its wake-up. All \
                      under SCHED_OTHER, which is what programs get; ratios come from pairs of \
                      batches next to each other in time.";

/// A figure in nanoseconds with its interval, or a dash.
fn time(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ns| Unit::Nanoseconds.format_interval(ns))
}

/// A ratio with its interval, or a dash.
fn times(figure: Option<Interval>) -> String {
    figure.map_or("-".to_owned(), |ratio| Unit::Times.format_interval(ratio))
}
