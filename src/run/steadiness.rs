//! Did the machine keep its speed while it was measured?

use crate::record::{Cell, Check, CheckOutcome, Launch};
use crate::stats;

/// How far apart the launches of one and the same work lie, from the A/A comparisons; `None`
/// without any.
///
/// Pairs take this out of ratios. Absolute times of two runs may differ by as much, whatever their
/// intervals say.
pub(super) fn steadiness(cells: &[Cell]) -> Option<Check> {
    let alike = cells.iter().filter(|cell| cell.a == cell.b);
    let spreads = alike.filter_map(|cell| {
        let times: Vec<f64> = cell.launches.iter().filter_map(median_time).collect();
        let (low, high) = (stats::quantile(&times, 0.0)?, stats::quantile(&times, 1.0)?);
        (times.len() > 1).then_some((high / low - 1.0) * 100.0)
    });
    let widest = spreads.reduce(f64::max)?;
    let detail = format!(
        "The same work took {widest:.0} % longer in the slowest launch than in the fastest. Paired \
         ratios are not affected; absolute times of two runs may differ by as much."
    );
    Some(Check::figure("steadiness", widest, "%", CheckOutcome::Informative, detail))
}

fn median_time(launch: &Launch) -> Option<f64> {
    let times: Vec<f64> = launch.pairs.iter().map(|pair| pair.a.ns_per_op()).collect();
    stats::median(&times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::arm;
    use crate::record::{Half, Id, Pair, Stop};

    fn cell(b: &str, launch_ns: &[u64]) -> Cell {
        let launches = launch_ns.iter().map(|ns| {
            let half = Half { ops: 1, elapsed_ns: *ns, ..Half::default() };
            Launch { pairs: vec![Pair { a: half, b: half, discarded: None }], ..Launch::default() }
        });
        Cell {
            id: Id::control("creation", "any"),
            a: arm("clone/thread"),
            b: arm(b),
            precision_aim: 0.03,
            launches: launches.collect(),
            stop: Stop::Planned,
        }
    }

    #[test]
    fn the_widest_spread_of_launches_of_the_same_work_counts() {
        let cells = [cell("clone/thread", &[100, 110, 105]), cell("clone/thread", &[100, 125])];
        assert_eq!(steadiness(&cells).and_then(|check| check.figure), Some(25.0));
    }

    #[test]
    fn comparisons_of_different_work_say_nothing_about_the_machine() {
        assert_eq!(steadiness(&[cell("process/fork", &[100, 200])]), None);
    }
}
