//! Numbers as a sentence says them: two significant digits, a fitting unit, thousands told apart.

use super::Unit;
use super::unit::telling;
use crate::stats::Interval;

/// An edge that is this many times the estimate has a unit of its own.
const FAR: f64 = 100.0;

/// Figures in as few characters as a reader needs.
pub trait Brief {
    /// Two significant digits and the unit: `120 µs`, `5.3×`, `35 KiB`, `1,700 cycles`.
    fn brief(self, value: f64) -> String;

    /// The estimate and, in brackets, its interval, all in one unit: `1.5 ms [1.2, 1.9]`.
    fn brief_interval(self, interval: Interval) -> String;
}

impl Brief for Unit {
    fn brief(self, value: f64) -> String {
        // What rounds up to a thousand has the next unit.
        let rounded = rounded(value, 2);
        let (divisor, name) = self.scale(rounded);
        match self {
            Unit::Times => times(value),
            Unit::Bytes => format!("{}{name}", grouped(in_bytes(value / divisor))),
            _ => format!("{}{name}", two_digits(value / divisor)),
        }
    }

    fn brief_interval(self, interval: Interval) -> String {
        let (divisor, name) = self.scale(rounded(telling(interval, FAR), 2));
        let figure = |value: f64| match self {
            Unit::Bytes => grouped(in_bytes(value / divisor)),
            _ => two_digits(value / divisor),
        };
        let Interval { estimate, low, high } = interval;
        format!("{}{name} [{}, {}]", figure(estimate), figure(low), figure(high))
    }
}

/// Memory is told in whole units from ten on.
fn in_bytes(value: f64) -> String {
    match value.abs() {
        size if size >= 9.95 => format!("{value:.0}"),
        _ => trimmed(format!("{value:.1}")),
    }
}

fn rounded(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = value.abs().log10().floor() as i32;
    match digits - 1 - exponent {
        // Powers of ten are exact as multiples, not as fractions.
        places @ 1.. => (value * 10_f64.powi(places)).round() / 10_f64.powi(places),
        places => (value / 10_f64.powi(-places)).round() * 10_f64.powi(-places),
    }
}

/// `0.17`, `1.0`, `5.3`, `29`, `1,400`.
#[must_use]
pub fn two_digits(value: f64) -> String {
    let rounded = rounded(value, 2);
    match rounded.abs() {
        size if size >= 9.95 => grouped(format!("{rounded:.0}")),
        size if size >= 0.995 => format!("{rounded:.1}"),
        size if size >= 0.0995 => format!("{rounded:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{rounded:.3}"),
    }
}

/// A ratio within a tenth of 1 keeps two decimals, as `1.04×`: its distance from 1 is what counts.
#[must_use]
pub fn times(ratio: f64) -> String {
    match (ratio - 1.0).abs() < 0.1 {
        true => format!("{ratio:.2}×"),
        false => format!("{}×", two_digits(ratio)),
    }
}

/// `12,345` for 12345.
#[must_use]
pub fn grouped(number: String) -> String {
    let (whole, rest) = match number.split_once('.') {
        Some((whole, rest)) => (whole.to_owned(), format!(".{rest}")),
        None => (number, String::new()),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole.as_str()),
    };
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}{rest}")
}

fn trimmed(number: String) -> String {
    number.strip_suffix(".0").map_or(number.clone(), str::to_owned)
}

/// Small numbers of things as words: `seven`.
#[must_use]
pub fn counted(number: u32) -> String {
    const WORDS: [&str; 13] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS.get(number as usize).map_or(grouped(number.to_string()), |word| (*word).to_owned())
}

/// `7th`, as a word up to the twelfth.
#[must_use]
pub fn ordinal(number: u32) -> String {
    const WORDS: [&str; 13] = [
        "", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
        "tenth", "eleventh", "twelfth",
    ];
    WORDS.get(number as usize).map_or(format!("{number}th"), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_two_digits_and_its_unit() {
        for (unit, value, said) in [
            (Unit::Nanoseconds, 118_926.0, "120 µs"),
            (Unit::Nanoseconds, 18_900.0, "19 µs"),
            (Unit::Nanoseconds, 999_900.0, "1.0 ms"),
            (Unit::Nanoseconds, 1_000_000.0, "1.0 ms"),
            (Unit::Nanoseconds, 32_837_650.0, "33 ms"),
            (Unit::Nanoseconds, 0.45, "0.45 ns"),
            (Unit::Times, 1425.3, "1,400×"),
            (Unit::Times, 6.29, "6.3×"),
            (Unit::Cycles, 1_628.0, "1,600 cycles"),
            (Unit::Bytes, 35_651.0, "35 KiB"),
            (Unit::Bytes, 8_393_023.0, "8 MiB"),
            (Unit::Bytes, 1_587.0, "1.5 KiB"),
            (Unit::PerSecond, 186_300.0, "190 k/s"),
        ] {
            assert_eq!(unit.brief(value), said);
        }
    }

    #[test]
    fn an_interval_has_one_unit() {
        let interval = Interval { estimate: 1.63e6, low: -0.904e6, high: 12.07e6 };
        assert_eq!(Unit::Nanoseconds.brief_interval(interval), "1.6 ms [-0.90, 12]");
        let nothing = Interval { estimate: -860.0, low: -110e3, high: 130e3 };
        assert_eq!(Unit::Nanoseconds.brief_interval(nothing), "-0.86 µs [-110, 130]");
        let memory = Interval { estimate: 13.6e6, low: 9.4e6, high: 1.1e9 };
        assert_eq!(Unit::Bytes.brief_interval(memory), "13 MiB [9, 1,049]");
        let long = Interval { estimate: 1.1e13, low: 9e11, high: 2e13 };
        assert_eq!(Unit::Nanoseconds.brief_interval(long), "3.1 h [0.25, 5.6]");
    }

    #[test]
    fn a_ratio_near_one_says_how_near() {
        assert_eq!([1.039, 0.988, 1.1, 5.26].map(times), ["1.04×", "0.99×", "1.1×", "5.3×"]);
    }

    #[test]
    fn thousands_are_told_apart() {
        let numbers = ["1", "1000", "-1234567", "1234.5"].map(|n| grouped(n.to_owned()));
        assert_eq!(numbers, ["1", "1,000", "-1,234,567", "1,234.5"]);
    }
}
