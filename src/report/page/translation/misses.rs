//! Misses that a PMU counted beside those that follow from time.

use super::View;
use crate::claim::Unit;
use crate::question::tlb::evidence::Miss;
use crate::report::html::{escape, paragraph, table};

pub(super) fn html(view: &View) -> String {
    let misses = &view.translation.misses;
    let mut reasons: Vec<&str> =
        misses.iter().filter_map(|miss| miss.counted.as_ref().err()).map(String::as_str).collect();
    reasons.dedup();
    if misses.is_empty() {
        return paragraph("", "This run counted none.");
    }
    if let ([reason], true) = (reasons.as_slice(), misses.iter().all(|m| m.counted.is_err())) {
        return paragraph("", &format!("None were counted, at any number of actors: {reason}"));
    }
    let rows: Vec<Vec<String>> = misses.iter().map(row).collect();
    let head = ["Actors", "=Counted (95 % interval)", "=Inferred: \u{3c6}", "Do they agree?"];
    let note = "Per page touched, processes minus threads. Counted: in user mode, the slope over \
                the pages. Inferred: the refill over that after a forced flush, which misses every \
                page once. Up to 0.3 says kept, from 0.8 on flushed.";
    table(&head, &rows) + &paragraph("note", note)
}

fn row(miss: &Miss) -> Vec<String> {
    let counted = miss.counted.as_ref().ok();
    let counted = counted.map_or("-".to_owned(), |c| Unit::MissesPerPage.format_interval(*c));
    let inferred = miss.inferred.map_or("-".to_owned(), |i| Unit::Share.format_interval(i));
    let agree = match (&miss.counted, miss.inferred, miss.agree) {
        (Err(reason), _, _) => reason.clone(),
        (_, None, _) => "refill time was not measured here".to_owned(),
        (_, _, Some(true)) => "yes".to_owned(),
        (_, _, Some(false)) => "no: one says kept, the other flushed".to_owned(),
        (_, _, None) => "open: one of them says neither kept nor flushed".to_owned(),
    };
    vec![miss.actors.to_string(), escape(&counted), escape(&inferred), escape(&agree)]
}
