//! Misses counted after a switch: what a PMU says of the flush, without a clock.

use super::plan::{Kind, ring};
use crate::claim::{CellVerdict, Lack};
use crate::record::{Arm, Count, Modes, Outcome, Policy, Record, SWITCH_TOLERANCE};
use crate::stats::{self, Interval};

/// The event that is counted.
const LOADS: &str = "dTLB-load-misses";
/// Least share of the time in which the event must have been counted: below it the count is an
/// estimate.
const LEAST_RUNNING: f64 = 0.99;

/// User-side misses per page touched after a switch, processes minus threads, in rings of this many
/// actors.
///
/// The kernel's own misses are not in it: they would add a constant. What is counted is the slope
/// over the pages: a few misses per visit for code, stack and token are the same with pages as
/// without, and are taken away.
///
/// # Errors
/// Why there is no figure: `None` when nothing was counted, else the counter's own reason.
fn misses_per_page(record: &Record, actors: u32, pages: u32) -> Result<Interval, Option<String>> {
    let [process, thread] = [Kind::Process, Kind::Thread].map(|kind| ring(kind, actors, pages));
    let [process_bare, thread_bare] =
        [Kind::Process, Kind::Thread].map(|kind| ring(kind, actors, 0));
    let of = |arm: &Arm| per_launch(record, arm);
    let (processes, threads) = (of(&process)?, of(&thread)?);
    let (bare_processes, bare_threads) = (of(&process_bare)?, of(&thread_bare)?);
    // Launches of different arms have nothing to do with each other: each pairing is as good as
    // any.
    let launches = [&processes, &threads, &bare_processes, &bare_threads].map(Vec::len);
    let count = launches.into_iter().min().unwrap_or(0);
    let more = |l: usize| processes[l] - threads[l] - (bare_processes[l] - bare_threads[l]);
    let values: Vec<Vec<f64>> = (0..count).map(|l| vec![more(l) / f64::from(pages)]).collect();
    stats::cluster_median(&values)
        .ok_or_else(|| Some("counted in fewer than two launches".to_owned()))
}

/// The same as the figure of a cell.
pub(super) fn read(
    record: &Record,
    actors: u32,
    pages: u32,
) -> Result<Interval, (CellVerdict, String)> {
    misses_per_page(record, actors, pages).map_err(|missing| match missing {
        None => Lack::NotRun.into(),
        Some(reason) => (CellVerdict::NotMeasurable, reason),
    })
}

/// User-side misses per visit, one figure for each launch of the arm.
fn per_launch(record: &Record, arm: &Arm) -> Result<Vec<f64>, Option<String>> {
    let under = |policy| {
        let arm = arm.clone().under(policy);
        let rows = record.counts.iter().filter(move |count| count.arm == arm);
        rows.filter(|count| count.reading(LOADS, Modes::User).is_some()).collect::<Vec<&Count>>()
    };
    let rows = [Policy::Fifo, Policy::Other].map(under).into_iter().find(|rows| !rows.is_empty());
    rows.ok_or(None)?.into_iter().map(|count| per_visit(count).map_err(Some)).collect()
}

fn per_visit(count: &Count) -> Result<f64, String> {
    match count.reading(LOADS, Modes::User).map(|reading| &reading.outcome) {
        Some(Outcome::Missing { reason }) => return Err(reason.clone()),
        Some(Outcome::Counted { running_share, .. }) if *running_share < LEAST_RUNNING => {
            let share = 100.0 * running_share;
            return Err(format!("{LOADS} were counted for {share:.0} % of the time only"));
        }
        _ => {}
    }
    let planned = f64::from(count.arm.actors);
    let found = count.switches as f64 / count.ops as f64;
    // Every visit is one switch away from the last; more switches take more of the TLB between
    // visits.
    if !found.is_finite() || (found / planned - 1.0).abs() > SWITCH_TOLERANCE {
        return Err(format!(
            "{found:.2} context switches per lap instead of {planned} while counting"
        ));
    }
    let per_lap = count.per_op(LOADS, Modes::User).ok_or("no lap was counted")?;
    Ok(per_lap / planned)
}
