//! Cells whose answer is what a shot took: every other connection, or none, in launches that all
//! must agree.

use super::{CellDef, CellVerdict, Estimand, Lack};
use crate::record::{Crash, CrashLaunch, Record};

/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [5, 3];
/// Launches that evidence needs, which gets no verdict.
const SHOWN_LAUNCHES: usize = 3;

/// The verdict on a cell that is read off shots, and its reason.
pub(super) fn answer(def: &CellDef, record: &Record) -> (CellVerdict, String) {
    let Some(crash) = record.crash(&def.id()) else {
        return Lack::NotRun.into();
    };
    let launches = crash.launches.len();
    let missed = crash.launches.iter().filter(|launch| launch.died == 0).count();
    match &crash.failure {
        Some(failure) => return Lack::Failed(failure, launches).into(),
        None if launches < SHOWN_LAUNCHES => {
            return Lack::Launches(launches).into();
        }
        None if missed > 0 => {
            let reason = format!("no process crashed in {missed} of {launches} launches");
            return (CellVerdict::Inconclusive, reason);
        }
        None => {}
    }
    let so = |launch: &&CrashLaunch| match def.estimand {
        Estimand::SparesOthers => launch.failed == 0 && launch.dropped == 0,
        _ => launch.dropped >= u64::from(crash.connections),
    };
    let yes = crash.launches.iter().filter(so).count();
    let toll = toll(crash);
    match yes {
        _ if launches < LEAST_LAUNCHES[usize::from(record.run.quick)] => {
            (CellVerdict::Shown, format!("{toll}, in {launches} launches"))
        }
        _ if yes == launches => (CellVerdict::Holds, format!("{toll}, in {yes} of {yes} launches")),
        0 => (CellVerdict::Fails, format!("{toll}, in {launches} of {launches} launches")),
        _ => {
            let reason = format!("launches disagree: yes in {yes} of {launches}; {toll}");
            (CellVerdict::Inconclusive, reason)
        }
    }
}

/// `32 of 32 other connections ended, 27 to 31 requests lost`, or `none of 32 other connections
/// ended, no request lost`.
fn toll(crash: &Crash) -> String {
    let ended = between(range(&crash.launches, |launch| launch.dropped)).unwrap_or("none".into());
    let lost = between(range(&crash.launches, |launch| launch.failed)).unwrap_or("no".into());
    let requests = if ["no", "1"].contains(&lost.as_str()) { "request" } else { "requests" };
    format!("{ended} of {} other connections ended, {lost} {requests} lost", crash.connections)
}

/// The numbers of the launches; `None` where all are 0.
fn between([fewest, _, most]: [u64; 3]) -> Option<String> {
    match fewest == most {
        true if most == 0 => None,
        true => Some(format!("{most}")),
        false => Some(format!("{fewest} to {most}")),
    }
}

/// Fewest, median and most.
#[must_use]
pub fn range(launches: &[CrashLaunch], read: fn(&CrashLaunch) -> u64) -> [u64; 3] {
    let mut figures: Vec<u64> = launches.iter().map(read).collect();
    figures.sort_unstable();
    match (figures.first(), figures.last()) {
        (Some(&fewest), Some(&most)) => [fewest, figures[(figures.len() - 1) / 2], most],
        _ => [0; 3],
    }
}
