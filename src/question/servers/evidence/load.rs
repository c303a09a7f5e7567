//! A server under load: how much it answers, how late, and on what CPU time.

use super::latency::Pool;
use super::{Load, again};
use crate::record::{LoadRun, Serving};
use crate::stats;

/// The percentiles, in thousandths.
const PERCENTILES: [u64; 3] = [500, 990, 999];

/// Answers per second over those due from which on a server kept up with them. A server that does
/// falls short by what the last answer is late alone, a small part of the time; one that does not
/// works off the rest after the last request was due, and may have answered all of them in the end.
const KEPT_UP: f64 = 0.95;

impl Load {
    /// What the launches of a server say that may use so many CPUs.
    pub(super) fn of(serving: &Serving, cpus: usize) -> Self {
        let closed: Vec<&LoadRun> = serving.launches.iter().map(|launch| &launch.closed).collect();
        let open: Vec<&LoadRun> = serving.launches.iter().map(|launch| &launch.open).collect();
        let over = |runs: &[&LoadRun], read: &dyn Fn(&LoadRun) -> Option<f64>| {
            let figures: Option<Vec<Vec<f64>>> =
                runs.iter().map(|run| read(run).map(|figure| vec![figure])).collect();
            stats::launch_median(&figures?)
        };
        let latencies = |runs: &[&LoadRun]| {
            let pool = Pool::of(runs);
            PERCENTILES.map(|thousandths| pool.percentile_ns(thousandths).map(again))
        };
        let due: Vec<f64> = open.iter().map(|run| run.due_per_s).collect();
        Load {
            shape: serving.shape,
            connections: serving.connections,
            pages: serving.pages,
            answered_per_s: over(&closed, &|run| Some(run.answered_per_s())).map(again),
            server_cpu_ns: over(&closed, &|run| share(run.server_cpu_ns, run.timed())).map(again),
            client_share: over(&closed, &|run| share(run.client_cpu_ns, run.elapsed_ns)),
            server_share: over(&closed, &|run| {
                share(run.server_cpu_ns, run.elapsed_ns).map(|share| share / cpus as f64)
            }),
            closed_ns: latencies(&closed),
            due_per_s: stats::median(&due).unwrap_or(0.0),
            open_ns: latencies(&open),
            failed: [&closed, &open].map(|runs| runs.iter().map(|run| run.failed).sum()),
            unsent: open.iter().map(|run| run.unsent).sum(),
            overrun: open.iter().any(|run| overrun(run)),
            failure: serving.failure.clone(),
        }
    }
}

/// Did a server not keep up with what was due?
fn overrun(run: &LoadRun) -> bool {
    run.unsent + run.failed > 0 || run.answered_per_s() < KEPT_UP * run.due_per_s
}

/// One over the other, if that is not nothing.
fn share(one: u64, other: u64) -> Option<f64> {
    (other > 0).then(|| one as f64 / other as f64)
}
