//! How far the TLB reaches, and whether huge pages take its effects away: only then are they a
//! control of them.
//!
//! A host that backs its guest by base pages splits the guest's huge pages in the TLB: they reach
//! no further then, and "the effect stays on huge pages" would say nothing.

use super::curve::{self, Curve, Point};
use crate::proc::Found;
use crate::record::{Check, CheckOutcome, Value};
use crate::stats;

/// Pages of which the decision is made, or more: far beyond the first level of every TLB.
const DECIDING_PAGES: u32 = 1024;

/// Base pages have to cost this many cycles more than the caches alone: the least that a second
/// level of a TLB takes.
const EXCESS_LEAST: f64 = 5.0;

/// Below this share of what base pages cost beyond the caches, huge pages are a control.
const CONTROL_SHARE: f64 = 0.6;

/// A cost within this many cycles of the least one is still the first level's.
const FIRST_LEVEL_WITHIN: f64 = 1.5;

/// A cost of this many times the second level's is no longer its own.
const SECOND_LEVEL_WITHIN: f64 = 1.5;

const REACH: &str = "tlb-reach";
const CAPACITY: &str = "tlb-capacity";

/// The checks of the TLB: under half a second when `quick`, under one and a half otherwise. `core`
/// is the check of the core's frequency, `step` that of the clock's resolution.
pub(super) fn checks(quick: bool, core: &Check, step: &Check) -> [Check; 2] {
    let walked = frequency(core).and_then(|ghz| {
        let step_ns = step.figure.ok_or_else(|| step.detail.clone())?;
        curve::measure(quick, ghz, step_ns)
    });
    match walked {
        Ok(curve) => [reach(&curve), capacity(&curve)],
        Err(reason) => [
            Check::not_measurable(REACH, "", reason.clone()),
            Check::not_measurable(CAPACITY, "pages", reason),
        ],
    }
}

/// GHz, where they can be trusted: without, nanoseconds are no cycles.
fn frequency(core: &Check) -> Found<f64> {
    match (core.outcome, core.figure) {
        (CheckOutcome::Passed, Some(ghz)) => Ok(ghz),
        _ => Err(format!("the core's cycles are unknown: {}", core.detail)),
    }
}

/// Are huge pages a control of effects of the TLB?
fn reach(curve: &Curve) -> Check {
    match decisive(curve) {
        Ok((point, base, huge)) => judge_reach(curve, point.pages, base, huge),
        Err(reason) => Check::not_measurable(REACH, "", reason),
    }
}

/// The point that decides, and what base and huge pages cost there beyond the caches, cycles.
fn decisive(curve: &Curve) -> Found<(Point, f64, f64)> {
    if let Some(reason) = &curve.no_huge {
        return Err(reason.clone());
    }
    let last = curve.points.last().map_or(0, |point| point.pages);
    let far = curve.points.iter().filter(|point| point.pages >= DECIDING_PAGES);
    let mut costly = far.filter(|point| point.base_excess() >= EXCESS_LEAST);
    let Some(point) = costly.next() else {
        let cut = curve.cut.as_ref().map_or(String::new(), |cut| format!(" ({cut})"));
        return Err(format!(
            "up to {last} pages{cut}, no walk of {DECIDING_PAGES} or more costs {EXCESS_LEAST} \
             cycles beyond the caches, so nothing is there that huge pages could take away; {}",
            shown(curve)
        ));
    };
    let huge = point.huge_excess().ok_or("no huge page was walked")?;
    if huge < -FIRST_LEVEL_WITHIN {
        return Err(format!(
            "the walks were disturbed: {} pages cost {:.1} cycles a load less in huge pages than \
             lines next to each other do; {}",
            point.pages,
            -huge,
            shown(curve)
        ));
    }
    Ok((*point, point.base_excess(), huge))
}

fn judge_reach(curve: &Curve, pages: u32, base: f64, huge: f64) -> Check {
    let share = huge / base;
    let control = share < CONTROL_SHARE;
    let meaning = match control {
        true => "huge pages are a valid control of effects of the TLB",
        false => {
            "huge pages reach hardly further, as under a host that splits them: use alias mappings \
             and CLONE_VM processes as the control of TLB effects"
        }
    };
    let detail = format!(
        "walking {pages} pages costs {base:.1} cycles a load beyond the caches in pages of {} and \
         {huge:.1} in pages of {}, and a control takes under {CONTROL_SHARE} of it: {meaning}; {}",
        Value::Bytes(curve.page_bytes),
        Value::Bytes(curve.huge_bytes),
        shown(curve),
    );
    let outcome = if control { CheckOutcome::Passed } else { CheckOutcome::Informative };
    Check::figure(REACH, share, "", outcome, detail)
}

/// The curve at the powers of two.
fn shown(curve: &Curve) -> String {
    let points = curve.points.iter().filter(|point| point.pages.is_power_of_two());
    let points: Vec<String> = points
        .map(|point| {
            let huge = point.huge.map_or("-".to_owned(), |huge| format!("{huge:.1}"));
            format!("{} pages {:.1}/{huge}/{:.1}", point.pages, point.base, point.dense)
        })
        .collect();
    let huge = match curve.no_huge {
        Some(_) => Value::Text("none".to_owned()),
        None => Value::Bytes(curve.huge_bytes),
    };
    let base = Value::Bytes(curve.page_bytes);
    format!("cycles a load, {base}/{huge}/dense: {}", points.join(", "))
}

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
fn capacity(curve: &Curve) -> Check {
    let Some(levels) = levels(&curve.points) else {
        let reason = format!("the costs show no levels; {}", shown(curve));
        return Check::not_measurable(CAPACITY, "pages", reason);
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
    Check::figure(CAPACITY, f64::from(pages), "pages", CheckOutcome::Informative, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A curve of these pages, with costs of base pages, huge pages and dense lines.
    fn curve(points: &[(u32, f64, f64, f64)]) -> Curve {
        let point = |&(pages, base, huge, dense)| Point { pages, base, huge: Some(huge), dense };
        Curve {
            points: points.iter().map(point).collect(),
            no_huge: None,
            cut: None,
            page_bytes: 4096,
            huge_bytes: 2 << 20,
        }
    }

    /// Zen 4 under a host that splits huge pages: 72 and 3,072 entries, 32 KiB of first-level
    /// cache.
    fn split() -> Curve {
        curve(&[
            (32, 5.0, 5.0, 5.0),
            (64, 5.0, 5.0, 5.0),
            (72, 5.0, 5.0, 5.0),
            (96, 12.0, 12.0, 5.0),
            (256, 12.0, 12.0, 5.0),
            (512, 19.0, 19.0, 5.1),
            (1024, 23.9, 24.2, 15.0),
            (2048, 25.1, 24.2, 15.1),
            (3072, 50.3, 41.8, 15.2),
            (4096, 70.8, 43.8, 17.2),
        ])
    }

    /// The same without a host.
    fn whole() -> Curve {
        let mut curve = split();
        for point in &mut curve.points {
            point.huge = Some(point.dense + 0.1);
        }
        curve
    }

    /// A TLB that holds all that was walked.
    fn flat() -> Curve {
        curve(&[(32, 4.0, 4.0, 4.0), (1024, 12.5, 12.4, 12.0), (4096, 16.0, 15.9, 15.0)])
    }

    #[test]
    fn huge_pages_that_reach_further_are_a_control() {
        let check = reach(&whole());
        assert_eq!(check.outcome, CheckOutcome::Passed);
        assert!(check.figure.unwrap() < 0.02, "{check:?}");
        assert!(check.detail.contains("are a valid control"), "{check:?}");
        assert!(check.detail.contains("4 KiB/2 MiB/dense: 32 pages 5.0/5.1/5.0, "), "{check:?}");
    }

    #[test]
    fn split_huge_pages_are_none_but_break_no_instrument() {
        let check = reach(&split());
        assert_eq!(check.outcome, CheckOutcome::Informative);
        assert!((check.figure.unwrap() - 9.2 / 8.9).abs() < 1e-9, "{check:?}");
        assert!(check.detail.contains("CLONE_VM processes as the control"), "{check:?}");
        assert!(check.detail.starts_with("walking 1024 pages costs 8.9"), "{check:?}");
    }

    #[test]
    fn a_share_of_six_tenths_is_too_much() {
        let decided = |huge| reach(&curve(&[(1024, 22.0, huge, 12.0)])).outcome;
        assert_eq!(decided(17.9), CheckOutcome::Passed);
        assert_eq!(decided(18.0), CheckOutcome::Informative);
    }

    #[test]
    fn the_first_walk_with_an_excess_decides() {
        let check = reach(&curve(&[
            (512, 30.0, 30.0, 5.0),
            (1024, 13.0, 13.0, 12.0),
            (2048, 19.9, 13.0, 15.0),
            (4096, 25.0, 16.0, 15.0),
        ]));
        assert!(check.detail.starts_with("walking 4096 pages"), "{check:?}");
        assert_eq!((check.figure, check.outcome), (Some(0.1), CheckOutcome::Passed));
    }

    #[test]
    fn huge_pages_cheaper_than_none_are_a_disturbance() {
        let check = reach(&curve(&[(1024, 38.7, 26.0, 33.6)]));
        assert_eq!((check.figure, check.outcome), (None, CheckOutcome::NotMeasurable));
        assert!(check.detail.contains("cost 7.6 cycles a load less"), "{check:?}");
        // A little less is the noise of two walks that cost the same.
        assert_eq!(reach(&curve(&[(1024, 38.7, 33.0, 33.6)])).outcome, CheckOutcome::Passed);
    }

    #[test]
    fn without_an_excess_there_is_nothing_to_take_away() {
        let mut curve = flat();
        let check = reach(&curve);
        assert_eq!((check.figure, check.outcome), (None, CheckOutcome::NotMeasurable));
        assert!(check.detail.starts_with("up to 4096 pages, no walk"), "{check:?}");
        curve.points.truncate(1);
        curve.cut = Some("memory is short".to_owned());
        assert!(reach(&curve).detail.starts_with("up to 32 pages (memory is short), no"));
    }

    #[test]
    fn without_huge_pages_their_absence_is_the_reason() {
        let mut curve = split();
        curve.points.iter_mut().for_each(|point| point.huge = None);
        curve.no_huge = Some("set to 'never'".to_owned());
        let check = reach(&curve);
        assert_eq!((check.figure, check.outcome), (None, CheckOutcome::NotMeasurable));
        assert_eq!(check.detail, "set to 'never'");
        assert_eq!(capacity(&curve).figure, Some(2048.0));
    }

    #[test]
    fn levels_end_where_costs_rise() {
        // The bump at 512 pages is the cache's.
        let zen = Levels { first: 72, second: Some((2048, Some(3072), 7.0)) };
        assert_eq!(levels(&split().points), Some(zen));
        let check = capacity(&split());
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
        assert!(capacity(&curve).detail.ends_with("at least 2048"), "{:?}", capacity(&curve));
        curve.points.drain(..2);
        assert!(capacity(&curve).detail.contains("at most 72"), "{:?}", capacity(&curve));
        assert_eq!(levels(&[]), None);
    }

    #[test]
    fn cycles_need_a_core_whose_clock_is_known() {
        let failed =
            Check::figure("core-frequency", 2.0, "GHz", CheckOutcome::Failed, "odd".to_owned());
        let step =
            Check::figure("clock-resolution", 1.0, "ns", CheckOutcome::Passed, String::new());
        for check in checks(true, &failed, &step) {
            assert_eq!(check.outcome, CheckOutcome::NotMeasurable);
            assert_eq!(check.detail, "the core's cycles are unknown: odd");
        }
    }
}
