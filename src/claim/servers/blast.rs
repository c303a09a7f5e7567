//! A server whose worker was shot: what it took, and for how long.

use super::Blast;
use super::recovery::recovery_ns;
use crate::record::{Crash, CrashLaunch};
use crate::stats;

impl Blast {
    /// What the launches of a server say.
    pub(super) fn of(crash: &Crash) -> Self {
        let launches = &crash.launches;
        let interval = |read: fn(&CrashLaunch) -> Option<f64>| {
            let figures: Option<Vec<Vec<f64>>> =
                launches.iter().map(|launch| read(launch).map(|figure| vec![figure])).collect();
            stats::cluster_median(&figures?, crash.seed)
        };
        let grew = |launch: &CrashLaunch| launch.shared[1] >= launch.shared[0];
        Blast {
            shape: crash.shape,
            connections: crash.connections,
            launches: launches.len(),
            failed: range(launches, |launch| launch.failed),
            dropped: range(launches, |launch| launch.dropped),
            refused: range(launches, |launch| launch.refused),
            died: range(launches, |launch| u64::from(launch.died)),
            forgotten_share: forgotten_share(launches),
            shared_survives: !launches.is_empty() && launches.iter().all(grew),
            gap_ns: interval(|launch| Some(launch.gap_ns as f64)),
            recovery_ns: interval(recovery_ns),
            timeline: timeline(launches),
            failure: crash.failure.clone(),
        }
    }
}

/// Fewest, median and most.
pub(super) fn range(launches: &[CrashLaunch], read: fn(&CrashLaunch) -> u64) -> [u64; 3] {
    let mut figures: Vec<u64> = launches.iter().map(read).collect();
    figures.sort_unstable();
    match (figures.first(), figures.last()) {
        (Some(&fewest), Some(&most)) => [fewest, figures[(figures.len() - 1) / 2], most],
        _ => [0; 3],
    }
}

fn forgotten_share(launches: &[CrashLaunch]) -> Option<f64> {
    let share = |launch: &CrashLaunch| {
        (launch.counted > 0).then(|| launch.forgotten as f64 / launch.counted as f64)
    };
    let shares: Option<Vec<f64>> = launches.iter().map(share).collect();
    stats::median(&shares?)
}

/// The launch with the median gap.
fn timeline(launches: &[CrashLaunch]) -> Vec<(f64, f64)> {
    let mut by_gap: Vec<&CrashLaunch> = launches.iter().collect();
    by_gap.sort_by_key(|launch| launch.gap_ns);
    let Some(launch) = by_gap.get(by_gap.len().saturating_sub(1) / 2) else { return Vec::new() };
    let (bin_ns, shot_ns) = (launch.bin_ns as f64, launch.shot_ns as f64);
    let point = |(bin, answered): (usize, &u32)| {
        let middle_ns = (bin as f64 + 0.5) * bin_ns;
        ((middle_ns - shot_ns) / 1e6, f64::from(*answered) * 1e9 / bin_ns)
    };
    launch.answered.iter().enumerate().map(point).collect()
}
