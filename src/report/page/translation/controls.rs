//! What should flush nothing, or little, in place of the forced flush.

use super::View;
use crate::claim::Unit;
use crate::question::tlb::plan::Without;
use crate::question::tlb::share::{FLUSHED, KEPT};
use crate::report::html::{escape, paragraph, table, text};
use crate::stats::Interval;

pub(super) fn html(view: &View) -> String {
    let controls = &view.translation.controls;
    if controls.is_empty() {
        return String::new();
    }
    let row = |(without, pages, found): &(Without, u32, Interval)| {
        let (done, expected) = words(*without);
        vec![
            escape(done),
            pages.to_string(),
            escape(&Unit::Share.format_interval(*found)),
            expected.to_owned(),
            text("b", "", outcome(*without, *found)),
        ]
    };
    let rows: Vec<Vec<String>> = controls.iter().map(row).collect();
    let head =
        ["In place of the flush", "#Pages", "=\u{3c6} (95 % interval)", "Should be", "Found"];
    table(&head, &rows) + &paragraph("", &single_pages(controls))
}

/// What is done, and what it should show.
fn words(without: Without) -> (&'static str, &'static str) {
    match without {
        Without::EightPages => (
            "rights of 8 written pages change",
            "about 0 where single pages are dropped, near 1 where each drop flushes all",
        ),
        Without::Untouched => ("the same calls on 64 pages never touched", "about 0"),
        Without::Membarrier => ("membarrier, which synchronises cores", "about 0"),
        Without::Yield => ("sched_yield to nobody", "about 0"),
    }
}

fn outcome(without: Without, found: Interval) -> &'static str {
    match (without, found.high <= KEPT, found.low >= FLUSHED, found.low > KEPT) {
        (Without::EightPages, true, _, _) => "single pages are dropped",
        (Without::EightPages, _, true, _) => "every single-page flush acts as a full one",
        (Without::EightPages, _, _, _) => "neither",
        (_, true, _, _) => "as it should be",
        (_, _, _, true) => "not as it should be",
        _ => "undecided",
    }
}

/// Whether the machine drops single pages: it decides what a flush of a few pages is good for.
fn single_pages(controls: &[(Without, u32, Interval)]) -> String {
    let eight: Vec<Interval> = controls
        .iter()
        .filter(|(without, _, _)| *without == Without::EightPages)
        .map(|(_, _, found)| *found)
        .collect();
    if eight.is_empty() {
        return "Whether this machine drops single pages was not tried.".to_owned();
    }
    if eight.iter().all(|found| found.high <= KEPT) {
        return "This machine drops single pages from the TLB and leaves the rest: a flush of a \
                few pages is a valid negative control here."
            .to_owned();
    }
    if eight.iter().all(|found| found.low >= FLUSHED) {
        return "On this machine every single-page flush acts as a full one (the host splits \
                pages): a flush of a few pages is no negative control here, the other three are."
            .to_owned();
    }
    "Whether this machine drops single pages or flushes all is not settled: the refill after it \
     lies between."
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eight(low: f64, high: f64) -> String {
        let found = Interval { estimate: (low + high) / 2.0, low, high };
        single_pages(&[(Without::EightPages, 16, found)])
    }

    #[test]
    fn it_is_said_whether_single_pages_are_dropped() {
        assert!(eight(0.02, 0.06).starts_with("This machine drops single pages"));
        assert!(eight(0.95, 1.05).contains("acts as a full one (the host splits pages)"));
        assert!(eight(0.4, 0.6).contains("not settled"));
        assert!(single_pages(&[]).contains("was not tried"));
    }

    #[test]
    fn what_must_flush_nothing_is_called_out_where_it_does() {
        let found = |low, high| Interval { estimate: low, low, high };
        assert_eq!(outcome(Without::Yield, found(-0.01, 0.02)), "as it should be");
        assert_eq!(outcome(Without::Yield, found(0.5, 0.6)), "not as it should be");
        assert_eq!(outcome(Without::Yield, found(0.2, 0.6)), "undecided");
    }
}
