//! How far the TLB reaches, and whether huge pages take its effects away: only then are they a
//! control of them.
//!
//! A host that backs its guest by base pages splits the guest's huge pages in the TLB: they reach
//! no further then, and "the effect stays on huge pages" would say nothing.

use super::capacity;
use super::curve::{self, Curve, FIRST_LEVEL_WITHIN, Point};
use crate::proc::Found;
use crate::record::{Check, CheckOutcome, Value};

/// Pages of which the decision is made, or more: far beyond the first level of every TLB.
const DECIDING_PAGES: u32 = 1024;

/// Base pages have to cost this many cycles more than the caches alone: the least that a second
/// level of a TLB takes.
const EXCESS_LEAST: f64 = 5.0;

/// Below this share of what base pages cost beyond the caches, huge pages are a control.
const CONTROL_SHARE: f64 = 0.6;

const REACH: &str = "tlb-reach";

/// The checks of the TLB: under half a second when `quick`, under one and a half otherwise. `core`
/// is the check of the core's frequency, `step` that of the clock's resolution.
pub(super) fn checks(quick: bool, core: &Check, step: &Check) -> [Check; 2] {
    let walked = frequency(core).and_then(|ghz| {
        let step_ns = step.figure.ok_or_else(|| step.detail.clone())?;
        curve::measure(quick, ghz, step_ns)
    });
    match walked {
        Ok(curve) => [reach(&curve), capacity::check(&curve)],
        Err(reason) => [
            Check::not_measurable(REACH, "", reason.clone()),
            Check::not_measurable(capacity::ID, "pages", reason),
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
            curve.shown()
        ));
    };
    let huge = point.huge_excess().ok_or("no huge page was walked")?;
    if huge < -FIRST_LEVEL_WITHIN {
        return Err(format!(
            "the walks were disturbed: {} pages cost {:.1} cycles a load less in huge pages than \
             lines next to each other do; {}",
            point.pages,
            -huge,
            curve.shown()
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
        curve.shown(),
    );
    let outcome = if control { CheckOutcome::Passed } else { CheckOutcome::Informative };
    Check::figure(REACH, share, "", outcome, detail)
}

#[cfg(test)]
mod tests {
    use super::super::curve::made_up::{curve, flat, split};
    use super::*;

    /// The same without a host.
    fn whole() -> Curve {
        let mut curve = split();
        for point in &mut curve.points {
            point.huge = Some(point.dense + 0.1);
        }
        curve
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
        assert_eq!(capacity::check(&curve).figure, Some(2048.0));
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
