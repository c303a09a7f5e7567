//! Servers under load, with latencies: how much they answer, and how late at a rate that all keep
//! up with.

use super::cpu_pair::CpuPair;
use super::{Bench, Budget, Job};
use crate::lab::{LoadLab, ServerLab};
use crate::machine;
use crate::plan::Loading;
use crate::record::{Failure, LoadRun, Result, Row, Serving, ServingLaunch};
use std::time::Duration;

/// A closed loop that is not kept, before each that is: it fills caches and has every connection
/// scheduled.
const WARM_UP: Duration = Duration::from_millis(10);
/// Time limit for processes to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Of what the slowest answers, the share that is due: all keep up, so that what differs is not the
/// queue.
const SHARE_DUE: f64 = 0.5;

/// What is done of it in a launch.
#[derive(Debug, Clone, Copy)]
struct Extent {
    launches: usize,
    closed: Duration,
    open: Duration,
}

impl Extent {
    fn of(budget: Budget) -> Self {
        let lengths_ms = if budget == Budget::TEST { [20, 20] } else { [50, 90] };
        let [closed, open] = lengths_ms.map(Duration::from_millis);
        Extent { launches: budget.readings(false), closed, open }
    }
}

/// Servers under load with equal connections and pages, on their way to servings.
///
/// In a launch first each of them has its closed loop, then each of them its open loop, all at one
/// rate, which is half of what the slowest answered in the first launch. Who waits for its turn is
/// idle, and none ends before all have had theirs: what dies takes time of the next one's CPU. Who
/// is first is another one in each launch.
///
/// A server that fails its first closed loop does not decide the rate, and has no further launch.
pub struct Cohort {
    loadings: Vec<Loading>,
    servings: Vec<Serving>,
    due_per_s: Option<f64>,
    extent: Extent,
    launches: usize,
}

impl Cohort {
    /// Those that are loaded at one rate together, in the order of the plan.
    #[must_use]
    pub fn all(loadings: &[Loading], bench: &Bench) -> Vec<Self> {
        loadings.chunk_by(alike).map(|loadings| Cohort::new(bench, loadings)).collect()
    }

    fn new(bench: &Bench, loadings: &[Loading]) -> Self {
        let serving = |loading: &Loading| Serving {
            id: loading.id.clone(),
            shape: loading.shape,
            connections: loading.connections,
            pages: loading.pages,
            launches: Vec::new(),
            failure: CpuPair::apart(&bench.cores, &loading.id.to_string()).err(),
        };
        Cohort {
            loadings: loadings.to_vec(),
            servings: loadings.iter().map(serving).collect(),
            due_per_s: None,
            extent: Extent::of(bench.budget),
            launches: 0,
        }
    }
}

fn alike(one: &Loading, next: &Loading) -> bool {
    (one.connections, one.pages) == (next.connections, next.pages)
}

impl Job for Cohort {
    fn launches(&self, budget: Budget) -> usize {
        self.loadings.len() * Extent::of(budget).launches
    }

    fn is_done(&self) -> bool {
        let failed = self.servings.iter().all(|serving| serving.failure.is_some());
        failed || self.launches == self.extent.launches
    }

    /// One launch of each that has not failed.
    fn visit(&mut self, bench: &Bench, progress: &mut dyn FnMut(&str)) {
        let mut rows: Vec<_> = self.loadings.iter().zip(&mut self.servings).collect();
        let first = self.launches % rows.len().max(1);
        rows.rotate_left(first);
        self.launches += 1;
        let mut loaded = Vec::with_capacity(rows.len());
        for (loading, serving) in rows {
            if serving.failure.is_none() {
                progress(&loading.id.to_string());
                match Loaded::launch(bench, loading, self.extent.closed) {
                    Ok(life) => loaded.push((life, serving)),
                    Err(failure) => serving.failure = Some(failure),
                }
            }
        }
        if loaded.is_empty() {
            return;
        }
        let closed = loaded.iter().map(|(life, _)| life.closed.answered_per_s());
        let due_per_s = *self.due_per_s.get_or_insert_with(|| rate(closed));
        for (life, serving) in &mut loaded {
            match life.open(due_per_s, self.extent.open) {
                Ok(launch) => serving.launches.push(launch),
                Err(failure) => serving.failure = Some(failure),
            }
        }
        for (life, serving) in loaded {
            if let Err(failure) = life.end() {
                serving.failure.get_or_insert(failure);
            }
        }
    }

    fn is_sound(&self) -> bool {
        self.servings.iter().all(|serving| serving.failure.is_none())
    }

    fn rows(self: Box<Self>) -> Vec<Row> {
        self.servings.into_iter().map(Row::Serving).collect()
    }
}

/// Requests per second that are due to each, of what they answered.
fn rate(answered_per_s: impl Iterator<Item = f64>) -> f64 {
    let slowest = answered_per_s.fold(f64::INFINITY, f64::min);
    (slowest * SHARE_DUE).round().max(1.0)
}

/// A server and its client after the closed loop.
struct Loaded {
    server: ServerLab,
    client: LoadLab,
    closed: LoadRun,
}

impl Loaded {
    fn launch(bench: &Bench, loading: &Loading, time: Duration) -> Result<Self> {
        let cpus = CpuPair::apart(&bench.cores, &loading.id.to_string())?;
        let mut spec = cpus.serve(&bench.cores, loading.shape, loading.connections);
        spec.settings.pages = loading.pages;
        let mut server = ServerLab::launch(&bench.lab, &spec)?;
        let mut client = cpus.client(bench, &mut server, loading.connections)?;
        client.closed(WARM_UP).map_err(|failure| server.explained(failure))?;
        let closed = accounted(&mut server, || client.closed(time))?;
        if closed.answered == 0 {
            let tried = format!("loading a server by {}", loading.shape);
            let why = format!("it answered nothing within {} ms", time.as_millis());
            return Err(Failure::new(tried, why));
        }
        Ok(Loaded { server, client, closed })
    }

    fn open(&mut self, due_per_s: f64, time: Duration) -> Result<ServingLaunch> {
        let Loaded { server, client, closed } = self;
        client.closed(WARM_UP).map_err(|failure| server.explained(failure))?;
        let open = accounted(server, || client.open(due_per_s, time))?;
        Ok(ServingLaunch { pids: [server.pid(), client.pid()], closed: closed.clone(), open })
    }

    /// Ends both, and waits until nothing of the server is left to die.
    fn end(mut self) -> Result<()> {
        let processes = self.server.account()?.processes;
        drop(self);
        machine::await_gone(&processes, PATIENCE)
    }
}

/// A stretch of load, with the CPU time that the server took for it.
fn accounted(server: &mut ServerLab, load: impl FnOnce() -> Result<LoadRun>) -> Result<LoadRun> {
    let before = server.whole_account()?.cpu_ns;
    let mut run = load().map_err(|failure| server.explained(failure))?;
    let after = server.whole_account()?.cpu_ns;
    let tried = "reading the CPU time of a server";
    let backwards = || Failure::new(tried, format!("it went from {before} back to {after} ns"));
    run.server_cpu_ns = after.checked_sub(before).ok_or_else(backwards)?;
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question::servers::plan::loadings;
    use crate::record::Shape;

    #[test]
    fn the_rate_is_half_of_what_the_slowest_answers() {
        assert_eq!(rate([90_000.0, 30_001.0, 250_000.0].into_iter()), 15_001.0);
        // A rate of nothing would never end.
        assert_eq!(rate([0.2].into_iter()), 1.0);
    }

    #[test]
    fn a_cohort_is_every_shape_under_equal_load() {
        let all = loadings(Grid::Full);
        let cohorts: Vec<&[Loading]> = all.chunk_by(alike).collect();
        assert_eq!(cohorts.len() * Shape::ALL.len(), all.len());
        for cohort in cohorts {
            let shapes: Vec<Shape> = cohort.iter().map(|loading| loading.shape).collect();
            assert_eq!(shapes, Shape::ALL);
        }
    }
}
