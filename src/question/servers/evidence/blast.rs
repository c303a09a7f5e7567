//! A server whose worker was shot: what it took, and for how long.

use super::recovery::{control_ns, recovery_ns};
use super::{Bin, Blast, again};
use crate::claim::range;
use crate::record::{Crash, CrashLaunch};
use crate::stats;

impl Blast {
    /// What the launches of a server say.
    pub(super) fn of(crash: &Crash) -> Self {
        let launches = &crash.launches;
        let interval = |read: fn(&CrashLaunch) -> Option<f64>| {
            let figures = launches.iter().filter_map(|launch| read(launch).map(|one| vec![one]));
            stats::launch_median(&figures.collect::<Vec<_>>()).map(again)
        };
        let count =
            |so: fn(&CrashLaunch) -> bool| launches.iter().filter(|launch| so(launch)).count();
        Blast {
            shape: crash.shape,
            connections: crash.connections,
            launches: launches.len(),
            failed: range(launches, |launch| launch.failed),
            dropped: range(launches, |launch| launch.dropped),
            refused: range(launches, |launch| launch.refused),
            died: range(launches, |launch| u64::from(launch.died)),
            forgotten_share: forgotten_share(launches),
            shared_survives: !launches.is_empty() && launches.iter().all(survives),
            gap_ns: interval(|launch| Some(launch.gap_ns as f64)),
            recovery_ns: interval(recovery_ns),
            unrecovered: count(|launch| recovery_ns(launch).is_none()),
            noisy: count(|launch| control_ns(launch) != Some(0.0)),
            timeline: timeline(launches),
            failure: crash.failure.clone(),
        }
    }
}

/// Did shared memory count all that was answered, some before the shot and some after it?
fn survives(launch: &CrashLaunch) -> bool {
    let answered: u64 = launch.answered.iter().map(|answered| u64::from(*answered)).sum();
    let [before, after] = launch.shared;
    answered > 0 && after.checked_sub(before).is_some_and(|counted| counted >= answered)
}

fn forgotten_share(launches: &[CrashLaunch]) -> Option<f64> {
    let share = |launch: &CrashLaunch| {
        (launch.counted > 0).then(|| launch.forgotten as f64 / launch.counted as f64)
    };
    let shares: Option<Vec<f64>> = launches.iter().map(share).collect();
    stats::median(&shares?)
}

/// The launch with the median gap.
fn timeline(launches: &[CrashLaunch]) -> Vec<Bin> {
    let mut by_gap: Vec<&CrashLaunch> = launches.iter().collect();
    by_gap.sort_by_key(|launch| launch.gap_ns);
    let Some(launch) = by_gap.get(by_gap.len().saturating_sub(1) / 2) else { return Vec::new() };
    let width_ns = launch.bin_ns.max(1);
    let (width, shot_ns) = (width_ns as f64, launch.shot_ns as f64);
    let shot_bin = (launch.shot_ns / width_ns) as i64;
    let bin = |(bin, answered): (usize, &u32)| Bin {
        from_shot: bin as i64 - shot_bin,
        width_ns,
        middle_ms: ((bin as f64 + 0.5) * width - shot_ns) / 1e6,
        per_s: f64::from(*answered) * 1e9 / width,
    };
    launch.answered.iter().enumerate().map(bin).collect()
}
