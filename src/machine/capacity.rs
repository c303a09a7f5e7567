//! How many pages the TLB holds, as far as the cost of walks shows it.

use super::curve::{Curve, FIRST_LEVEL_WITHIN, Point};
use crate::record::{Check, CheckOutcome, Value};
use crate::stats;

/// A cost of this many times the second level's is no longer its own.
const SECOND_LEVEL_WITHIN: f64 = 1.5;

pub(super) const ID: &str = "tlb-capacity";

/// How many base pages the levels of the TLB hold, as far as a walk shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Levels {
    /// The most pages that cost as little as the fewest.
    first: u32,
    /// The second level: the most pages that it still holds, the next size that was walked, and
    /// what it costs beyond the caches, cycles.
    second: Option<(u32, Option<u32>, f64)>,
}

/// The levels of a curve. By what translations cost beyond the caches: these have edges of their
/// own, the first of them near that of a TLB's first level.
fn levels(points: &[Point]) -> Option<Levels> {
    let least = points.iter().map(Point::base_excess).min_by(f64::total_cmp)?;
    let within = |point: &&Point| point.base_excess() <= least + FIRST_LEVEL_WITHIN;
    let first = points.iter().take_while(within).last()?.pages;
    // Near the first level, where the second is not full yet.
    let near = points.iter().filter(|point| (first + 1..=first * 4).contains(&point.pages));
    let excesses: Vec<f64> = near.map(Point::base_excess).collect();
    let Some(plateau) = stats::median(&excesses) else {
        return Some(Levels { first, second: None });
    };
    // The last size that fits, not the first that does not: pages that meet in few sets of a cache
    // make a bump long before.
    let fits = |point: &Point| point.base <= SECOND_LEVEL_WITHIN * (point.dense + plateau);
    let end = points.iter().rposition(fits)?;
    let beyond = points.get(end + 1).map(|point| point.pages);
    Some(Levels { first, second: Some((points[end].pages, beyond, plateau)) })
}

/// How many base pages the TLB holds, estimated.
pub(super) fn check(curve: &Curve) -> Check {
    let Some(levels) = levels(&curve.points) else {
        let reason = format!("the costs show no levels; {}", curve.shown());
        return Check::not_measurable(ID, "pages", reason);
    };
    let size = Value::Bytes(curve.page_bytes);
    let (pages, words) = match levels.second {
        None => (levels.first, format!("a walk of {} pages still costs the least", levels.first)),
        Some((second, beyond, cycles)) => {
            let end = match beyond {
                Some(beyond) => format!("{second}, and fewer than {beyond}"),
                None => format!("at least {second}"),
            };
            let first = levels.first;
            let about = if first == curve.points[0].pages { "at most" } else { "about" };
            let words = format!(
                "the first level of the TLB holds {about} {first} pages of {size}, and the second, \
                 at {cycles:.1} cycles more, {end}"
            );
            (second, words)
        }
    };
    let detail = format!("estimated from the costs of walks: {words}");
    Check::figure(ID, f64::from(pages), "pages", CheckOutcome::Informative, detail)
}

#[cfg(test)]
mod tests {
    use super::super::curve::made_up::{flat, split};
    use super::*;

    #[test]
    fn levels_end_where_costs_rise() {
        // The bump at 512 pages is the cache's.
        let zen = Levels { first: 72, second: Some((2048, Some(3072), 7.0)) };
        assert_eq!(levels(&split().points), Some(zen));
        let check = check(&split());
        assert_eq!(check.figure, Some(2048.0));
        assert!(check.detail.starts_with("estimated"), "{check:?}");
        assert!(check.detail.contains("about 72 pages of 4 KiB"), "{check:?}");
        assert!(check.detail.contains("2048, and fewer than 3072"), "{check:?}");
    }

    #[test]
    fn levels_that_do_not_end_are_bounds() {
        assert_eq!(levels(&flat().points), Some(Levels { first: 4096, second: None }));
        let mut curve = split();
        curve.points.truncate(8);
        assert!(check(&curve).detail.ends_with("at least 2048"), "{:?}", check(&curve));
        curve.points.drain(..2);
        assert!(check(&curve).detail.contains("at most 72"), "{:?}", check(&curve));
        assert_eq!(levels(&[]), None);
    }
}
