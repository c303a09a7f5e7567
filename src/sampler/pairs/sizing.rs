//! How many operations make a batch.

use crate::lab::Batch;
use crate::plan::Protocol;
use crate::record::{Half, Result};
use crate::stats;

/// A size stands once a batch of at least this share of it was tried. A shorter one says little:
/// too much of it is what each batch costs whatever its length, such as waking the actors.
const TRIED_SHARE: u64 = 2;
/// Most trials of operations of unknown length.
const TRIALS: u32 = 6;
/// A batch of a smaller share of the aimed length than this shows that its size is wrong: what
/// disturbs a batch makes it longer, never shorter.
const SHORT_SHARE: u64 = 4;

/// Warms a fresh lab up by a batch that is not kept, and says how many operations make a batch as
/// long as the protocol wants: as many as the last launch found. Else by two batches at least, each
/// as long as those before it say, until one is of about that length. What disturbs a batch makes
/// it longer, so the fastest so far is believed: one interrupted batch sizes nothing.
pub(super) fn batch_size(
    mut batch: impl FnMut(u64, u64) -> Result<Batch>,
    protocol: &Protocol,
    known: Option<u64>,
) -> Result<u64> {
    if let Some(size) = known {
        batch(protocol.discarded_ops, protocol.discarded_ops.max(1))?;
        return Ok(size);
    }
    let mut fastest = batch(protocol.discarded_ops, protocol.least_ops)?.half.ns_per_op();
    let mut size = fitting(fastest.max(0.1), protocol);
    for _ in 1..TRIALS {
        let tried = batch(protocol.discarded_ops, size)?.half;
        fastest = fastest.min(tried.ns_per_op());
        size = fitting(fastest.max(0.1), protocol);
        if tried.ops >= size / TRIED_SHARE {
            break;
        }
    }
    Ok(size)
}

/// The size of the batches that follow this one: larger where it was much too short, as after
/// trials that the host has stopped one after the other.
pub(super) fn grown(size: u64, half: &Half, protocol: &Protocol) -> u64 {
    match half.elapsed_ns < protocol.batch_ns / SHORT_SHARE {
        true => fitting(half.ns_per_op().max(0.1), protocol).max(size),
        false => size,
    }
}

/// The same by the batches of a launch: more exactly than by a trial. `None` without one.
pub(super) fn measured_size(halves: &[Half], protocol: &Protocol) -> Option<u64> {
    let times: Vec<f64> = halves.iter().map(Half::ns_per_op).collect();
    stats::median(&times).map(|ns_per_op| fitting(ns_per_op.max(0.1), protocol))
}

/// As long as wanted and no fewer operations than wanted; but of operations that are too long for
/// that, as many as the longest batch holds.
pub(super) fn fitting(ns_per_op: f64, protocol: &Protocol) -> u64 {
    let aimed = (protocol.batch_ns as f64 / ns_per_op).ceil() as u64;
    let most = ((protocol.longest_ns as f64 / ns_per_op) as u64).max(1);
    aimed.max(protocol.least_ops).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Grid;
    use crate::question;
    use crate::question::servers::plan as servers;
    use crate::question::servers::plan::Race;
    use crate::record::Policy;

    #[test]
    fn a_batch_is_as_long_as_wanted_and_never_too_long() {
        let experiment = &question::experiments(Policy::Other, Grid::Default)[0];
        let protocol = Protocol { least_ops: 4, batch_ns: 400_000, ..experiment.protocol };
        let sizes = [1e3, 1e5, 1e6, 4e6, 2e7].map(|ns| fitting(ns, &protocol));
        assert_eq!(sizes, [400, 4, 4, 2, 1]);
        // The next launch's batches are as long as wanted by this launch's median.
        let half = |ns: u64| Half { ops: 10, elapsed_ns: 10 * ns, ..Half::default() };
        let halves = [half(900_000), half(1_000), half(1_000)];
        assert_eq!(measured_size(&halves, &protocol), Some(400));
        assert_eq!(measured_size(&[], &protocol), None);
    }

    #[test]
    fn what_each_batch_costs_is_not_taken_for_operations() {
        let experiment = &question::experiments(Policy::Other, Grid::Default)[0];
        let (discarded_ops, least_ops, batch_ns) = (2, 4, 1_000_000);
        let protocol = Protocol { discarded_ops, least_ops, batch_ns, ..experiment.protocol };
        // Actors are woken in 100 µs, and an operation takes 3 ns.
        let mut asked = Vec::new();
        let mut batch = |_, ops: u64| {
            asked.push(ops);
            let half = Half { ops, elapsed_ns: 100_000 + 3 * ops, ..Half::default() };
            Ok(Batch { half, readings: Vec::new() })
        };
        assert_eq!(batch_size(&mut batch, &protocol, Some(7)), Ok(7));
        let found = batch_size(&mut batch, &protocol, None).unwrap();
        assert!((100_000..330_000).contains(&found), "{found} operations");
        assert_eq!(asked, [2, 4, 40, 400, 3_953, 35_340, 171_537]);
    }

    #[test]
    fn a_batch_that_was_interrupted_sizes_nothing() {
        let experiment = &question::experiments(Policy::Other, Grid::Default)[0];
        let (least_ops, batch_ns) = (4, 1_000_000);
        let protocol = Protocol { least_ops, batch_ns, ..experiment.protocol };
        // Whichever trial it is that the host stops for 4 ms, an operation takes 2 µs.
        for stopped in 0..3 {
            let mut trials = 0;
            let found = batch_size(
                |_, ops| {
                    let pause = if trials == stopped { 4_000_000 } else { 0 };
                    trials += 1;
                    let half = Half { ops, elapsed_ns: pause + 2_000 * ops, ..Half::default() };
                    Ok(Batch { half, readings: Vec::new() })
                },
                &protocol,
                None,
            );
            assert_eq!(found, Ok(500), "trial {stopped} was stopped");
        }
    }

    #[test]
    fn batches_that_are_much_too_short_grow_within_a_launch() {
        let experiment = &question::experiments(Policy::Other, Grid::Default)[0];
        let (least_ops, batch_ns) = (4, 1_000_000);
        let protocol = Protocol { least_ops, batch_ns, ..experiment.protocol };
        let half = |ops, elapsed_ns| Half { ops, elapsed_ns, ..Half::default() };
        // Seven operations of 3 ns in 800 ns, most of which is what each batch costs.
        assert_eq!(grown(7, &half(7, 800), &protocol), 8_750);
        assert_eq!(grown(8_750, &half(8_750, 27_000), &protocol), 324_075);
        // Long enough, or as long as they may be: they stay.
        assert_eq!(grown(90_000, &half(90_000, 270_000), &protocol), 90_000);
        assert_eq!(grown(324_075, &half(324_075, 9_000_000), &protocol), 324_075);
        let longest = Protocol { longest_ns: 10_000, ..protocol };
        assert_eq!(grown(20, &half(20, 10_000), &longest), 20);
    }

    #[test]
    fn a_batch_of_requests_has_many_of_each_connection_unless_they_take_too_long() {
        let plan = question::experiments(Policy::Other, Grid::Default);
        let of = |connections| {
            let id = servers::race(Race::Threads, connections, 0);
            plan.iter().find(|e| e.id == id).expect("it is in the plan").protocol
        };
        // 10 ms of few connections; twelve requests of each of many, but no more than 200 ms.
        assert_eq!(fitting(20e3, &of(1)), 500);
        assert_eq!(fitting(20e3, &of(32)), 500);
        assert_eq!(fitting(40e3, &of(32)), 384);
        assert_eq!(fitting(20e3, &of(128)), 1_536);
        assert_eq!(fitting(90e3, &of(128)), 1_536);
        assert_eq!(fitting(200e3, &of(128)), 1_000);
    }
}
