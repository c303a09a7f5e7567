//! A server under load: how much it answers, how late, and on what CPU time.

use super::Load;
use crate::record::{LoadRun, Serving};
use crate::stats;

/// The percentiles, in thousandths.
const PERCENTILES: [u64; 3] = [500, 990, 999];

/// Answers that each launch must have beyond a percentile: with fewer it is the figure of the slowest few.
const LEAST_BEYOND: u64 = 10;

impl Load {
    /// What the launches of a server say.
    pub(super) fn of(serving: &Serving) -> Self {
        let closed: Vec<&LoadRun> = serving.launches.iter().map(|launch| &launch.closed).collect();
        let open: Vec<&LoadRun> = serving.launches.iter().map(|launch| &launch.open).collect();
        let over = |runs: &[&LoadRun], read: &dyn Fn(&LoadRun) -> Option<f64>| {
            let figures: Option<Vec<Vec<f64>>> =
                runs.iter().map(|run| read(run).map(|figure| vec![figure])).collect();
            stats::cluster_median(&figures?, serving.seed)
        };
        let latencies = |runs: &[&LoadRun]| {
            PERCENTILES.map(|thousandths| over(runs, &|run| latency_ns(run, thousandths)))
        };
        let due: Vec<f64> = open.iter().map(|run| run.due_per_s).collect();
        Load {
            shape: serving.shape,
            connections: serving.connections,
            pages: serving.pages,
            answered_per_s: over(&closed, &|run| Some(run.answered_per_s())),
            server_cpu_ns: over(&closed, &|run| share(run.server_cpu_ns, run.answered)),
            client_share: over(&closed, &|run| share(run.client_cpu_ns, run.elapsed_ns)),
            closed_ns: latencies(&closed),
            due_per_s: stats::median(&due).unwrap_or(0.0),
            open_ns: latencies(&open),
            overrun: open.iter().any(|run| run.unsent > 0),
            failure: serving.failure.clone(),
        }
    }
}

/// A percentile of the latencies of a run that has enough of them.
fn latency_ns(run: &LoadRun, thousandths: u64) -> Option<f64> {
    let answers: u64 = run.latencies.iter().map(|[_, count]| count).sum();
    let enough = answers * (1_000 - thousandths) >= LEAST_BEYOND * 1_000;
    let latency = || run.latency_ns(thousandths as f64 / 1_000.0).map(|ns| ns as f64);
    enough.then(latency).flatten()
}

/// One over the other, if that is not nothing.
fn share(one: u64, other: u64) -> Option<f64> {
    (other > 0).then(|| one as f64 / other as f64)
}
