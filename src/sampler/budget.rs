//! How many launches and pairs, and for how long at most.

use crate::plan::{Experiment, Role};
use std::time::Duration;

/// Bands of an order of magnitude have a margin of 10 %: their cells are not extended for long.
const LONGEST_BROAD: Duration = Duration::from_secs(1);
/// Launches of a stated cell that are made when everything else of a run has been measured.
const LATE: usize = 3;
/// Pairs of a launch of evidence.
const EVIDENCE_PAIRS: usize = 20;

/// How much is measured per cell. It is fixed before any figure is seen, and by what the cell is
/// for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Launches that are always made: of evidence, of a cell on an axis, of a stated one, of an A/A
    /// comparison.
    pub launches: [usize; 4],
    /// Of these, launches of a stated cell that a later part of the run makes, and whatever it
    /// takes beyond them: so they are spread over what the machine does in the meantime.
    pub late: usize,
    /// Pairs per launch, where the experiment's protocol asks for no fewer.
    pub pairs_per_launch: usize,
    /// Launches are added until the precision aim is met, for at most this long per cell of these
    /// four.
    pub extend_for: [Duration; 4],
    /// A cell that takes longer than this ends where it is.
    pub give_up_after: Duration,
}

impl Budget {
    /// Launches of 42 pairs at most, more of them while the interval is too wide. A verdict needs
    /// 7; where one turns on a cell, 10 hold more of what a shared machine does from one launch to
    /// the next.
    pub const FULL: Budget = Budget {
        launches: [3, 7, 10, 10],
        late: 0,
        pairs_per_launch: 42,
        extend_for: seconds([0, 2, 4, 4]),
        give_up_after: Duration::from_secs(40),
    };
    /// The full grids: what is evidence otherwise gets verdicts too.
    pub const FULL_GRID: Budget = Budget { launches: [7, 7, 10, 10], ..Budget::FULL };
    /// `--quick`: 5 launches of 20 pairs. Of what others are judged by, 10 and more on a noisy
    /// machine: an A/A comparison that is not precise enough leaves undecided what is judged by it.
    pub const QUICK: Budget = Budget {
        launches: [3, 3, 5, 10],
        late: 0,
        pairs_per_launch: 20,
        extend_for: seconds([0, 0, 0, 2]),
        give_up_after: Duration::from_secs(10),
    };
    /// `--test`: one pair, to see that it runs.
    pub const TEST: Budget = Budget {
        launches: [1; 4],
        late: 0,
        pairs_per_launch: 1,
        extend_for: seconds([0; 4]),
        give_up_after: Duration::from_secs(60),
    };
    /// Is it a quick run's, or a test's?
    #[must_use]
    pub fn is_short(self) -> bool {
        self.extend_for[Role::Stated as usize].is_zero()
    }

    /// Launches of what is not timed but read or counted: less of it differs from one to the next.
    #[must_use]
    pub fn readings(self, decides: bool) -> usize {
        let [evidence, axis, ..] = self.launches;
        match self {
            Budget::TEST => 1,
            _ if self.is_short() => 3,
            _ if decides || evidence == axis => 5,
            _ => 3,
        }
    }

    /// The same where a later part of the run goes on with stated cells.
    #[must_use]
    pub fn early(self) -> Self {
        Budget { late: if self.is_short() { 0 } else { LATE }, ..self }
    }

    /// What of it an experiment gets.
    #[must_use]
    pub fn of(self, experiment: &Experiment) -> Share {
        let Experiment { role, protocol, .. } = experiment;
        let most = protocol.pairs_per_launch;
        let late = if *role == Role::Stated { self.late } else { 0 };
        let launches = self.launches[*role as usize] - late;
        let pairs_per_launch = self.pairs_per_launch.min(match role {
            Role::Evidence => most.min(EVIDENCE_PAIRS),
            _ => most,
        });
        let longest = self.extend_for[*role as usize];
        let extend_for = match role {
            Role::Stated if late > 0 => Duration::ZERO,
            Role::Axis if protocol.broad => Duration::ZERO,
            Role::Stated if protocol.broad => longest.min(LONGEST_BROAD),
            _ => longest,
        };
        Share { launches, pairs_per_launch, extend_for, give_up_after: self.give_up_after }
    }
}

/// By what a cell is for.
const fn seconds([evidence, axis, stated, control]: [u64; 4]) -> [Duration; 4] {
    [
        Duration::from_secs(evidence),
        Duration::from_secs(axis),
        Duration::from_secs(stated),
        Duration::from_secs(control),
    ]
}

/// What one experiment gets of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Launches that are always made.
    pub launches: usize,
    /// Pairs of each.
    pub pairs_per_launch: usize,
    /// Launches are added until the precision aim is met, for at most this long.
    pub extend_for: Duration,
    /// It ends where it is when it takes longer than this.
    pub give_up_after: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question;
    use crate::record::Policy;

    /// What the first experiment of this role gets, of those with broad bands or of the others.
    fn share(budget: Budget, role: Role, broad: bool) -> Share {
        let plan = question::experiments(Policy::Other, Grid::Default);
        let mut alike = plan.iter().filter(|e| e.role == role && e.protocol.broad == broad);
        budget.of(alike.next().expect("there is one of each"))
    }

    #[test]
    fn what_decides_gets_the_launches_of_a_verdict_and_evidence_three() {
        let launches = |budget: Budget| {
            [Role::Evidence, Role::Axis, Role::Stated, Role::Control]
                .map(|role| share(budget, role, true).launches)
        };
        assert_eq!(launches(Budget::FULL), [3, 7, 10, 10]);
        assert_eq!(launches(Budget::FULL_GRID), [7, 7, 10, 10]);
        assert_eq!(launches(Budget::FULL.early()), [3, 7, 7, 10]);
        assert_eq!(launches(Budget::QUICK), [3, 3, 5, 10]);
        assert_eq!(Budget::QUICK.early(), Budget::QUICK);
        assert_eq!(launches(Budget::TEST.early()), [1; 4]);
    }

    /// As many as a verdict needs, so that only what was discarded can make a cell too few.
    #[test]
    fn what_decides_is_planned_in_as_many_pairs_as_its_verdict_needs() {
        let mut short = Vec::new();
        for experiment in question::experiments(Policy::Other, Grid::Full) {
            let asked = question::CATALOGUE.demands(experiment.id.question());
            let least = (asked.least_pairs)(&experiment.id);
            for (budget, least) in [Budget::FULL, Budget::QUICK].into_iter().zip(least) {
                let Share { launches, pairs_per_launch, .. } = budget.of(&experiment);
                let decides = matches!(experiment.role, Role::Stated | Role::Control);
                if decides && launches * pairs_per_launch < least {
                    short.push((experiment.id.to_string(), launches * pairs_per_launch, least));
                }
            }
        }
        assert!(short.is_empty(), "planned and needed: {short:?}");
    }

    #[test]
    fn what_is_read_takes_fewer_launches_than_what_is_timed() {
        let readings = |decides| {
            [Budget::TEST, Budget::QUICK, Budget::FULL, Budget::FULL.early(), Budget::FULL_GRID]
                .map(|budget| budget.readings(decides))
        };
        assert_eq!(readings(true), [1, 3, 5, 5, 5]);
        assert_eq!(readings(false), [1, 3, 3, 3, 5]);
    }

    #[test]
    fn only_what_a_verdict_turns_on_is_extended() {
        let extended = |role, broad| share(Budget::FULL, role, broad).extend_for;
        assert_eq!(extended(Role::Evidence, true), Duration::ZERO);
        assert_eq!(extended(Role::Axis, true), Duration::ZERO);
        assert_eq!(extended(Role::Stated, true), LONGEST_BROAD);
        assert_eq!(extended(Role::Axis, false), Duration::from_secs(2));
        assert_eq!(extended(Role::Stated, false), Duration::from_secs(4));
        assert_eq!(extended(Role::Control, true), Duration::from_secs(4));
        // What is gone on with later is extended then.
        let early = |role| share(Budget::FULL.early(), role, true).extend_for;
        assert_eq!(early(Role::Stated), Duration::ZERO);
        assert_eq!(early(Role::Control), Duration::from_secs(4));
        // Of a quick run, only what others are judged by.
        let quick = |role| share(Budget::QUICK, role, false).extend_for;
        assert_eq!([Role::Axis, Role::Stated].map(quick), [Duration::ZERO; 2]);
        assert_eq!(quick(Role::Control), Duration::from_secs(2));
        assert!(Budget::QUICK.is_short() && Budget::TEST.is_short());
        assert!(!Budget::FULL.is_short() && !Budget::FULL.early().is_short());
    }
}
