//! What the runs of a probe say together.

use crate::record::{Failure, Probe, ProbeRun};
use crate::report::html::text;
use crate::report::words;
use crate::stats::{self, Interval};

/// A figure in all runs that have it.
pub(super) fn figures(probe: &Probe, what: &str) -> Vec<f64> {
    let all = probe.runs.iter().flat_map(|run| &run.seen);
    all.filter(|seen| seen.what == what).map(|seen| seen.figure).collect()
}

/// The figure that all runs agree on.
pub(super) fn same(probe: &Probe, what: &str) -> Option<f64> {
    let all = figures(probe, what);
    let first = *all.first()?;
    (all.len() == probe.runs.len() && all.iter().all(|figure| *figure == first)).then_some(first)
}

/// A count over all runs, least to most; a dash where there is none.
pub(super) fn count(probe: &Probe, what: &str) -> String {
    let whole = |figure| words::whole(figure as u64);
    words::span(figures(probe, what), whole).unwrap_or_else(|| "-".to_owned())
}

/// Nanoseconds as microseconds, the median of all runs and in brackets the least and the most.
pub(super) fn microseconds(probe: &Probe, what: &str) -> String {
    let all: Vec<f64> = figures(probe, what).iter().map(|ns| ns / 1e3).collect();
    let edge = |pick: fn(f64, f64) -> f64| all.iter().copied().reduce(pick);
    match (stats::median(&all), edge(f64::min), edge(f64::max)) {
        (Some(estimate), Some(low), Some(high)) => {
            words::bare_interval(Interval { estimate, low, high })
        }
        _ => "-".to_owned(),
    }
}

/// What every run shows, each once, in the order in which it was seen: `this or that`.
pub(super) fn each(probe: &Probe, say: impl Fn(&ProbeRun) -> String) -> String {
    let mut all: Vec<String> = Vec::new();
    for said in probe.runs.iter().map(say) {
        if !all.contains(&said) {
            all.push(said);
        }
    }
    all.join(" or ")
}

/// Why there are no runs, or no more; nothing where there are all. HTML.
pub(super) fn reason(probe: &Probe) -> String {
    let before = if probe.runs.is_empty() { "" } else { "<br>" };
    let said =
        |failure: &Failure| format!("{before}{}", text("span", "soft", &failure.to_string()));
    probe.failure.as_ref().map_or(String::new(), said)
}
