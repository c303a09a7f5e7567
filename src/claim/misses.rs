//! Misses counted after a switch: what a PMU says of the flush, without a clock.

use crate::plan::translation::{Kind, ring};
use crate::record::{Arm, Count, Modes, Outcome, Policy, Record};
use crate::stats::{self, Interval};

/// The event that is counted.
const LOADS: &str = "dTLB-load-misses";
/// Seed of the bootstrap over the few launches of a counting pass.
const SEED: u64 = 20;

/// User-side misses per page touched after a switch, processes minus threads, in rings of this many actors.
///
/// The kernel's own misses are not in it: they would add a constant. What is counted is the slope over the pages: a
/// few misses per switch for code, stack and token are the same with pages as without, and are taken away.
///
/// # Errors
/// Why there is no figure: `None` when nothing was counted, else the counter's own reason.
pub fn misses_per_page(
    record: &Record,
    actors: u32,
    pages: u32,
) -> Result<Interval, Option<String>> {
    let [process, thread] = [Kind::Process, Kind::Thread].map(|kind| ring(kind, actors, pages));
    let [process_bare, thread_bare] =
        [Kind::Process, Kind::Thread].map(|kind| ring(kind, actors, 0));
    let of = |arm: &Arm| per_launch(record, arm);
    let (processes, threads) = (of(&process)?, of(&thread)?);
    let (bare_processes, bare_threads) = (of(&process_bare)?, of(&thread_bare)?);
    // Launches of different arms have nothing to do with each other: each pairing is as good as any.
    let launches = [&processes, &threads, &bare_processes, &bare_threads].map(Vec::len);
    let count = launches.into_iter().min().unwrap_or(0);
    let more = |l: usize| processes[l] - threads[l] - (bare_processes[l] - bare_threads[l]);
    let values: Vec<Vec<f64>> = (0..count).map(|l| vec![more(l) / f64::from(pages)]).collect();
    stats::cluster_median(&values, SEED)
        .ok_or_else(|| Some("counted in fewer than two launches".to_owned()))
}

/// User-side misses per switch, one figure for each launch of the arm.
fn per_launch(record: &Record, arm: &Arm) -> Result<Vec<f64>, Option<String>> {
    let under = |policy| {
        let arm = arm.clone().under(policy);
        let rows = record.counts.iter().filter(move |count| count.arm == arm);
        rows.filter(|count| count.reading(LOADS, Modes::User).is_some()).collect::<Vec<&Count>>()
    };
    let rows = [Policy::Fifo, Policy::Other].map(under).into_iter().find(|rows| !rows.is_empty());
    let rows = rows.ok_or(None)?;
    let read = |count: &&Count| match count.reading(LOADS, Modes::User).map(|r| &r.outcome) {
        Some(Outcome::Missing { reason }) => Err(Some(reason.clone())),
        _ => count
            .per_switch(LOADS, Modes::User)
            .ok_or_else(|| Some("nothing switched while misses were counted".to_owned())),
    };
    rows.iter().map(read).collect()
}
