//! The margin d, and the comparison of an interval with a band that it widens.

use super::{Band, CellDef, CellVerdict, Claim, Estimand, significant};
use crate::stats::Interval;

/// How far each edge of a band moves, as a share of that edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// At the lower edge.
    pub at_low: f64,
    /// At the upper edge.
    pub at_high: f64,
}

impl Margin {
    /// At least what the question asks, and at least the farthest that this run's A/A comparisons
    /// lie from showing nothing: `spread`, a share for times and ratios, cycles for differences.
    pub(super) fn new(claim: &Claim, def: &CellDef, least: f64, spread: f64) -> Self {
        let share = |edge: f64| match def.estimand {
            Estimand::ExtraCycles => least.max(spread / edge),
            _ => least.max(spread),
        };
        Margin { at_low: share(claim.band.low), at_high: share(claim.band.high) }
    }

    /// The band with its edges moved outwards.
    #[must_use]
    pub fn moved(self, band: Band) -> Band {
        // An open end stays open, however wide the margin.
        let moved = |edge: f64, by: f64| if edge.is_finite() { edge * (1.0 + by) } else { edge };
        Band { low: moved(band.low, -self.at_low), high: moved(band.high, self.at_high) }
    }
}

/// A band in words; one of its ends may be open.
fn within(band: Band) -> String {
    match (band.low > 0.0, band.high.is_finite()) {
        (true, false) => format!("at least {}", significant(band.low)),
        (false, _) => format!("at most {}", significant(band.high)),
        (true, true) => format!("{} to {}", significant(band.low), significant(band.high)),
    }
}

/// That the promise is kept: a band has a within, a bound speaks for itself.
fn promised(claim: &Claim) -> String {
    let bounded = claim.band.low > 0.0 && claim.band.high.is_finite();
    match (bounded, claim.contrary) {
        (true, _) => format!("within {}", claim.promise),
        (false, Some(_)) => within(claim.band),
        (false, None) => claim.promise.to_owned(),
    }
}

/// Holds, fails or neither. A noisy run shows no equality: there the margin widens what does not
/// fail, but not what holds.
#[must_use]
pub fn compare(
    claim: &Claim,
    def: &CellDef,
    figure: Interval,
    margin: Margin,
) -> (CellVerdict, String) {
    let (band, unit) = (claim.band, def.estimand.unit());
    let wide = margin.moved(band);
    if let Some(contrary) = claim.contrary.filter(|_| wide.excludes(figure)) {
        if margin.moved(contrary).contains(figure) {
            return (CellVerdict::Fails, format!("{}, not {}", within(contrary), within(band)));
        }
        let part = format!("partly: neither {} nor {}", within(band), within(contrary));
        return (CellVerdict::Inconclusive, part);
    }
    if wide.excludes(figure) {
        let reason = match figure.high < wide.low {
            true => format!("below {}", unit.format(band.low)),
            false => format!("above {}", unit.format(band.high)),
        };
        return (CellVerdict::Fails, reason);
    }
    if band.contains(figure) {
        return (CellVerdict::Holds, promised(claim));
    }
    if !band.is_equality() && wide.contains(figure) {
        return (CellVerdict::Holds, format!("{}, tolerance included", promised(claim)));
    }
    let reason = match figure.low < band.low {
        _ if band.is_equality() && band.excludes(figure) => {
            format!("outside {}, but by no more than the tolerance", claim.promise)
        }
        true => format!("the interval spans the limit at {}", unit.format(band.low)),
        false => format!("the interval spans the limit at {}", unit.format(band.high)),
    };
    (CellVerdict::Inconclusive, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::CLAIMS;

    fn at(low: f64, high: f64) -> Interval {
        Interval { estimate: (low + high) / 2.0, low, high }
    }

    /// The verdict of a full run on the first cell of a claim, with A/A controls this far apart.
    fn verdict(id: &str, spread: f64, figure: Interval) -> (CellVerdict, String) {
        let claim = CLAIMS.iter().find(|claim| claim.id == id).expect("a claim");
        let def = &claim.cells[0];
        compare(claim, def, figure, Margin::new(claim, def, 0.02, spread))
    }

    #[test]
    fn a_noisy_control_makes_nothing_equal() {
        let said = |verdict, reason: &str| (verdict, reason.to_owned());
        for id in ["E5", "E6"] {
            let beyond = "outside ±3 %, but by no more than the tolerance";
            let meets = "the interval spans the limit at 1.03×";
            for (spread, figure, expected) in [
                (0.0, at(0.98, 1.029), said(CellVerdict::Holds, "within ±3 %")),
                (0.05, at(1.01, 1.04), said(CellVerdict::Inconclusive, meets)),
                (0.05, at(1.035, 1.045), said(CellVerdict::Inconclusive, beyond)),
                (0.05, at(1.07, 1.09), said(CellVerdict::Inconclusive, beyond)),
                (0.02, at(1.07, 1.09), said(CellVerdict::Fails, "above 1.03×")),
                (0.02, at(0.90, 0.94), said(CellVerdict::Fails, "below 0.970×")),
            ] {
                assert_eq!(verdict(id, spread, figure), expected, "{id} {spread} {figure:?}");
            }
        }
        // Other bands are widened for what holds too.
        assert_eq!(verdict("E2", 0.05, at(1.06, 1.09)).0, CellVerdict::Holds);
    }
}
