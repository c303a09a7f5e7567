//! How many launches and pairs, and for how long at most.

use crate::plan::{Experiment, Weight};
use std::time::Duration;

/// Launches of a cell of a grid: what a verdict needs.
const GRID_LAUNCHES: usize = 7;
/// Bands of an order of magnitude have a margin of 10 %: their cells are not extended for long.
const MOST_EXTENSION: Duration = Duration::from_secs(2);

/// How much is measured per cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Launches that are always made.
    pub launches: usize,
    /// Pairs per launch, where the experiment's protocol asks for no fewer.
    pub pairs_per_launch: usize,
    /// Launches are added until the precision aim is met, for at most this long per cell.
    pub extend_for: Duration,
    /// A cell that takes longer than this ends where it is.
    pub give_up_after: Duration,
}

impl Budget {
    /// 10 launches of 60 pairs, more while the interval is too wide. A verdict needs 7; the others
    /// hold more of what a shared machine does from one launch to the next.
    pub const FULL: Budget = Budget {
        launches: 10,
        pairs_per_launch: 60,
        extend_for: Duration::from_secs(6),
        give_up_after: Duration::from_secs(40),
    };
    /// `--quick`: 5 launches of 20 pairs.
    pub const QUICK: Budget = Budget {
        launches: 5,
        pairs_per_launch: 20,
        extend_for: Duration::ZERO,
        give_up_after: Duration::from_secs(10),
    };
    /// `--test`: one pair, to see that it runs.
    pub const TEST: Budget = Budget {
        launches: 1,
        pairs_per_launch: 1,
        extend_for: Duration::ZERO,
        give_up_after: Duration::from_secs(60),
    };

    /// What of it an experiment gets: a point of a curve at most as much as in a quick run.
    #[must_use]
    pub fn of(self, experiment: &Experiment) -> Self {
        let most = experiment.protocol.pairs_per_launch;
        let budget = Budget { pairs_per_launch: self.pairs_per_launch.min(most), ..self };
        let broad = experiment.protocol.broad;
        match experiment.weight {
            // An A/A comparison sets the margin of all others.
            Weight::Headline if broad && experiment.a != experiment.b => Budget {
                launches: self.launches.min(GRID_LAUNCHES),
                extend_for: self.extend_for.min(MOST_EXTENSION),
                ..budget
            },
            // A hundred cells, each extended on a noisy machine, would take ten minutes more.
            Weight::Verdict if broad => Budget {
                launches: self.launches.min(GRID_LAUNCHES),
                extend_for: Duration::ZERO,
                ..budget
            },
            Weight::Headline | Weight::Verdict => budget,
            Weight::Chart => Budget {
                launches: self.launches.min(Self::QUICK.launches),
                pairs_per_launch: budget.pairs_per_launch.min(Self::QUICK.pairs_per_launch),
                extend_for: Duration::ZERO,
                ..budget
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question;
    use crate::record::Policy;

    #[test]
    fn servers_get_as_many_launches_and_pairs_as_their_verdicts_need() {
        let plan = question::experiments(Policy::Other, Grid::Default);
        for experiment in
            plan.iter().filter(|e| e.id.question() == crate::question::servers::QUESTION.name)
        {
            let sizes = [Budget::FULL, Budget::QUICK, Budget::TEST].map(|budget| {
                let budget = budget.of(experiment);
                (budget.launches, budget.pairs_per_launch)
            });
            let control = experiment.a == experiment.b;
            let full = match experiment.weight {
                Weight::Chart => (5, 6),
                _ if control => (10, 6),
                _ => (7, 6),
            };
            assert_eq!(sizes, [full, (5, 6), (1, 1)], "{}", experiment.id);
            let extended = Budget::FULL.of(experiment).extend_for;
            let longest = match experiment.weight {
                Weight::Headline if control => Budget::FULL.extend_for,
                Weight::Headline => MOST_EXTENSION,
                _ => Duration::ZERO,
            };
            assert_eq!(extended, longest, "{}", experiment.id);
        }
    }
}
