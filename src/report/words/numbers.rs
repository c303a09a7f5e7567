//! Numbers in words: counts, shares, times and bytes.

use crate::claim::{Unit, significant};

/// `1 launch`, `7 launches`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    match (count, noun.ends_with("ch")) {
        (1, _) => format!("1 {noun}"),
        (_, true) => format!("{count} {noun}es"),
        (_, false) => format!("{count} {noun}s"),
    }
}

/// A share of one, in percent.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", significant(share * 100.0))
}

/// Nanoseconds with a fitting prefix.
pub(crate) fn time(ns: f64) -> String {
    Unit::Nanoseconds.format(ns)
}

/// A count of events.
pub(crate) fn count(value: f64) -> String {
    match value.abs() {
        size if size >= 1e9 => format!("{} G", significant(value / 1e9)),
        size if size >= 1e6 => format!("{} M", significant(value / 1e6)),
        size if size >= 1e4 => format!("{} k", significant(value / 1e3)),
        _ => significant(value),
    }
}

/// The least to the most of what several launches counted, never their average: launches may
/// differ for good.
pub(crate) fn span(
    values: impl IntoIterator<Item = f64>,
    format: fn(f64) -> String,
) -> Option<String> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let [least, most] = [*values.first()?, *values.last()?].map(format);
    Some(if least == most { least } else { format!("{least} to {most}") })
}

/// Bytes in a binary unit.
pub(crate) fn bytes(count: u64) -> String {
    let value = count as f64;
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{} KiB", significant(value / 1024.0)),
        _ => format!("{} MiB", significant(value / 1_048_576.0)),
    }
}

/// Seconds as minutes and seconds.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    if whole < 60 { format!("{whole} s") } else { format!("{} min {} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn launches_are_never_averaged() {
        assert_eq!(span([1.0, 0.55, 0.55], count).as_deref(), Some("0.550 to 1.00"));
        assert_eq!(span([0.0, 0.0], count).as_deref(), Some("0"));
        assert_eq!(span([], count), None);
    }
}
