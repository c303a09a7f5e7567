//! A/A comparisons, and how many samples a verdict needs.

use super::{Demands, Evidence};
use crate::record::{Cell, Id, Stop};
use crate::stats::Interval;

/// An A/A interval beyond this takes every comparison's verdict away.
const A_A_LIMIT: f64 = 0.05;
/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [7, 5];

/// A comparison of an arm with itself: it must show nothing.
#[derive(Debug)]
pub struct Control {
    /// Id of the experiment.
    pub id: Id,
    /// Time of the second arm over that of the first, per operation.
    pub ratio: Option<Interval>,
    /// It was measured to its end, in as many launches as a verdict needs.
    pub complete: bool,
}

impl Control {
    /// Complete, and the ratio's interval stays within ±5 %.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.complete && self.ratio.is_some_and(|ratio| ratio.farthest_from(1.0) <= A_A_LIMIT)
    }

    pub(super) fn of(cell: &Cell, evidence: &Evidence) -> Self {
        let ended = !matches!(cell.stop, Stop::Failed(_));
        let complete = ended && evidence.too_few.is_none();
        Control { id: cell.id.clone(), ratio: evidence.ratio, complete }
    }
}

/// Why the samples do not suffice for a verdict, if they do not.
pub(super) fn too_few(
    id: &Id,
    evidence: &Evidence,
    demands: &Demands,
    quick: bool,
) -> Option<String> {
    let mode = usize::from(quick);
    let least = (demands.least_pairs)(id)[mode];
    let share = evidence.discarded_share();
    if share > demands.most_discarded {
        return Some(format!("too noisy: {:.0} % of the pairs discarded", share * 100.0));
    }
    let (launches, pairs) = (evidence.launches, evidence.pairs);
    let least_pairs = (least as f64 * (1.0 - demands.most_discarded)) as usize;
    let few = launches < LEAST_LAUNCHES[mode] || pairs < least_pairs;
    few.then(|| format!("too few samples: {launches} launches, {pairs} pairs"))
}
