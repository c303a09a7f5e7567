//! A/A comparisons, and how many samples a verdict needs.

use super::{Demands, Evidence};
use crate::record::{Cell, Id, Stop};
use crate::stats::Interval;

/// An A/A interval beyond this takes every comparison's verdict away.
const A_A_LIMIT: f64 = 0.05;
/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [7, 5];
/// Launches that evidence needs, which gets no verdict.
const SHOWN_LAUNCHES: usize = 3;

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
        let complete = ended && evidence.samples == Samples::Enough;
        Control { id: cell.id.clone(), ratio: evidence.ratio, complete }
    }
}

/// What samples are good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// A verdict may go by them.
    Enough,
    /// They are shown as evidence; why no verdict goes by them.
    Shown(String),
    /// Nothing goes by them, and why.
    Few(String),
}

impl Samples {
    /// Why no verdict goes by them.
    #[must_use]
    pub fn too_few(&self) -> Option<&str> {
        match self {
            Samples::Enough => None,
            Samples::Shown(why) | Samples::Few(why) => Some(why),
        }
    }

    /// May a figure of theirs be shown beside others?
    #[must_use]
    pub fn are_shown(&self) -> bool {
        !matches!(self, Samples::Few(_))
    }

    pub(super) fn of(id: &Id, evidence: &Evidence, demands: &Demands, quick: bool) -> Self {
        let mode = usize::from(quick);
        let share = evidence.discarded_share();
        if share > demands.most_discarded {
            let discarded = format!("too noisy: {:.0} % of the pairs discarded", share * 100.0);
            return Samples::Few(discarded);
        }
        let (launches, pairs) = (evidence.launches, evidence.pairs);
        let least = (demands.least_pairs)(id)[mode];
        let least_pairs = (least as f64 * (1.0 - demands.most_discarded)) as usize;
        let few = format!("too few samples: {launches} launches, {pairs} pairs");
        match launches {
            0..SHOWN_LAUNCHES => Samples::Few(few),
            _ if launches < LEAST_LAUNCHES[mode] || pairs < least_pairs => Samples::Shown(few),
            _ => Samples::Enough,
        }
    }
}
