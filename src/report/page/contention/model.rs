//! The paragraph that explains the ranking, and what would change with 128 CPUs.

use super::View;
use crate::claim::drill::{ASKED_CPUS, Drill, Model};
use crate::plan::contention::DRILL_WORKERS;
use crate::report::html::{element, escape, text};
use crate::report::words;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let drill = &view.judged.drill;
    let Some(model) = drill.model else { return String::new() };
    let here = element("p", "", &escape(&format!("{MODEL} {}", here(&model, drill))));
    let there =
        format!("{}: {}", text("b", "", "Extrapolated, not measured"), escape(&there(&model)));
    format!("{here}\n{}\n", element("p", "", &there))
}

const MODEL: &str = "The model: workers are created one after the other, by one creator; their loops run side by side, \
                     as many as there are CPUs; the two add up.";

/// The ranking on this machine.
fn here(model: &Model, drill: &Drill) -> String {
    let [thread, process] = model.creation_ns.map(about);
    let [threads, processes] = model.long_loop(DRILL_WORKERS, model.cpus).map(turns);
    let shared = drill.atomic.map_or(String::new(), |atomic| {
        let factor = crate::claim::Unit::Times.format(atomic.ratio.estimate);
        format!(" Threads that share one atomic counter come last by far, at {factor} the time.")
    });
    format!(
        "Here a thread takes {thread} to create and join, a process {process} to fork, hear and reap, and a turn of \
         the loop about {} on a CPU of its own. So threads lead by creation alone: with {DRILL_WORKERS} workers it is \
         a tenth of it all for loops of about {threads} with threads and {processes} with processes, and less beyond, \
         where the two finish together.{shared}",
        words::time(model.turn_ns),
    )
}

/// A machine that was not measured.
fn there(model: &Model) -> String {
    let workers = ASKED_CPUS;
    let [threads, processes] = model.creating(workers).map(about);
    let ten = model.long_loop(DRILL_WORKERS, ASKED_CPUS).map(turns);
    let loops = model.long_loop(workers, ASKED_CPUS);
    let [long, longer] = loops.map(turns);
    let [long_time, longer_time] = loops.map(|turns| words::time(turns * model.turn_ns));
    let shared = model.shared_counter_ns(workers, SHARED_TURNS).map_or(String::new(), |ns| {
        format!(
            " A single atomic counter gets slower in absolute terms: were an increment as quick as here, {workers} \
             workers would take {} for {} turns each, one increment after the other; it is slower there, for the line \
             goes farther and more wait for it.",
            words::time(ns),
            words::whole(SHARED_TURNS),
        )
    });
    format!(
        "on a machine of {ASKED_CPUS} such CPUs, {DRILL_WORKERS} workers would each have one, so creation would be a \
         tenth of it all only for loops of about {} (threads) and {} (processes). With {workers} workers creation, \
         which stays serial, takes {threads} for threads and {processes} for processes, and is a tenth of it all for \
         loops of about {long} ({long_time}) and {longer} ({longer_time}). Counters of their own, on lines apart, \
         scale with the CPUs.{shared} The stacks of so many threads are unmapped under one lock, with an interrupt to \
         every core that ran one.",
        ten[0], ten[1],
    )
}

/// Turns of each worker that a shared counter is told for.
const SHARED_TURNS: u64 = 1_000_000;

/// A time that follows from one figure, with that figure's interval.
fn about(ns: Interval) -> String {
    crate::claim::Unit::Nanoseconds.format_interval(ns)
}

/// A number of turns, to two digits: a model has no more.
fn turns(turns: f64) -> String {
    let digits = 10f64.powf(turns.max(1.0).log10().floor() - 1.0).max(1.0);
    format!("{} turns", words::whole(((turns / digits).round() * digits) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_two_digits() {
        assert_eq!(turns(23_040_000.0), format!("{} turns", words::whole(23_000_000)));
        assert_eq!(turns(7.4), "7 turns");
        assert_eq!(turns(0.0), "0 turns");
    }
}
