//! The paragraph that explains the ranking, and what would change with 128 CPUs.

use super::View;
use crate::claim::Unit;
use crate::question::contention::drill::{ASKED_CPUS, Drill, Model, Point};
use crate::question::contention::plan::DRILL_WORKERS;
use crate::report::html::{element, escape, text};
use crate::report::words;
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let drill = &view.drill;
    let Some(model) = drill.model else { return String::new() };
    let here = element("p", "", &escape(&format!("{MODEL} {}", here(&model, drill))));
    let there =
        format!("{}: {}", text("b", "", "Extrapolated, not measured"), escape(&there(&model)));
    format!("{here}\n{}\n", element("p", "", &there))
}

const MODEL: &str = "The model: workers are created one after the other, by one creator; their \
                     loops run side by side, as many as there are CPUs; the two add up.";

/// The ranking on this machine.
fn here(model: &Model, drill: &Drill) -> String {
    let [thread, process] = model.creation_ns.map(about);
    let [threads, processes] = model.long_loop(DRILL_WORKERS, model.cpus).map(turns);
    let leads = leads(&model.creation_ns);
    let longest = drill.points.last().map_or(String::new(), end);
    let shared = shared(drill);
    format!(
        "Here a thread takes {thread} to create and join, a process {process} to fork, hear and \
         reap, and a turn of the loop about {} on a CPU of its own. {leads} With {DRILL_WORKERS} \
         workers creation is a tenth of it all for loops of about {threads} with threads and \
         {processes} with processes, and less beyond.{longest}{shared}",
        words::time(model.turn_ns),
    )
}

/// Who has the shorter creation, as far as its intervals tell.
fn leads([thread, process]: &[Interval; 2]) -> &'static str {
    match (thread.high < process.low, process.high < thread.low) {
        (true, _) => "So threads lead by creation alone.",
        (_, true) => "So processes lead by creation alone.",
        _ => "So neither leads by creation for certain.",
    }
}

/// How the longest loop ends.
fn end(longest: &Point) -> String {
    let (turns, ratio) = (words::whole(longest.turns), longest.ratio);
    let shown = Unit::Times.format_interval(ratio);
    match ratio.low <= 1.0 && 1.0 <= ratio.high {
        true => format!(" At {turns} turns the two finish together ({shown})."),
        false => format!(" At {turns} turns processes take {shown} as long as threads."),
    }
}

/// What one counter for all makes of the ranking.
fn shared(drill: &Drill) -> String {
    let Some(atomic) = drill.atomic else { return String::new() };
    let factor = Unit::Times.format_interval(atomic.ratio);
    let last = match (drill.shared_is_last(), atomic.ratio.low >= FAR) {
        (true, true) => "come last by far: they take",
        (true, false) => "come last: they take",
        (false, _) => "take",
    };
    format!(
        " Threads that share one atomic counter {last} {factor} as long as those with a counter \
         each."
    )
}

/// From this factor on it is far.
const FAR: f64 = 2.0;

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
            " A single atomic counter gets slower in absolute terms: were an increment as quick as \
             here, {workers} workers would take {} for {} turns each, one increment after the \
             other; it is slower there, for the line goes farther and more wait for it.",
            words::time(ns),
            words::whole(SHARED_TURNS),
        )
    });
    format!(
        "on a machine of {ASKED_CPUS} such CPUs, {DRILL_WORKERS} workers would each have one, so \
         creation would be a tenth of it all only for loops of about {} (threads) and {} \
         (processes). With {workers} workers creation, which stays serial, takes {threads} for \
         threads and {processes} for processes, and is a tenth of it all for loops of about {long} \
         ({long_time}) and {longer} ({longer_time}). Counters of their own, on lines apart, scale \
         with the CPUs.{shared} The stacks of so many threads are unmapped under one lock, with an \
         interrupt to every core that ran one.",
        ten[0], ten[1],
    )
}

/// Turns of each worker that a shared counter is told for.
const SHARED_TURNS: u64 = 1_000_000;

/// A time that follows from one figure, with that figure's interval.
fn about(ns: Interval) -> String {
    Unit::Nanoseconds.format_interval(ns)
}

/// A number of turns, to two digits: a model has no more.
fn turns(turns: f64) -> String {
    let digits = 10f64.powf(turns.max(1.0).log10().floor() - 1.0).max(1.0);
    format!("{} turns", words::whole(((turns / digits).round() * digits) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::contention::drill::Atomic;
    use crate::question::contention::plan::ATOMIC_TURNS;

    fn at(estimate: f64, low: f64, high: f64) -> Interval {
        Interval { estimate, low, high }
    }

    #[test]
    fn who_leads_is_what_the_intervals_say() {
        let [short, long, wide] = [at(1.0, 0.9, 1.1), at(3.0, 2.9, 3.1), at(2.0, 1.0, 3.0)];
        assert_eq!(leads(&[short, long]), "So threads lead by creation alone.");
        assert_eq!(leads(&[long, short]), "So processes lead by creation alone.");
        assert_eq!(leads(&[short, wide]), "So neither leads by creation for certain.");
    }

    fn point(ratio: Interval, processes_ns: Interval) -> Point {
        Point { turns: ATOMIC_TURNS, threads_ns: processes_ns, processes_ns, ratio }
    }

    #[test]
    fn the_two_finish_together_only_where_the_interval_has_one() {
        let time = at(1e6, 1e6, 1e6);
        assert!(end(&point(at(1.01, 0.99, 1.03), time)).contains("finish together (1.01× ["));
        assert!(end(&point(at(1.02, 1.01, 1.03), time)).contains("processes take 1.02× ["));
    }

    #[test]
    fn a_shared_counter_comes_last_by_far_only_where_the_interval_says_so() {
        let said = |ratio: Interval, shared_ns: Interval| {
            let turns = ATOMIC_TURNS;
            let atomic = Some(Atomic { turns, own_ns: at(1.0, 1.0, 1.0), shared_ns, ratio });
            let points = vec![point(at(1.0, 1.0, 1.0), at(100.0, 90.0, 110.0))];
            shared(&Drill { points, atomic, model: None })
        };
        let slow = at(500.0, 490.0, 510.0);
        assert!(said(at(9.0, 8.0, 10.0), slow).contains(" come last by far: they take 9.00× ["));
        assert!(said(at(2.5, 1.5, 4.0), slow).contains(" come last: they take 2.50× ["));
        assert!(said(at(1.0, 0.9, 1.1), slow).contains(" counter take 1.00× ["));
        // Slower than other threads, but not surely than processes.
        assert!(
            said(at(9.0, 8.0, 10.0), at(109.0, 100.0, 120.0)).contains(" counter take 9.00× [")
        );
    }

    #[test]
    fn a_model_has_two_digits() {
        assert_eq!(turns(23_040_000.0), format!("{} turns", words::whole(23_000_000)));
        assert_eq!(turns(7.4), "7 turns");
        assert_eq!(turns(0.0), "0 turns");
    }
}
