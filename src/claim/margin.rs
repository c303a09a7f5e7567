//! The margin d, and the comparison of an interval with a band that it widens.

use super::{Band, CellDef, CellVerdict, Claim, Estimand, significant};
use crate::plan;
use crate::stats::Interval;

/// Least margin, as a share of an edge.
const LEAST: f64 = 0.02;
/// Least margin of creation, whose bands are orders of magnitude.
const LEAST_CREATION: f64 = 0.10;

/// How far each edge of a band moves, as a share of that edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// At the lower edge.
    pub at_low: f64,
    /// At the upper edge.
    pub at_high: f64,
}

impl Margin {
    /// At least 2 % (creation 10 %), and at least the farthest that this run's A/A comparisons lie from showing
    /// nothing: `spread`, a share for times and ratios, cycles for differences.
    pub(super) fn new(claim: &Claim, def: &CellDef, spread: f64) -> Self {
        let least = match plan::question(def.experiment) {
            "creation" => LEAST_CREATION,
            _ => LEAST,
        };
        let share = |edge: f64| match def.estimand {
            Estimand::ExtraCycles => least.max(spread / edge),
            _ => least.max(spread),
        };
        Margin { at_low: share(claim.band.low), at_high: share(claim.band.high) }
    }

    /// The band with its edges moved outwards (`times` 1) or inwards (`times` -1).
    #[must_use]
    pub fn moved(self, band: Band, times: f64) -> Band {
        // An open end stays open, however wide the margin.
        let moved = |edge: f64, by: f64| if edge.is_finite() { edge * (1.0 + by) } else { edge };
        Band {
            low: moved(band.low, -times * self.at_low),
            high: moved(band.high, times * self.at_high),
        }
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
    if bounded { format!("within {}", claim.promise) } else { claim.promise.to_owned() }
}

/// Holds, fails or neither. A quick run must clear the band by the margin to hold.
pub(super) fn compare(
    claim: &Claim,
    def: &CellDef,
    figure: Interval,
    margin: Margin,
    quick: bool,
) -> (CellVerdict, String) {
    let (band, unit) = (claim.band, def.estimand.unit());
    let wide = margin.moved(band, 1.0);
    if let Some(contrary) = claim.contrary.filter(|_| wide.excludes(figure)) {
        if margin.moved(contrary, 1.0).contains(figure) {
            return (CellVerdict::Fails, format!("{}, not {}", within(contrary), claim.promise));
        }
        let part = format!("partly: neither {} nor {}", claim.promise, within(contrary));
        return (CellVerdict::Inconclusive, part);
    }
    if wide.excludes(figure) {
        let reason = match figure.high < wide.low {
            true => format!("below {}", unit.format(band.low)),
            false => format!("above {}", unit.format(band.high)),
        };
        return (CellVerdict::Fails, reason);
    }
    if quick && margin.moved(band, -1.0).contains(figure) || !quick && band.contains(figure) {
        return (CellVerdict::Holds, promised(claim));
    }
    if !quick && wide.contains(figure) {
        return (CellVerdict::Holds, format!("{} and its margin", promised(claim)));
    }
    let reason = match (band.contains(figure), figure.low < band.low) {
        (true, _) => format!("{}, but not clear of its edge by the margin", promised(claim)),
        (false, true) => format!("the interval meets the edge at {}", unit.format(band.low)),
        (false, false) => format!("the interval meets the edge at {}", unit.format(band.high)),
    };
    (CellVerdict::Inconclusive, reason)
}
