//! How long a run still takes: what is planned, in the time that its budget gives it, at the speed
//! that the run has had so far.

use super::Planned;
use crate::plan::Experiment;
use crate::sampler::Budget;
use std::time::{Duration, Instant};

/// Before this much has passed, nothing can be told.
const LEAST: Duration = Duration::from_secs(3);
/// Nor before this share of the plan is done.
const LEAST_SHARE: f64 = 0.02;
/// Seconds beside its batches that a launch of a pair takes: two labs, their memory, a trial.
const LABS_S: f64 = 0.02;

/// A plan on its way.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    started: Instant,
    /// When the run ends whatever is left.
    deadline: Option<Instant>,
    /// Budgeted seconds: of all, of what is done, of the kind that is under way.
    planned_s: f64,
    done_s: f64,
    kind_s: f64,
}

impl Ahead {
    /// A plan that is begun now, and ends in this time at most.
    pub(super) fn of<'p>(
        planned: impl IntoIterator<Item = &'p Planned>,
        budget: Budget,
        most: Option<Duration>,
    ) -> Self {
        let started = Instant::now();
        Ahead {
            started,
            deadline: most.and_then(|most| started.checked_add(most)),
            planned_s: seconds(planned, budget),
            done_s: 0.0,
            kind_s: 0.0,
        }
    }

    /// What is of one kind begins; what was begun before is done.
    pub(super) fn begin(&mut self, of_a_kind: &[Planned], budget: Budget) {
        self.done_s += self.kind_s;
        self.kind_s = seconds(of_a_kind, budget);
    }

    /// Seconds that are left when this share of the kind is done; nothing before it can be told.
    pub(super) fn left_s(&self, share: f64) -> Option<f64> {
        let done = self.done_s + self.kind_s * share.clamp(0.0, 1.0);
        let left = left_s(self.planned_s, done, self.started.elapsed().as_secs_f64());
        let now = Instant::now();
        let most = self.deadline.map(|deadline| deadline.saturating_duration_since(now));
        match (left, most.map(|most| most.as_secs_f64())) {
            (Some(left), Some(most)) => Some(left.min(most)),
            (left, _) => left,
        }
    }
}

fn left_s(planned: f64, done: f64, elapsed: f64) -> Option<f64> {
    let told = elapsed >= LEAST.as_secs_f64() && done > 0.0 && done >= planned * LEAST_SHARE;
    told.then(|| (planned - done).max(0.0) * elapsed / done)
}

/// `about 40 s left`, `about 3 min left`.
pub(super) fn words(left_s: f64) -> String {
    match left_s {
        s if s < 10.0 => "less than 10 s left".to_owned(),
        s if s < 90.0 => format!("about {:.0} s left", (s / 10.0).round() * 10.0),
        s => format!("about {:.0} min left", s / 60.0),
    }
}

fn seconds<'p>(planned: impl IntoIterator<Item = &'p Planned>, budget: Budget) -> f64 {
    planned.into_iter().map(|one| budgeted_s(one, budget)).sum()
}

/// Seconds that one thing takes, as it is budgeted. Only how they compare with each other counts:
/// what a machine needs for them, the run shows.
fn budgeted_s(planned: &Planned, budget: Budget) -> f64 {
    let readings = |decides, each: f64| budget.readings(decides) as f64 * each;
    match planned {
        Planned::Probe(_) => readings(true, 0.03),
        Planned::Keep(keeping) => readings(keeping.headline, 0.5),
        Planned::Pair(experiment) => pair_s(experiment, budget),
        Planned::Count(_) => 0.1,
        Planned::Load(_) => readings(false, 0.2),
        Planned::Shoot(_) => readings(false, 0.4),
        Planned::Idle(_) => readings(false, 0.5),
    }
}

/// Its launches, and half of the time that they leave of what it may take to be precise.
fn pair_s(experiment: &Experiment, budget: Budget) -> f64 {
    let (share, protocol) = (budget.of(experiment), experiment.protocol);
    let batch_s = (protocol.batch_ns + protocol.rest_ns) as f64 / 1e9;
    let launch_s = LABS_S + share.pairs_per_launch as f64 * 2.0 * batch_s;
    let launches_s = share.launches as f64 * launch_s;
    let more_s = (share.extend_for.as_secs_f64() - launches_s).max(0.0) / 2.0;
    (launches_s + more_s).min(share.give_up_after.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::record::Policy;

    #[test]
    fn what_is_left_follows_the_plan_and_the_speed_so_far() {
        // A quarter of the plan took 30 s, whatever it was budgeted at.
        assert_eq!(left_s(100.0, 25.0, 30.0), Some(90.0));
        assert_eq!(left_s(10.0, 2.5, 30.0), Some(90.0));
        assert_eq!(left_s(100.0, 100.0, 30.0), Some(0.0));
        // More than was planned does not turn time back.
        assert_eq!(left_s(100.0, 130.0, 30.0), Some(0.0));
    }

    #[test]
    fn nothing_is_said_before_it_can_be_told() {
        assert_eq!(left_s(100.0, 0.0, 30.0), None, "nothing is done");
        assert_eq!(left_s(100.0, 1.0, 30.0), None, "hardly any of it is done");
        assert_eq!(left_s(100.0, 25.0, 1.0), None, "it has hardly begun");
        assert_eq!(left_s(0.0, 0.0, 30.0), None, "nothing was planned");
    }

    #[test]
    fn kinds_add_up_and_a_deadline_comes_first() {
        let all = Planned::all(Policy::Other, Grid::Default);
        let kinds: Vec<&[Planned]> = all.chunk_by(crate::run::planned::of_a_kind).collect();
        let mut ahead = Ahead::of(&all, Budget::QUICK, None);
        ahead.started = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        let mut before = f64::INFINITY;
        for kind in &kinds {
            ahead.begin(kind, Budget::QUICK);
            let left = ahead.left_s(0.5).unwrap_or(f64::MAX);
            assert!(left < before, "{left} after {before}");
            before = left;
        }
        assert!(ahead.left_s(1.0).unwrap() < 1e-6, "all is done");
        ahead.deadline = Some(Instant::now() + Duration::from_secs(5));
        ahead.done_s /= 10.0;
        assert!(ahead.left_s(0.0).unwrap() <= 5.0);
    }

    #[test]
    fn everything_planned_has_its_time_and_a_quick_run_less_of_it() {
        let all = Planned::all(Policy::Other, Grid::Default);
        for one in &all {
            let [quick, full] = [Budget::QUICK, Budget::FULL].map(|b| budgeted_s(one, b));
            assert!(quick > 0.0 && quick <= full, "{}: {quick} {full}", one.id());
        }
        // A quick run is of what decides, and less of that.
        let quick = seconds(all.iter().filter(|one| one.is_headline()), Budget::QUICK);
        let full = seconds(&all, Budget::FULL);
        assert!(quick < full / 3.0, "{quick} {full}");
    }

    #[test]
    fn it_is_said_as_roughly_as_it_is_known() {
        for (left_s, said) in [
            (0.0, "less than 10 s left"),
            (14.0, "about 10 s left"),
            (86.0, "about 90 s left"),
            (119.0, "about 2 min left"),
            (400.0, "about 7 min left"),
        ] {
            assert_eq!(words(left_s), said);
        }
    }
}
