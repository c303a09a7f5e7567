//! A/A comparisons, and how many samples a verdict needs.

use super::Evidence;
use crate::question::Question;
use crate::question::contention::plan as contention;
use crate::record::{Cell, Id, Stop};
use crate::stats::Interval;

/// An A/A interval beyond this takes every comparison's verdict away.
const A_A_LIMIT: f64 = 0.05;
/// Launches that a verdict needs, and with `--quick`.
const LEAST_LAUNCHES: [usize; 2] = [7, 5];
/// Pairs that a verdict needs before any is discarded, and with `--quick`.
const LEAST_PAIRS: [usize; 2] = [420, 100];
/// The same for creation, whose heaviest cells take 6 of a launch: its bands are orders of
/// magnitude.
const LEAST_PAIRS_CREATION: [usize; 2] = [42, 30];
/// The same for what two cores do to each other, where a wake-up takes as long as fifty switches.
const LEAST_PAIRS_TOGETHER: [usize; 2] = [140, 60];
/// The same for drills, of which one fills a batch.
const LEAST_PAIRS_DRILL: [usize; 2] = [70, 50];
/// The same for servers, of which a batch holds hundreds of requests and a launch six pairs.
const LEAST_PAIRS_SERVERS: [usize; 2] = [42, 30];
/// Share of discarded pairs beyond which the environment is too noisy.
const MOST_DISCARDED: f64 = 0.20;
/// The same for servers: a pair keeps two CPUs busy for some 50 ms, which on a shared host is hit
/// thirty times as often as two milliseconds of one. What is left must still agree with itself (A/A
/// within ±5 %).
const MOST_DISCARDED_SERVERS: f64 = 0.40;

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

    pub(super) fn of(cell: &Cell, evidence: &Evidence, quick: bool) -> Self {
        let ended = !matches!(cell.stop, Stop::Failed(_));
        let complete = ended && enough(&cell.id, evidence, quick).is_none();
        Control { id: cell.id.clone(), ratio: evidence.ratio, complete }
    }
}

/// Is it a question of what actors do to each other at the same time?
pub(super) fn together(question: &str) -> bool {
    let together = [Question::Communication, Question::Contention, Question::Servers];
    together.map(Question::name).contains(&question)
}

/// Why the samples do not suffice for a verdict, if they do not.
pub(super) fn enough(experiment: &Id, evidence: &Evidence, quick: bool) -> Option<String> {
    let mode = usize::from(quick);
    let least = match experiment.question() {
        "creation" => LEAST_PAIRS_CREATION[mode],
        _ if contention::is_drill(experiment) => LEAST_PAIRS_DRILL[mode],
        "servers" => LEAST_PAIRS_SERVERS[mode],
        question if together(question) => LEAST_PAIRS_TOGETHER[mode],
        _ => LEAST_PAIRS[mode],
    };
    let most_discarded = match experiment.question() == Question::Servers.name() {
        true => MOST_DISCARDED_SERVERS,
        false => MOST_DISCARDED,
    };
    let share = evidence.discarded_share();
    if share > most_discarded {
        return Some(format!(
            "environment too noisy: {:.0} % of the pairs discarded",
            share * 100.0
        ));
    }
    let (launches, pairs) = (evidence.launches, evidence.pairs);
    let least_pairs = (least as f64 * (1.0 - most_discarded)) as usize;
    let few = launches < LEAST_LAUNCHES[mode] || pairs < least_pairs;
    few.then(|| format!("too few samples: {launches} launches, {pairs} pairs"))
}
