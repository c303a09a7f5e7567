//! How figures are written: three significant digits and a unit.

use crate::stats::Interval;

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
const GIB: f64 = 1024.0 * MIB;
const TIB: f64 = 1024.0 * GIB;
const PIB: f64 = 1024.0 * TIB;

/// From here on a time is told in minutes, and from there in hours; nanoseconds.
const HUNDRED_S: f64 = 1e11;
const HUNDRED_MINUTES: f64 = 6e12;

/// How a figure is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds, shown with a fitting prefix.
    Nanoseconds,
    /// A ratio, shown with ×.
    Times,
    /// Core cycles.
    Cycles,
    /// A share of one, without a unit.
    Share,
    /// Misses per page.
    MissesPerPage,
    /// Bytes, shown with a fitting binary prefix.
    Bytes,
    /// Bytes per second, shown with a fitting binary prefix.
    BytesPerSecond,
    /// How many per second, shown with a fitting prefix.
    PerSecond,
}

impl Unit {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "ns",
            Unit::Times => "ratio",
            Unit::Cycles => "cycles",
            Unit::Share => "share",
            Unit::MissesPerPage => "misses per page",
            Unit::Bytes => "bytes",
            Unit::BytesPerSecond => "bytes/s",
            Unit::PerSecond => "1/s",
        }
    }

    /// Divisor and name that fit a value of this size.
    pub(super) fn scale(self, value: f64) -> (f64, &'static str) {
        match self {
            Unit::Times => (1.0, "×"),
            Unit::Cycles => (1.0, " cycles"),
            Unit::Share => (1.0, ""),
            Unit::MissesPerPage => (1.0, " misses"),
            Unit::Bytes if value.abs() >= PIB => (PIB, " PiB"),
            Unit::Bytes if value.abs() >= TIB => (TIB, " TiB"),
            Unit::Bytes if value.abs() >= GIB => (GIB, " GiB"),
            Unit::Bytes if value.abs() >= MIB => (MIB, " MiB"),
            Unit::Bytes if value.abs() >= KIB => (KIB, " KiB"),
            Unit::Bytes => (1.0, " B"),
            Unit::BytesPerSecond if value.abs() >= GIB => (GIB, " GiB/s"),
            Unit::BytesPerSecond if value.abs() >= MIB => (MIB, " MiB/s"),
            Unit::BytesPerSecond if value.abs() >= KIB => (KIB, " KiB/s"),
            Unit::BytesPerSecond => (1.0, " B/s"),
            Unit::PerSecond if value.abs() >= 1e6 => (1e6, " M/s"),
            Unit::PerSecond if value.abs() >= 1e3 => (1e3, " k/s"),
            Unit::PerSecond => (1.0, "/s"),
            Unit::Nanoseconds if value.abs() >= HUNDRED_MINUTES => (36.0 * HUNDRED_S, " h"),
            Unit::Nanoseconds if value.abs() >= HUNDRED_S => (0.6 * HUNDRED_S, " min"),
            Unit::Nanoseconds if value.abs() >= 1e9 => (1e9, " s"),
            Unit::Nanoseconds if value.abs() >= 1e6 => (1e6, " ms"),
            Unit::Nanoseconds if value.abs() >= 1e3 => (1e3, " µs"),
            Unit::Nanoseconds => (1.0, " ns"),
        }
    }

    /// The value with its unit.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        let (divisor, name) = self.scale(value);
        format!("{}{name}", significant(value / divisor))
    }

    /// The estimate and, in brackets, its interval, all in one unit, as a rule the estimate's:
    /// `5.23× [5.10, 5.31]`.
    #[must_use]
    pub fn format_interval(self, interval: Interval) -> String {
        let (divisor, name) = self.scale(telling(interval, FAR));
        let Interval { estimate, low, high } = interval;
        let [estimate, low, high] = [estimate, low, high].map(|v| significant(v / divisor));
        format!("{estimate}{name} [{low}, {high}]")
    }
}

/// What tells the unit of an interval: its estimate, unless an edge is so many times it.
pub(super) fn telling(interval: Interval, far: f64) -> f64 {
    let Interval { estimate, low, high } = interval;
    let widest = low.abs().max(high.abs());
    if estimate.abs() * far > widest { estimate } else { widest }
}

/// An edge that is this many times the estimate has a unit of its own.
const FAR: f64 = 1e4;

/// Three significant digits, never in exponent form.
#[must_use]
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from(2 - magnitude).unwrap_or(0).min(9);
    let text = format!("{value:.decimals$}");
    // Rounding can carry into another digit: 9.996 is 10.0, not 10.00.
    match text.parse::<f64>().map(|rounded| rounded.abs().log10().floor() as i32) {
        Ok(carried) if carried > magnitude && decimals > 0 => format!("{value:.*}", decimals - 1),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_whatever_the_size() {
        let shown =
            [0.012_345, 1.2345, 12.345, 123.45, 1234.5, 9.996, 99.96, -1.5, 0.0].map(significant);
        assert_eq!(shown, ["0.0123", "1.23", "12.3", "123", "1234", "10.0", "100", "-1.50", "0"]);
    }

    #[test]
    fn times_pick_their_prefix_and_an_interval_keeps_it() {
        assert_eq!(Unit::Nanoseconds.format(999.0), "999 ns");
        assert_eq!(Unit::Nanoseconds.format(54_321.0), "54.3 µs");
        let long = [99e9, 150e9, 11_037e9].map(|ns| Unit::Nanoseconds.format(ns));
        assert_eq!(long, ["99.0 s", "2.50 min", "3.07 h"]);
        assert_eq!(Unit::Bytes.format(35_635.0), "34.8 KiB");
        assert_eq!(Unit::BytesPerSecond.format(1.5e9), "1.40 GiB/s");
        let rates = [1.254e6, 254_321.0, 123.0].map(|rate| Unit::PerSecond.format(rate));
        assert_eq!(rates, ["1.25 M/s", "254 k/s", "123/s"]);
        let interval = Interval { estimate: 1.1e6, low: 0.9e6, high: 1.2e6 };
        assert_eq!(Unit::Nanoseconds.format_interval(interval), "1.10 ms [0.900, 1.20]");
        let from_nothing = Interval { estimate: 0.0, low: 0.0, high: 4_985_884.0 };
        assert_eq!(Unit::Nanoseconds.format_interval(from_nothing), "0 ms [0, 4.99]");
        let nothing = Interval { estimate: 0.0, low: 0.0, high: 0.0 };
        assert_eq!(Unit::Nanoseconds.format_interval(nothing), "0 ns [0, 0]");
    }
}
