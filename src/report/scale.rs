//! From a figure to a place on an axis, and the figures that the axis names.

use crate::claim::Unit;

/// Most ticks with a label: more would run into each other on a narrow page.
const MOST_TICKS: usize = 6;
/// Share of the span that is left free at either end.
const MARGIN: f64 = 0.06;

/// An axis from 0 % to 100 % of the width.
#[derive(Debug)]
pub(super) struct Scale {
    logarithmic: bool,
    /// The ends, as logarithms to base ten where the axis is logarithmic.
    low: f64,
    high: f64,
}

impl Scale {
    /// The axis that shows all `values` with some room around them.
    pub(super) fn fitting(logarithmic: bool, values: &[f64]) -> Self {
        let place = |value: &f64| if logarithmic { value.log10() } else { *value };
        let places = || values.iter().map(place).filter(|place| place.is_finite());
        let low = places().reduce(f64::min).unwrap_or(0.0);
        let high = places().reduce(f64::max).unwrap_or(1.0);
        let room = if high > low { (high - low) * MARGIN } else { 0.5 };
        Scale { logarithmic, low: low - room, high: high + room }
    }

    /// Place of a value, in percent of the width. What lies beyond the axis is put at its end.
    pub(super) fn percent(&self, value: f64) -> f64 {
        let place = if self.logarithmic { value.log10() } else { value };
        ((place - self.low) / (self.high - self.low) * 100.0).clamp(0.0, 100.0)
    }

    /// Round values along the axis, as many as have room for a label.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.logarithmic { self.decades() } else { self.steps() }
    }

    fn decades(&self) -> Vec<f64> {
        let decades = || (self.low.floor() as i32)..=(self.high.ceil() as i32);
        let inside = |value: &f64| (self.low..=self.high).contains(&value.log10());
        let fine = |digits: &[f64]| -> Vec<f64> {
            decades()
                .flat_map(|d| digits.iter().map(move |m| m * power(d)))
                .filter(inside)
                .collect()
        };
        let coarse = |every: i32| -> Vec<f64> {
            decades().filter(|d| d.rem_euclid(every) == 0).map(power).filter(inside).collect()
        };
        [fine(&[1.0, 2.0, 5.0]), fine(&[1.0, 3.0]), fine(&[1.0]), coarse(2)]
            .into_iter()
            .find(|ticks| ticks.len() <= MOST_TICKS)
            .unwrap_or_else(|| coarse(3))
    }

    fn steps(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / MOST_TICKS as f64;
        let magnitude = power(rough.log10().floor() as i32);
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|digit| digit * magnitude)
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step).floor() as i64;
        (first..=last).take(2 * MOST_TICKS).map(|n| n as f64 * step).collect()
    }
}

/// A round value as an axis names it: ticks have no digits to be exact about.
pub(super) fn named(unit: Unit, value: f64) -> String {
    let written = unit.format(value);
    let (digits, unit_name) =
        match written.find(|c: char| !(c.is_ascii_digit() || "-.".contains(c))) {
            Some(end) => written.split_at(end),
            None => (written.as_str(), ""),
        };
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    format!("{digits}{}", if unit == Unit::Cycles { "" } else { unit_name })
}

/// A power of ten, exact where a float can hold it: `10.0.powi` of a negative exponent is not
/// always the same.
fn power(exponent: i32) -> f64 {
    if exponent < 0 { 1.0 / 10f64.powi(-exponent) } else { 10f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decade_takes_the_same_width_everywhere() {
        let scale = Scale::fitting(true, &[10.0, 100.0, 1000.0]);
        let steps = [10.0, 100.0, 1000.0].map(|v| scale.percent(v));
        assert!((steps[2] - steps[1] - (steps[1] - steps[0])).abs() < 1e-9);
        assert!(steps[0] > 5.0 && steps[2] < 95.0);
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(Scale::fitting(true, &[1.0, 5.0]).ticks(), [1.0, 2.0, 5.0]);
        assert_eq!(Scale::fitting(true, &[1e4, 1e7]).ticks(), [1e4, 1e5, 1e6, 1e7]);
        assert_eq!(
            Scale::fitting(false, &[-200.0, 2000.0]).ticks(),
            [0.0, 500.0, 1000.0, 1500.0, 2000.0]
        );
    }

    #[test]
    fn a_tick_has_the_digits_of_a_round_value_and_its_unit() {
        let times = [500.0, 1e3, 2e4, 1e6, 1e7].map(|ns| named(Unit::Nanoseconds, ns));
        assert_eq!(times, ["500 ns", "1 µs", "20 µs", "1 ms", "10 ms"]);
        assert_eq!([-200.0, 0.0, 1200.0].map(|v| named(Unit::Cycles, v)), ["-200", "0", "1200"]);
        assert_eq!([0.25, 0.5, 1.0].map(|v| named(Unit::Share, v)), ["0.25", "0.5", "1"]);
    }

    #[test]
    fn one_value_and_none_still_make_an_axis() {
        for values in [&[5.0][..], &[], &[0.0]] {
            for logarithmic in [true, false] {
                let scale = Scale::fitting(logarithmic, values);
                assert!(scale.percent(5.0).is_finite());
                assert!(scale.ticks().len() <= 12);
            }
        }
    }
}
