//! The answer in plain words: what is cheap, what is dear, and whether it matters that the other is
//! a process.

use super::round_trips::{Way, ways};
use super::{View, streams};
use crate::claim::{Evidence, Unit};
use crate::question::communication::plan::{LOAD, SHARED, id};
use crate::report::html::paragraph;
use crate::report::words;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let sentences = [reading(view), news(view), waking(view), carried(view)];
    let said: Vec<String> = sentences.into_iter().flatten().collect();
    if said.is_empty() {
        return paragraph("lead", "Nothing of it was measured here; the reasons are below.");
    }
    paragraph("lead", &said.join(" "))
}

fn time(ns: Interval) -> String {
    words::time(ns.estimate).replace(' ', "\u{a0}")
}

/// A cached load, and the round trip through a pipe that it stands for.
fn reading(view: &View) -> Option<String> {
    let Evidence { a, b, ratio, .. } = view.evidence(&id(LOAD, "pipe"))?;
    Some(format!(
        "A read of a shared word in a loop, which nobody writes, takes {} or less, as reads \
         overlap; to ask for it through a pipe on the same core takes {}: {}.",
        time(a.time_ns?),
        time(b.time_ns?),
        Unit::Times.format_interval((*ratio)?)
    ))
}

/// News between two cores that spin, and whether they are threads.
fn news(view: &View) -> Option<String> {
    let Evidence { a, b, ratio, .. } = view.evidence(&id(SHARED, "spin"))?;
    Some(format!(
        "A word goes to another core and back in {} between threads that spin, and in {} between \
         processes ({}).",
        time(a.time_ns?),
        time(b.time_ns?),
        Unit::Times.format_interval((*ratio)?)
    ))
}

/// What a hand-over costs where the other sleeps: on one core, and on another.
fn waking(view: &View) -> Option<String> {
    let ways = ways(view);
    let at = |place: &str| {
        let sleeping = |way: &&Way| way.place == place && !way.name.contains("spin");
        let times = ways.iter().filter(sleeping).flat_map(|way| [way.thread_ns, way.process_ns]);
        let times: Vec<f64> = times.flatten().map(|ns| ns.estimate).collect();
        words::span(times, words::time)
    };
    match (at("one core"), at("two cores")) {
        (Some(one), Some(two)) => Some(format!(
            "Where the other sleeps, a round trip takes {one} on one core and {two} on two, \
             whatever carries it."
        )),
        (Some(one), None) => Some(format!(
            "Where the other sleeps, a round trip takes {one} on one core, whatever carries it."
        )),
        (None, Some(two)) => Some(format!(
            "Where the other sleeps, a round trip takes {two} on two cores, whatever carries it."
        )),
        (None, None) => None,
    }
}

/// The most that is carried through shared memory and through the kernel.
fn carried(view: &View) -> Option<String> {
    let [memory, kernel] = streams::most(view)?.map(|most| Unit::BytesPerSecond.format(most));
    Some(format!("Shared memory carries up to {memory}, the kernel up to {kernel}."))
}
